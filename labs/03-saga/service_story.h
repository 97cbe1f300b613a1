/*
 * What a checkout has been through, read from its log alone: the saga that is under way is not
 * asked. Given: nothing to write here.
 */
#ifndef LAB03_SERVICE_STORY_H
#define LAB03_SERVICE_STORY_H

#include "kit/store.h"
#include "kit/text.h"
#include "saga.h"

/* Writes {id, phase, cartId, customerId, coupon?, records}, and of a parked one parkedStep and
   owed: the steps that are still to be taken back, the next one first. ERR_NOT_FOUND, ERR_CORRUPT.
 */
int story_write(struct store *store, const struct saga_config *config, const char *id,
                struct text *out, struct error *err);

#endif
