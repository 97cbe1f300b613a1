/*
 * The adapter through which the judge drives the drill. Given: nothing to fix here.
 *
 *   ship attempts= base= cap= deadline= draws=0.5,... answers=UNAVAILABLE/20,DONE/5
 *        ok answer=DONE|UNAVAILABLE|REFUSED attempts= asked= first=
 *           waits=50,... limits=1000,...
 *
 * answers: what the service says and how many ms it takes, one per call; the last stands for all
 * that follow, the draws begin again at their end. first: when the first attempt was made. waits:
 * the sleeps after it. limits: the time each attempt was given. The clock does not begin at 0.
 */
#include "probe/probe.h"

#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "ship_retry.h"

enum { ASKED_MAX = 200, START_MS = 7000 };

struct script {
    const char *answers, *draws;
    const char *next_answer, *next_draw;
    int64_t now_ms, first_ms;
    int asked;
    struct text waits, limits;
};

static const char *const names[] = {"DONE", "UNAVAILABLE", "REFUSED"};

static int64_t number(const struct message *action, const char *name, int64_t otherwise)
{
    message_get_int64(action, name, &otherwise);
    return otherwise;
}

static int64_t script_now(void *context)
{
    struct script *script = context;
    return script->now_ms;
}

static void script_sleep(void *context, int64_t duration_ms)
{
    struct script *script = context;
    script->now_ms += duration_ms;
    if (script->asked > 0)
        text_addf(&script->waits, "%s%lld", script->waits.length > 0 ? "," : "",
                  (long long)duration_ms);
}

static enum ship_answer script_ask(void *context, int64_t limit_ms)
{
    struct script *script = context;
    enum ship_answer answer = SHIP_UNAVAILABLE;
    if (script->asked++ == 0)
        script->first_ms = script->now_ms - START_MS;
    if (script->asked > ASKED_MAX)
        return SHIP_DONE; /* whoever asks without end */
    for (int i = 0; i < 3; i++)
        if (strncmp(script->next_answer, names[i], strlen(names[i])) == 0)
            answer = (enum ship_answer)i;
    int64_t took_ms = strtoll(script->next_answer + strlen(names[answer]) + 1, NULL, 10);
    script->now_ms += took_ms < limit_ms ? took_ms : limit_ms;
    text_addf(&script->limits, "%s%lld", script->asked > 1 ? "," : "", (long long)limit_ms);
    const char *comma = strchr(script->next_answer, ',');
    if (comma != NULL)
        script->next_answer = comma + 1;
    return answer;
}

static double script_draw(void *context)
{
    struct script *script = context;
    double unit = strtod(script->next_draw, NULL);
    const char *comma = strchr(script->next_draw, ',');
    script->next_draw = comma != NULL ? comma + 1 : script->draws;
    return unit;
}

static void do_ship(void *context, const struct message *action, struct text *reply)
{
    (void)context;
    struct script script = {.now_ms = START_MS,
                            .answers = message_get_or(action, "answers", "DONE/5"),
                            .draws = message_get_or(action, "draws", "0.5")};
    script.next_answer = script.answers;
    script.next_draw = script.draws;
    struct ship_policy policy = {.attempts = (int)number(action, "attempts", 3),
                                 .base_ms = number(action, "base", 100),
                                 .cap_ms = number(action, "cap", 1000),
                                 .deadline_ms = number(action, "deadline", 60000)};
    struct ship_world world = {
        script_now, script_sleep, script_ask, &script, {script_draw, &script}};
    struct ship_report report = ship_with_retries(&policy, &world);
    message_begin(reply, "ok");
    message_add(reply, "answer", (unsigned)report.answer < 3 ? names[report.answer] : "?");
    message_add_int64(reply, "attempts", report.attempts);
    message_add_int64(reply, "asked", script.asked);
    message_add_int64(reply, "first", script.first_ms);
    message_add(reply, "waits", text_str(&script.waits));
    message_add(reply, "limits", text_str(&script.limits));
    text_release(&script.waits);
    text_release(&script.limits);
}

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {{"ship", do_ship}, {NULL, NULL}};
    return probe_main(argc, argv, "drill-retry-storm", actions, NULL);
}
