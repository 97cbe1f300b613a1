/*
 * Reading tokens.
 */
#include "refuse/c_tokens.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void token_reader_init(struct token_reader *reader, const char *text)
{
    *reader = (struct token_reader){.at = text, .file = "", .line = 1};
}

/* What names are made of; bytes beyond ASCII and \u0061 are the compiler's to judge. */
static int is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '\\' || (unsigned char)c > 127;
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\v\f\r");
}

/* A marker says of which file and line the next line is. 1 when the line is one. */
static int read_marker(struct token_reader *reader, const char *line)
{
    const char *number = skip_blanks(line);
    if (!isdigit((unsigned char)*number))
        return 0;
    char *end = NULL;
    reader->line = strtol(number, &end, 10);
    const char *name = skip_blanks(end);
    if (*name == '"') {
        reader->file = name + 1;
        reader->file_length = strcspn(reader->file, "\"\n");
    }
    return 1;
}

/* At a #. 1 when the line was a directive, and no marker. */
static int read_hash(struct token_reader *reader, struct token *token)
{
    const char *start = reader->at + 1;
    size_t length = strcspn(start, "\n");
    *token = (struct token){TOKEN_DIRECTIVE, start, length};
    reader->at = start + length;
    if (!read_marker(reader, start))
        return 1;
    reader->at += *reader->at == '\n'; /* the line's own end is not counted */
    return 0;
}

/* At a quote. */
static struct token read_quoted(struct token_reader *reader)
{
    char quote = *reader->at;
    const char *start = reader->at + 1, *at = start;
    while (*at != quote && *at != '\n' && *at != '\0')
        at += *at == '\\' && at[1] != '\0' ? 2 : 1;
    reader->at = *at == quote ? at + 1 : at;
    return (struct token){quote == '"' ? TOKEN_STRING : TOKEN_CHARACTER, start,
                          (size_t)(at - start)};
}

static struct token read_punctuator(struct token_reader *reader)
{
    static const char *const digraphs[] = {"<%{", "%>}", "<:[", ":>]"};
    for (int i = 0; i < 4; i++)
        if (strncmp(reader->at, digraphs[i], 2) == 0) {
            reader->at += 2;
            return (struct token){TOKEN_PUNCTUATOR, digraphs[i] + 2, 1};
        }
    return (struct token){TOKEN_PUNCTUATOR, reader->at++, 1};
}

struct token token_next(struct token_reader *reader)
{
    struct token token;
    for (;;) {
        reader->at = skip_blanks(reader->at);
        if (*reader->at == '#') {
            if (read_hash(reader, &token))
                return token;
        } else if (*reader->at == '\n') {
            reader->at++;
            reader->line++;
        } else {
            break;
        }
    }
    if (*reader->at == '\0')
        return (struct token){TOKEN_END, reader->at, 0};
    if (*reader->at == '"' || *reader->at == '\'')
        return read_quoted(reader);
    token = (struct token){TOKEN_WORD, reader->at, 0};
    while (is_of_word(token.start[token.length]))
        token.length++;
    if (token.length == 0)
        return read_punctuator(reader);
    reader->at += token.length;
    return token;
}

int token_is(const struct token *token, enum token_kind kind, const char *text)
{
    return token->kind == kind && token->length == strlen(text) &&
           strncmp(token->start, text, token->length) == 0;
}
