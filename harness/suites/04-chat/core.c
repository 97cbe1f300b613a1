/* Lab 04, step 4: what the models share. See core.h. */
#include "suites/04-chat/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t chat_number(const struct message *message, const char *name, int64_t otherwise)
{
    message_get_int64(message, name, &otherwise);
    return otherwise;
}

int chat_differs(struct finding *finding, const char *expected, const char *got)
{
    snprintf(finding->expected, sizeof finding->expected, "%s", expected);
    snprintf(finding->got, sizeof finding->got, "%s", got);
    return 1;
}

int chat_code_differs(const struct message *reply, const char *code, struct finding *finding)
{
    const char *got = message_get_or(reply, "code", reply->word);
    if (strcmp(got, code) == 0)
        return 0;
    char said[400];
    snprintf(said, sizeof said, "%s%s%s", got, strcmp(reply->word, "error") == 0 ? ": " : "",
             strcmp(reply->word, "error") == 0 ? message_get_or(reply, "text", "") : "");
    return chat_differs(finding, code, said);
}

void *chat_memory(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL)
        abort();
    return memory;
}
