/*
 * A disk whose power can be cut: an SQLite VFS for tests.
 *
 * kill -9 cannot show what a power cut does, because the page cache survives it. This VFS keeps,
 * beside every file, the image that is surely on disk (what was there at the last sync) and the
 * list of writes since. At the nth write, sync or deletion the power goes: that operation and all
 * after it fail. power_loss_restore then puts into the files what a real disk could hold: the
 * image, and of each later write some of its 512-byte sectors, chosen by a seed.
 *
 *     power_loss_open(&power, "power", &err);        db_config.vfs = "power"
 *     power_loss_arm(power, 17, seed, 0);            ... write until it fails ...
 *     close every connection;  power_loss_restore(power, &err);  open again and look
 *
 * Left out: the loss of a file's name (creations and deletions are taken as durable at once), and
 * writes that damage their neighbours (SQLite's "powersafe overwrite", which it assumes as well).
 */
#ifndef PROBE_POWER_LOSS_H
#define PROBE_POWER_LOSS_H

#include <stdint.h>

struct error;
struct power_loss;

enum { POWER_LOSS_SECTOR = 512 };

/* Registers an SQLite VFS of this name over the system's. ERR_UNAVAILABLE. name is borrowed. */
int power_loss_open(struct power_loss **out, const char *name, struct error *err);
/* Every connection must be closed. NULL is allowed. */
void power_loss_close(struct power_loss *power);

/* Counts from zero again and cuts the power at operation `nth`, 1 being the next one; 0 = never.
   seed: which unsynced sectors survive; seeds that are 0 modulo 4 keep none, 1 modulo 4 all.
   lying: syncs are answered with success and keep nothing, as synchronous=OFF would. */
void power_loss_arm(struct power_loss *power, int64_t nth, uint64_t seed, int lying);
/* Writes, syncs and deletions since power_loss_arm. */
int64_t power_loss_operations(struct power_loss *power);
/* 1 from the cut until power_loss_restore. */
int power_loss_is_off(struct power_loss *power);

/* Writes what survived into the files and switches the power on, never to be cut until armed
   again. With the power still on it is cut here: what was not synced is at stake. Every
   connection must be closed. ERR_IO. */
int power_loss_restore(struct power_loss *power, struct error *err);

#endif
