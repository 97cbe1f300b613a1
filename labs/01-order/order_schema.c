/* Given: the order service's tables, in SQL that SQLite and PostgreSQL both know. */
#include "order_schema.h"

const char ORDER_SCHEMA[] =
    /* Step 2: the history. Rows are added, never changed. */
    "CREATE TABLE IF NOT EXISTS order_events ("
    "  stream TEXT NOT NULL,"    /* the order's id */
    "  version BIGINT NOT NULL," /* 1, 2, 3, ... in each stream */
    "  event_id TEXT NOT NULL UNIQUE,"
    "  type TEXT NOT NULL,"     /* order.created, ... */
    "  schema BIGINT NOT NULL," /* of the payload */
    "  at_ms BIGINT NOT NULL,"  /* wall time */
    "  payload TEXT NOT NULL,"  /* JSON, see order_events.h */
    "  PRIMARY KEY (stream, version));"

    /* Step 2: shortcuts through the history. Any row may be deleted at any time. */
    "CREATE TABLE IF NOT EXISTS order_snapshots ("
    "  stream TEXT NOT NULL,"
    "  version BIGINT NOT NULL," /* of the last event that is folded in */
    "  schema BIGINT NOT NULL,"
    "  state TEXT NOT NULL,"
    "  PRIMARY KEY (stream, version));"

    /* Step 3: each order as GET answers it now, written with its events. */
    "CREATE TABLE IF NOT EXISTS order_views ("
    "  id TEXT PRIMARY KEY,"
    "  customer_id TEXT NOT NULL,"
    "  created_at_ms BIGINT NOT NULL,"
    "  version BIGINT NOT NULL,"
    "  body TEXT NOT NULL);" /* the JSON answer */
    "CREATE INDEX IF NOT EXISTS order_views_by_customer"
    "  ON order_views (customer_id, created_at_ms, id);"

    /* Step 3: what was answered under an Idempotency-Key. The host removes rows after a day. */
    "CREATE TABLE IF NOT EXISTS order_keys ("
    "  key TEXT PRIMARY KEY,"
    "  body_sha256 TEXT NOT NULL," /* of the request */
    "  status BIGINT NOT NULL,"    /* 201 or 422 */
    "  order_id TEXT NOT NULL,"    /* '' for 422 */
    "  body TEXT NOT NULL);"       /* the JSON answer */

    /* Step 4: the consumer's memory. */
    "CREATE TABLE IF NOT EXISTS order_seen ("
    "  message_id TEXT PRIMARY KEY);"
    "CREATE TABLE IF NOT EXISTS order_counts ("
    "  topic TEXT PRIMARY KEY,"
    "  messages BIGINT NOT NULL);";
