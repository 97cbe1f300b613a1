/*
 * Lab 04's pictures: what the declarations are called in them.
 */
#include "suites/04-chat/pictures.h"

#include <math.h>
#include <stdio.h>

uint32_t flow_awaited(const struct design_flow *flow)
{
    enum { OUTSIDE = -DESIGN_STORE }; /* parties below 0 */
    int waits[OUTSIDE + DESIGN_SERVICES_MAX] = {0};
    uint32_t awaited = 0;
    waits[OUTSIDE + DESIGN_CLIENT] = 1;
    waits[OUTSIDE + DESIGN_READER] = 1;
    for (int n = 0; n < flow->hop_count; n++) {
        const struct design_hop *hop = &flow->hops[n];
        if (hop->kind != DESIGN_CALL || !waits[OUTSIDE + hop->from])
            continue;
        awaited |= UINT32_C(1) << n;
        waits[OUTSIDE + hop->to] = 1;
    }
    return awaited;
}

void add_requirements(struct text *out, int requirements)
{
    int count = 0;
    for (int i = 0; i < REQUIREMENTS; i++)
        if (requirements & 1 << i)
            text_addf(out, "%s%s", count++ > 0 ? ", " : "",
                      requirement_name((enum requirement)(1 << i)));
    if (count == 0)
        text_add(out, "no requirement");
}

void add_number(struct text *out, double number)
{
    char digits[40];
    if (!isfinite(number) || fabs(number) < 100 || fabs(number) >= 1e10) {
        text_addf(out, "%.4g", number);
        return;
    }
    int length = snprintf(digits, sizeof digits, "%.0f", fabs(number));
    text_add(out, number < 0 ? "-" : "");
    for (int i = 0; i < length; i++)
        text_addf(out, "%s%c", i > 0 && (length - i) % 3 == 0 ? "," : "", digits[i]);
}

void add_bytes(struct text *out, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    int unit = 0;
    while (bytes >= 1000 && unit < 6) {
        bytes /= 1000;
        unit++;
    }
    text_addf(out, "%.3g %s", bytes, units[unit]);
}

static void add_batch(struct text *out, int batch, int64_t batch_ms)
{
    if (batch > 1)
        text_addf(out, "batches of %d or %lld ms, ", batch, (long long)batch_ms);
}

static void add_patience(struct text *out, const struct design_hop *hop)
{
    static const char *const times[] = {"", "", ", twice", ", three times"};
    text_addf(out, "up to %lld ms", (long long)hop->timeout_ms);
    if (hop->attempts > 3)
        text_addf(out, ", %d times", hop->attempts);
    else
        text_add(out, times[hop->attempts > 0 ? hop->attempts : 0]);
    if (hop->fallback == OR_DEFAULT)
        text_add(out, ", else a fixed answer");
    else if (hop->fallback == OR_COPY)
        text_add(out, ", else its copy");
}

void add_terms(struct text *out, const struct design_hop *hop)
{
    if (hop->kind == DESIGN_CALL) {
        add_patience(out, hop);
    } else if (hop->kind == DESIGN_POST) {
        add_batch(out, hop->batch, hop->batch_ms);
        text_add(out, "keeps ");
        add_number(out, (double)hop->buffer);
    } else {
        add_batch(out, hop->batch, hop->batch_ms);
        text_addf(out, "to %s", audience_name(hop->audience));
    }
}
