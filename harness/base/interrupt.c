#define _GNU_SOURCE /* ppoll */
/*
 * The signals stay blocked but while the process waits, so none is missed in between.
 */
#include "base/interrupt.h"

#include <signal.h>
#include <stddef.h>

enum { SIGNALS = 3 };

static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t came;

static void on_signal(int number)
{
    came = number;
}

static void set_handlers(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    for (int i = 0; i < SIGNALS; i++)
        sigaction(numbers[i], &action, NULL);
}

static sigset_t signal_set(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < SIGNALS; i++)
        sigaddset(&set, numbers[i]);
    return set;
}

void interrupt_begin(void)
{
    sigset_t set = signal_set();
    came = 0;
    sigprocmask(SIG_BLOCK, &set, NULL);
    set_handlers(on_signal);
}

int interrupted(void)
{
    sigset_t waiting;
    sigpending(&waiting);
    for (int i = 0; i < SIGNALS && !came; i++)
        if (sigismember(&waiting, numbers[i]))
            came = numbers[i];
    return came != 0;
}

int interrupt_poll(struct pollfd *polls, nfds_t count)
{
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int i = 0; i < SIGNALS; i++)
        sigdelset(&mask, numbers[i]);
    return ppoll(polls, count, NULL, &mask);
}

void interrupt_end(void)
{
    sigset_t set = signal_set();
    sigprocmask(SIG_UNBLOCK, &set, NULL); /* the handler takes what still waits */
    set_handlers(SIG_DFL);
}
