/*
 * Flags: "--name value" or "--name=value", nothing else.
 */
#include "commands/flags.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "course/status.h"
#include "judge/judge.h"
#include "kit/error.h"
#include "kit/random.h"

static int is_switch(const struct flag *flag)
{
    return flag->help[0] == ' ';
}

static void print_help(const char *command, const struct flag *flags)
{
    printf("usage: svclab %s [flags]\n", command);
    for (const struct flag *flag = flags; flag->name != NULL; flag++)
        printf("  --%s%s%s\n", flag->name, is_switch(flag) ? "   " : " ", flag->help);
    puts(
        "exit status: 0 full marks, 1 a check failed, 2 something does not build, 3 grader error,\n"
        "             64 a flag, lab, check or folder that is not there, 130 interrupted");
}

int flags_parse(int argc, char **argv, const char *command, const struct flag *flags)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--help") == 0) {
            print_help(command, flags);
            return 1;
        }
        size_t length = strcspn(word, "=");
        const struct flag *flag = flags;
        while (flag->name != NULL &&
               (strncmp(word, "--", 2) != 0 || strlen(flag->name) != length - 2 ||
                strncmp(flag->name, word + 2, length - 2) != 0))
            flag++;
        if (flag->name == NULL) {
            fprintf(stderr, "svclab %s: there is no flag '%s'; see svclab %s --help\n", command,
                    word, command);
            return STATUS_USAGE;
        }
        if (is_switch(flag)) {
            *flag->value = "1";
        } else if (word[length] == '=') {
            *flag->value = word + length + 1;
        } else if (i + 1 < argc) {
            *flag->value = argv[++i];
        } else {
            fprintf(stderr, "svclab %s: --%s needs a value\n", command, flag->name);
            return STATUS_USAGE;
        }
    }
    return 0;
}

int flags_seed(const char *text, uint64_t *seed, struct error *err)
{
    *seed = SEED_DEFAULT;
    if (text == NULL)
        return 0;
    if (strcmp(text, "random") == 0) {
        random_bytes(seed, sizeof *seed);
        return 0;
    }
    char *end = NULL;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0)
        return error_set(err, ERR_INVALID, "SEED is a whole number or the word random, not '%.40s'",
                         text);
    *seed = value;
    return 0;
}
