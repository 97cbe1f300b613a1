/*
 * The tokens of preprocessed C, and the file and line that each came from.
 *
 * Comments, splices, trigraphs and macros are gone by then. What is left over for the compiler are
 * words, strings, punctuators and lines that begin with #: the markers `# 12 "file.c" 1`, which
 * are read here, and directives, `#pragma` above all, each of which is one token.
 */
#ifndef REFUSE_C_TOKENS_H
#define REFUSE_C_TOKENS_H

#include <stddef.h>

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,       /* identifier, keyword or number */
    TOKEN_STRING,     /* what stands between the quotes of a string, escapes as they are */
    TOKEN_CHARACTER,  /* the same of 'x' */
    TOKEN_PUNCTUATOR, /* one character; a digraph stands for the bracket that it is */
    TOKEN_DIRECTIVE   /* what stands behind the # up to the end of the line */
};

struct token {
    enum token_kind kind;
    const char *start; /* not terminated; lies in the text, but for a digraph's bracket */
    size_t length;
};

/* Copy it to look ahead. */
struct token_reader {
    const char *at;
    const char *file; /* of the last marker, between its quotes; not terminated */
    size_t file_length;
    long line; /* where `at` is */
};

/* text ends with a NUL, or at the first in it, and outlives the reader. */
void token_reader_init(struct token_reader *reader, const char *text);

/* The next token; TOKEN_END at the end, again and again. */
struct token token_next(struct token_reader *reader);

/* Whether it is this word, string or punctuator. */
int token_is(const struct token *token, enum token_kind kind, const char *text);

#endif
