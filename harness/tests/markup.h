/*
 * A small reader of XML and of our HTML: tags nest, attributes are quoted, & begins an entity.
 */
#ifndef TESTS_MARKUP_H
#define TESTS_MARKUP_H

#include <check.h>
#include <stdio.h>
#include <string.h>

static inline const char *skip_past(const char *at, const char *end)
{
    const char *found = strstr(at, end);
    ck_assert_msg(found != NULL, "no %s behind: %.60s", end, at);
    return found + strlen(end);
}

static inline void check_characters(const char *at, const char *end)
{
    for (; at < end; at++) {
        unsigned char byte = (unsigned char)*at;
        ck_assert_msg(byte >= ' ' || byte == '\n' || byte == '\t', "control byte %d", byte);
        ck_assert_msg(byte != '&' || (strcspn(at, ";") < 9 && strcspn(at, "< \"") > 2),
                      "a bare & in: %.40s", at);
    }
}

/* Reads one tag; returns its end. HTML closes neither meta nor what a style holds. */
static inline const char *read_tag(const char *at, char stack[][32], int *depth)
{
    size_t length = strcspn(at + 1, " \n/>");
    int closing = at[1] == '/';
    const char *end = at;
    char name[32] = "";

    if (closing)
        length = strcspn(at + 2, " \n>");
    ck_assert_msg(length > 0 && length < sizeof name, "not a tag: %.40s", at);
    memcpy(name, at + 1 + closing, length);
    for (char quote = '\0'; *end != '>' || quote != '\0'; end++) {
        ck_assert_msg(*end != '\0' && (end == at || *end != '<'), "unclosed tag: %.60s", at);
        if (*end == '"')
            quote = quote == '\0' ? '"' : '\0';
    }
    check_characters(at, end);
    if (closing) {
        ck_assert_msg(*depth > 0 && strcmp(stack[*depth - 1], name) == 0, "%s closed inside %s",
                      name, *depth > 0 ? stack[*depth - 1] : "nothing");
        --*depth;
    } else if (end[-1] != '/' && strcmp(name, "meta") != 0) {
        ck_assert_int_lt(*depth, 32);
        snprintf(stack[(*depth)++], 32, "%s", name);
        if (strcmp(name, "style") == 0)
            return strstr(end, "</style>");
    }
    return end + 1;
}

static inline void assert_well_formed(const char *xml)
{
    char stack[32][32];
    int depth = 0;

    for (const char *at = xml; *at != '\0';) {
        size_t plain = strcspn(at, "<");
        check_characters(at, at + plain);
        at += plain;
        if (strncmp(at, "<?", 2) == 0)
            at = skip_past(at, "?>");
        else if (strncmp(at, "<!", 2) == 0)
            at = skip_past(at, ">");
        else if (*at == '<')
            at = read_tag(at, stack, &depth);
    }
    ck_assert_msg(depth == 0, "%s is not closed", depth > 0 ? stack[depth - 1] : "");
}

static inline int count_of(const char *text, const char *word)
{
    int count = 0;
    for (; (text = strstr(text, word)) != NULL; text += strlen(word))
        count++;
    return count;
}

#endif
