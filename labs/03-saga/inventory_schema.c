/* Lab 03: the tables of inventory, and the shelf. Given: nothing to write here. */
#include "inventory.h"

const char INVENTORY_SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS inventory_stock ("
    " product TEXT PRIMARY KEY, on_hand INTEGER NOT NULL CHECK (on_hand >= 0),"
    " pending INTEGER NOT NULL CHECK (pending >= 0));"
    "CREATE TABLE IF NOT EXISTS inventory_keys ("
    " key TEXT PRIMARY KEY, body TEXT NOT NULL, answer INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS inventory_reservations ("
    " saga TEXT NOT NULL, product TEXT NOT NULL, quantity INTEGER NOT NULL, state TEXT NOT NULL,"
    " PRIMARY KEY (saga, product));";

int inventory_stock_up(struct db_tx *tx, const char *product, int64_t quantity, struct error *err)
{
    struct db_query *q = db_query(tx, "INSERT INTO inventory_stock (product, on_hand, pending)"
                                      " VALUES (?, ?, 0) ON CONFLICT (product)"
                                      " DO UPDATE SET on_hand = on_hand + excluded.on_hand");
    db_bind_text(q, 1, product);
    db_bind_int64(q, 2, quantity);
    return db_finish(q, err);
}

int64_t inventory_available(struct db_tx *tx, const char *product, struct error *err)
{
    struct db_query *q =
        db_query(tx, "SELECT on_hand - pending FROM inventory_stock WHERE product = ?");
    db_bind_text(q, 1, product);
    int64_t available = db_step(q) == DB_ROW ? db_column_int64(q, 0) : 0;
    int result = db_finish(q, err);
    return result < 0 ? result : available;
}
