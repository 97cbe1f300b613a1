/*
 * Looking into preprocessed text.
 */
#include "refuse/refuse.h"

#include <ctype.h>
#include <string.h>

#include "kit/error.h"
#include "kit/text.h"
#include "refuse/c_tokens.h"

/* Where the reading is. Brackets are counted, as depth tells declarations and code apart. */
struct scan {
    struct token_reader reader;
    struct token before; /* the token before this one */
    int braces, parens;  /* open here; parens: ( and [ */
    int attribute;       /* parens that the attribute being read began in, -1 = none */
    struct text *words;
};

#define TAKE_IT_OUT "take it out, the course is graded with the sanitizers on."

static int refuse(struct scan *scan, const char *what, const struct token *token, const char *why)
{
    const struct token_reader *reader = &scan->reader;
    text_addf(scan->words, "%.*s:%ld: %s%.*s %s\n", (int)reader->file_length, reader->file,
              reader->line, what, (int)token->length, token->start, why);
    return ERR_REFUSED;
}

/* --- names ----------------------------------------------------------------------------------- */

/* The parts of names that switch a sanitizer off, are its own, or that it gives to its data. */
static int is_of_sanitizer(const struct token *token)
{
    static const char *const parts[] = {"no_sanitize",       "no_address_safety_analysis",
                                        "disable_sanitizer", "__asan_",
                                        "__lsan_",           "__tsan_",
                                        "__ubsan_",          "__sanitizer_",
                                        "__sancov",          "__odr_asan",
                                        "__unnamed_",        "AnnotateIgnore",
                                        "AnnotateBenign",    "AnnotateNo"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t length = strlen(parts[i]);
        for (size_t at = 0; at + length <= token->length; at++)
            if (strncmp(token->start + at, parts[i], length) == 0)
                return 1;
    }
    return 0;
}

/* --- __asm__ --------------------------------------------------------------------------------- */

