/*
 * Lab 00, the tour: a greeting, and a door that keeps its rules.
 *
 * Everything here is solved already. Break it on purpose and read what the judge says: README.md.
 */
#ifndef TOUR_H
#define TOUR_H

#include <stdint.h>
#include "kit/text.h"

struct error;

enum { GUEST_NAME_MAX = 40 }; /* bytes */

/* Step 1. Appends "Hello, NAME!" to out. ERR_INVALID, and out unchanged, when name is empty or
   longer than GUEST_NAME_MAX. */
int tour_greet(const char *name, struct text *out, struct error *err);

/* Step 2. A door, and what can be done to it:
       CLOSED --open--> OPEN    CLOSED --lock--> LOCKED
       OPEN --close--> CLOSED   LOCKED --unlock--> CLOSED
   Every other pair of state and command is refused. */
enum door_state { DOOR_CLOSED, DOOR_OPEN, DOOR_LOCKED };
enum door_command { DOOR_DO_OPEN, DOOR_DO_CLOSE, DOOR_DO_LOCK, DOOR_DO_UNLOCK };

struct door {
    enum door_state state;
    int64_t openings;   /* how often it was opened */
    int64_t changed_ms; /* when its state changed last */
};

/* A new door is closed, was never opened, and changed now. */
void door_init(struct door *door, int64_t now_ms);

/* Does command. ERR_REFUSED, and the door as it was, when the state does not allow it. */
int door_apply(struct door *door, enum door_command command, int64_t now_ms, struct error *err);

/* Given, in tour_words.c: the words of the wire. */
const char *door_state_name(enum door_state state); /* "closed" */
/* ERR_INVALID when there is no such command. */
int door_command_parse(const char *word, enum door_command *command);

#endif
