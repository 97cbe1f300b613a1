/*
 * The part of lab 04's probe that lets memory run out. Given: nothing to write here.
 *
 * The probe is linked with --wrap, so calls of malloc, calloc and realloc come here, and are
 * refused while the core is called and its memory is used up.
 */
#include <stddef.h>
#include "probe_core.h"

/* The linker's names: __real_X is the library's X, __wrap_X is called in its place. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

/* How many allocations are still granted, and how many were refused: a wrapper has no context. */
static int granted = MEMORY_ENOUGH, refused;

void memory_grant(int count)
{
    granted = count;
    refused = 0;
}

int memory_refused(void)
{
    granted = MEMORY_ENOUGH;
    return refused > 0;
}

int memory_begin(const struct message *action)
{
    return core_number(action, "starve", 0) != 0 ? 0 : MEMORY_ENOUGH;
}

int memory_is_short(int result, int *grant)
{
    return memory_refused() && result == ERR_LIMIT && ++*grant < MEMORY_GRANTS;
}

/* 1 when the allocation is granted. */
static int take_one(void)
{
    if (granted == MEMORY_ENOUGH)
        return 1;
    refused += granted == 0;
    return granted > 0 && granted-- > 0;
}

void *__wrap_malloc(size_t size)
{
    return take_one() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return take_one() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
    return take_one() ? __real_realloc(old, size) : NULL;
}
