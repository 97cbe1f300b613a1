/*
 * What the files of the builder share. Given.
 *
 * A declaration is written behind the last one of its kind, its names are looked up, and then
 * chat_check.h is asked. If anything is wrong it is not counted, the builder has failed, and every
 * later declaration returns at once: time and memory are bounded whatever a design does.
 */
#ifndef LAB04_CHAT_BUILD_H
#define LAB04_CHAT_BUILD_H

#include "chat_check.h"
#include "chat_design.h"
#include "chat_model.h"

struct chat_design {
    struct chat_model *model;
    struct design_place here; /* of the declaration that is being made */
    /* Where the next field goes; NULL: what was declared last has no fields. */
    struct design_field *fields;
    int *field_count;
    int result; /* of the first declaration that failed */
    struct design_place failed;
    struct error *err;
};

/* 1 when a declaration may begin: nothing has failed, and fewer than most of its kind are there. It
   is the last thing now. */
int build_begins(struct chat_design *design, const char *kind, int count, int most);
/* Keeps the failure of this declaration; 1 when result is none. */
int build_holds(struct chat_design *design, int result);
/* Copies a name, checked; 1 unless it failed. */
int build_name(struct chat_design *design, char out[DESIGN_NAME_SIZE], const char *name);

/* Places of names that were declared; ERR_INVALID, with the nearest that is known, kept in design.
   Each returns 1 unless it failed. */
int build_service(struct chat_design *design, const char *name, int *out);
/* A service, or who is outside. */
int build_party(struct chat_design *design, const char *name, int *out);
int build_entity(struct chat_design *design, const char *name, int *out);
int build_event(struct chat_design *design, const char *name, int *out);
/* A message of a hop: first the one of `service`, an event if only_events, then any message of
   `other`, then any of `service`. Whether it fits the hop is for chat_check.h to say. */
int build_message(struct chat_design *design, const char *name, int service, int only_events,
                  int other, int *out);

#endif
