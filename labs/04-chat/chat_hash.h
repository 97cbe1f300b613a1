/*
 * A hash of names, the same in every process and on every machine. Given, for tables and for
 * placement.
 */
#ifndef LAB04_CHAT_HASH_H
#define LAB04_CHAT_HASH_H

#include <stdint.h>

/* FNV-1a, then the finalizer of MurmurHash3, so that every bit of the result depends on every byte.
   before: 0, or the hash of what stands before the name: chat_hash(chat_hash(0, "a"), "b") is the
   hash of a pair, and another one than of ("b", "a") or ("ab", ""). */
uint64_t chat_hash(uint64_t before, const char *name);

#endif