/* A name of C. ".x" and "1" would be local labels, which no symbol table shows. */
static int is_plain_name(const struct text *name)
{
    const char *text = text_str(name);
    for (size_t i = 0; i < name->length; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return 0;
    const struct token token = {TOKEN_WORD, text, name->length};
    return name->length > 0 && !isdigit((unsigned char)text[0]) && !is_of_sanitizer(&token);
}

/* Behind the word: whether it is one of those of the system headers. A function's declaration is
   outside of all brackets and ends with one; there, no instruction can stand. */
static int is_harmless_asm(const struct scan *scan)
{
    struct token_reader ahead = scan->reader;
    struct text name = {0};
    struct token token = token_next(&ahead);
    int harmless = token_is(&token, TOKEN_PUNCTUATOR, "(");
    for (token = token_next(&ahead); token.kind == TOKEN_STRING; token = token_next(&ahead))
        text_append(&name, token.start, token.length);
    int declares = scan->braces == 0 && scan->parens == 0 &&
                   token_is(&scan->before, TOKEN_PUNCTUATOR, ")") && is_plain_name(&name);
    harmless =
        harmless && token_is(&token, TOKEN_PUNCTUATOR, ")") && (name.length == 0 || declares);
    text_release(&name);
    return harmless;
}

/* --- attributes ------------------------------------------------------------------------------ */

static int is_hiding_attribute(struct token name)
{
    static const char *const names[] = {"section",  "constructor", "destructor", "ifunc",
                                        "optimize", "weakref",     "symver",     "address_space"};
    if (name.length > 4 && strncmp(name.start, "__", 2) == 0 &&
        strncmp(name.start + name.length - 2, "__", 2) == 0)
        name = (struct token){name.kind, name.start + 2, name.length - 4};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (token_is(&name, TOKEN_WORD, names[i]))
            return 1;
    return 0;
}

/* base: the parens that are open outside of it. */
static int begin_attribute(struct scan *scan, const struct token *token, int base)
{
    if (scan->attribute >= 0)
        return refuse(scan, "", token, "begins an attribute within another: take it out.");
    scan->attribute = base;
    return 0;
}

/* Names stand two brackets deep: __attribute__((name(arguments), name)) or [[name]]. */
static int is_attribute_name(const struct scan *scan)
{
    return scan->attribute >= 0 && scan->parens == scan->attribute + 2;
}

/* --- directives ------------------------------------------------------------------------------ */

static int check_directive(struct scan *scan, const struct token *directive)
{
    static const char *const refused[][3] = {{"pragma", "GCC", "optimize"},
                                             {"pragma", "GCC", "pch_preprocess"},
                                             {"pragma", "clang", "attribute"},
                                             {"pragma", "clang", "section"}};
    struct text line = {0};
    struct token_reader reader;
    struct token tokens[3];
    text_append(&line, directive->start, directive->length);
    token_reader_init(&reader, text_str(&line));
    int bad = 0;
    for (int i = 0; i < 3; i++)
        tokens[i] = token_next(&reader);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        bad |= token_is(&tokens[0], TOKEN_WORD, refused[i][0]) &&
               token_is(&tokens[1], TOKEN_WORD, refused[i][1]) &&
               token_is(&tokens[2], TOKEN_WORD, refused[i][2]);
    bad |= !token_is(&tokens[0], TOKEN_WORD, "pragma"); /* #ident writes into the assembly */
    for (struct token token = tokens[2]; token.kind != TOKEN_END; token = token_next(&reader))
        bad |= is_of_sanitizer(&token);
    text_release(&line);
    return bad ? refuse(scan, "#", directive, "changes how the file is compiled: " TAKE_IT_OUT) : 0;
}

/* --- tokens ---------------------------------------------------------------------------------- */

static int check_punctuator(struct scan *scan, const struct token *token)
{
    if (token_is(token, TOKEN_PUNCTUATOR, "[") && token_is(&scan->before, TOKEN_PUNCTUATOR, "[") &&
        begin_attribute(scan, token, scan->parens - 1) != 0)
        return ERR_REFUSED;
    switch (*token->start) {
    case '{':
        scan->braces++;
        break;
    case '}':
        scan->braces--;
        break;
    case '(':
    case '[':
        scan->parens++;
        break;
    case ')':
    case ']':
        scan->parens--;
        if (scan->parens <= scan->attribute)
            scan->attribute = -1;
        break;
    default:
        break;
    }
    return 0;
}

static int check_word(struct scan *scan, const struct token *word)
{
    if (is_of_sanitizer(word))
        return refuse(scan, "", word, "belongs to the sanitizers: " TAKE_IT_OUT);
    if ((token_is(word, TOKEN_WORD, "__asm__") || token_is(word, TOKEN_WORD, "__asm")) &&
        !is_harmless_asm(scan))
        return refuse(scan, "", word, "is not watched by any sanitizer: write it in C.");
    if (is_attribute_name(scan) && is_hiding_attribute(*word))
        return refuse(scan, "the attribute ", word,
                      "hides code or data from the judge: take it out.");
    if (token_is(word, TOKEN_WORD, "register") && scan->braces == 0 && scan->parens == 0)
        return refuse(scan, "", word,
                      "outside of a function is a variable that no check sees: take it out.");
    if (token_is(word, TOKEN_WORD, "__attribute__") || token_is(word, TOKEN_WORD, "__attribute"))
        return begin_attribute(scan, word, scan->parens);
    return 0;
}

int refuse_source(const struct text *source, struct text *words)
{
    struct scan scan = {.attribute = -1, .words = words};
    int code = 0;
    token_reader_init(&scan.reader, text_str(source));
    struct token token = token_next(&scan.reader);
    while (token.kind != TOKEN_END && code == 0) {
        if (token.kind == TOKEN_DIRECTIVE)
            code = check_directive(&scan, &token);
        else if (token.kind == TOKEN_WORD)
            code = check_word(&scan, &token);
        else if (token.kind == TOKEN_PUNCTUATOR)
            code = check_punctuator(&scan, &token);
        if (token.kind != TOKEN_DIRECTIVE)
            scan.before = token;
        token = token_next(&scan.reader);
    }
    if (code == 0 && strlen(text_str(source)) < source->length)
        code = refuse(&scan, "a NUL", &token, "stands here, and hides what follows: take it out.");
    return code;
}
