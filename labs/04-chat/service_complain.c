#include "service_complain.h"

#include "kit/clock.h"
#include "kit/log.h"

void complain(struct complaint *complaint, const char *what, const char *about, const char *why)
{
    long long now_ms = monotonic_ms(), next_ms = atomic_load(&complaint->next_ms);
    if (now_ms >= next_ms &&
        atomic_compare_exchange_strong(&complaint->next_ms, &next_ms, now_ms + COMPLAIN_MS))
        log_warn(what, LOG_TEXT("about", about), LOG_TEXT("why", why));
}
