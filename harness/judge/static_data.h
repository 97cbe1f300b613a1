/*
 * Design decision 3: lab code holds no writable static data.
 */
#ifndef JUDGE_STATIC_DATA_H
#define JUDGE_STATIC_DATA_H

#include "judge/run.h"
#include "kit/text.h"

struct error;

/* Appends to names each writable variable that lives as long as the program in an ELF object file,
   separated by ", ". Their number, or ERR_IO, ERR_CORRUPT with a sentence. */
int static_data_in(const char *object_path, struct text *names, struct error *err);

/* Looks into the objects of the lab's student files; a variable found is a fail that names it. */
void check_static_data(struct check_run *run);

#endif
