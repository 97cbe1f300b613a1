/*
 * Lines with an arrow: split, read, compared.
 */
#include "judge/expect.h"

#include <string.h>
#include "judge/compare.h"
#include "kit/error.h"

/* Where the arrow starts, outside of quotes; NULL when there is none. */
static const char *find_arrow(const char *line)
{
    int quoted = 0;
    for (const char *at = line; *at != '\0'; at++) {
        if (quoted && at[0] == '\\' && at[1] != '\0')
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && at[0] == '-' && at[1] == '>')
            return at;
    }
    return NULL;
}

int expect_has_arrow(const char *line)
{
    return find_arrow(line) != NULL;
}

/* The reply line and the names of its parts. "state=OPEN" has no word of its own. */
static int parse_reply(const char *wanted, struct expectation *out, struct error *err)
{
    struct message reply = {0};
    int has_word = strchr(wanted, '=') == NULL || strcspn(wanted, " ") < strcspn(wanted, "=");
    text_addf(&out->reply, "%s%s", has_word ? "" : "ok ", wanted);
    int code = message_parse(text_str(&out->reply), &reply, err);
    if (code == 0 && has_word)
        text_add(&out->judged, "word ");
    for (int i = 0; i < reply.field_count; i++)
        text_addf(&out->judged, "%s ", reply.fields[i].name);
    message_release(&reply);
    return code;
}

int expect_parse(const char *line, struct expectation *out, struct error *err)
{
    *out = (struct expectation){0};
    const char *arrow = find_arrow(line);
    size_t length = arrow != NULL ? (size_t)(arrow - line) : strlen(line);
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
        length--;
    text_append(&out->action, line, length);
    struct message action = {0};
    struct error why = {0};
    int code = message_parse(text_str(&out->action), &action, &why);
    message_release(&action);
    if (code != 0)
        return error_set(err, ERR_INVALID, "this is not an action: %s", why.text);
    if (arrow == NULL)
        return 0;
    const char *wanted = arrow + 2;
    wanted += strspn(wanted, " \t");
    if (*wanted == '\0')
        return error_set(err, ERR_INVALID,
                         "nothing stands right of the arrow; name what must come back, as in "
                         "-> state=OPEN");
    if (parse_reply(wanted, out, &why) != 0)
        return error_set(err, ERR_INVALID, "this is not an answer, right of the arrow: %s",
                         why.text);
    return 0;
}

int expect_compare(const struct expectation *expectation, const struct message *reply,
                   struct finding *finding)
{
    if (expectation->reply.length == 0)
        return 0;
    return compare_reply(reply, text_str(&expectation->reply), text_str(&expectation->judged),
                         finding);
}

void expect_release(struct expectation *expectation)
{
    text_release(&expectation->action);
    text_release(&expectation->reply);
    text_release(&expectation->judged);
}
