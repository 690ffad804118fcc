/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in patterns of dumper/mask.h: a table of words, each the beginning of what may be a
 * secret or stands before one, and what makes it one.
 */
#ifndef DUMPER_SECRET_H
#define DUMPER_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct secret_text {
	const unsigned char *data;
	size_t bytes;
	bool argv; /* strings, each with a NUL behind it */
};

/* Bytes [begin, end) of the text, of a secret never empty. */
struct secret_span {
	size_t begin, end;
};

struct secret_row;

/* Looks for a secret by the row's word, which stands at `at`. */
typedef bool (*secret_find_fn)(const struct secret_text *text, size_t at,
			       const struct secret_row *row, struct secret_span *ret);

struct secret_row {
	const char *word; /* at least 3 characters; lower case unless `exact` */
	bool exact;	  /* upper and lower case differ */
	secret_find_fn find;
	unsigned flags; /* of the kind */
	unsigned least; /* characters that must follow, of a token */
};

extern const struct secret_row secret_rows[];
extern const size_t secret_rows_count;
#define SECRET_ROWS_MAX 64

bool secret_word_is(const struct secret_text *text, size_t at, const struct secret_row *row);

/* Kinds of rows. KEY=VALUE, KEY: VALUE, --KEY VALUE and their like. */
#define SECRET_KEY_BOUND  (1 << 0) /* only as the last part of a name, as in MYSQL_PWD */
#define SECRET_KEY_EQUALS (1 << 1) /* with ':' only if the name is in quotes */
#define SECRET_KEY_LINE	  (1 << 2) /* the value is the rest of the line */
bool secret_key_find(const struct secret_text *text, size_t at, const struct secret_row *row,
		     struct secret_span *ret);

/* The password in SCHEME://USER:PASSWORD@HOST. */
bool secret_url_find(const struct secret_text *text, size_t at, const struct secret_row *row,
		     struct secret_span *ret);
/* What begins with a prefix that only such tokens have. */
#define SECRET_TOKEN_BOUND (1 << 0) /* not behind a letter or digit */
#define SECRET_TOKEN_AFTER (1 << 1) /* the word is no part of it, nor are the spaces behind */
bool secret_token_find(const struct secret_text *text, size_t at, const struct secret_row *row,
		       struct secret_span *ret);
/* A private key in PEM, from the end of its first line on. */
bool secret_pem_find(const struct secret_text *text, size_t at, const struct secret_row *row,
		     struct secret_span *ret);

/*
 * Passwords in options of known programs, `mysql -pSECRET`. Calls `cover` for each in the command
 * line.
 */
typedef void (*secret_cover_fn)(void *context, struct secret_span span);
void secret_options_find(const struct secret_text *text, secret_cover_fn cover, void *context);

#endif
