/*
 * The words of a design for people. Given.
 */
#include "chat_words.h"

static const char *word(const char *const *words, int count, int at)
{
    return at >= 0 && at < count ? words[at] : "?";
}

const char *capability_name(enum capability capability)
{
    static const char *const words[] = {"users",       "workspaces", "channels", "messages",
                                        "connections", "presence",   "push",     "files",
                                        "search",      "other"};
    return word(words, CAPABILITIES, (int)capability);
}

const char *requirement_name(enum requirement one)
{
    static const char *const words[] = {"send",       "deliver",      "catch up", "join",
                                        "share file", "see presence", "find",     "notify"};
    int at = 0;
    while (at < REQUIREMENTS && (int)one != 1 << at)
        at++;
    return word(words, REQUIREMENTS, at);
}

const char *meaning_name(enum meaning meaning)
{
    static const char *const words[] = {"plain",     "workspace id", "channel id", "user id",
                                        "device id", "client id",    "number",     "time",
                                        "expiry",    "text",         "link",       "bytes"};
    return word(words, MEANINGS, (int)meaning);
}

const char *fallback_name(enum fallback fallback)
{
    static const char *const words[] = {"fail", "default", "copy"};
    return word(words, 3, (int)fallback);
}

const char *audience_name(enum audience audience)
{
    static const char *const words[] = {"one user", "channel members", "workspace members",
                                        "subscribers"};
    return word(words, AUDIENCES, (int)audience);
}
