/*
 * The records of a saga's log. Yours: how a record looks, and what it says, is for you to decide.
 *
 * Hint for the shape: an enum of kinds (started, sent, answered, compensating, parked, ...), a
 * struct with what any of them says, and a pair of functions: encode writes the payload, decode
 * reads it and refuses what encode cannot have written. Say here, byte for byte, what it looks
 * like.
 */
#ifndef LAB03_SAGA_RECORD_H
#define LAB03_SAGA_RECORD_H

#include "saga.h"

/* TODO(step 1): the kinds, the record, encode and decode. */

#endif
