/*
 * Reading recipes. The file is ours, so what is wrong with it is an old or broken build folder.
 */
#include "compile/recipe.h"

#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "kit/error.h"

enum { RECIPE_BYTES_MAX = 1 << 20 };

/* Takes one line, which is cut into its key and its word. */
static int take_line(struct recipe *recipe, char *line)
{
    const struct {
        const char *key;
        struct word_list *list;
    } keys[] = {{"compiler", &recipe->compiler},
                {"compile", &recipe->compile},
                {"warn", &recipe->warn},
                {"probe", &recipe->probe},
                {"service", &recipe->service}};
    char *word = strchr(line, ' ');
    if (word == NULL)
        return ERR_INVALID;
    *word++ = '\0';
    if (strcmp(line, "identity") == 0) {
        snprintf(recipe->identity, sizeof recipe->identity, "%s", word);
        return 0;
    }
    if (strcmp(line, "given") == 0) {
        snprintf(recipe->given, sizeof recipe->given, "%s", word);
        return 0;
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(line, keys[i].key) != 0)
            continue;
        if (keys[i].list->count == RECIPE_WORDS_MAX)
            return ERR_LIMIT;
        keys[i].list->words[keys[i].list->count++] = word;
        return 0;
    }
    return ERR_INVALID;
}

int recipe_read(struct recipe *recipe, const char *path, struct error *err)
{
    *recipe = (struct recipe){0};
    int code = files_read(path, RECIPE_BYTES_MAX, &recipe->text, err);
    if (code != 0)
        return error_set(err, code, "%s is not there: type make harness to build it.", path);
    for (char *line = recipe->text.bytes; line != NULL && *line != '\0' && code == 0;) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        code = take_line(recipe, line);
        line = end;
    }
    if (code != 0 || recipe->compiler.count == 0 || recipe->probe.count == 0 ||
        recipe->given[0] == '\0')
        return error_set(err, ERR_INVALID, "%s is damaged: type make clean, then try again.", path);
    return 0;
}

void recipe_release(struct recipe *recipe)
{
    text_release(&recipe->text);
}
