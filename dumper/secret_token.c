/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that tell themselves: by where they stand in a URL, by a prefix, by PEM's lines. */
#include <string.h>

#include "dumper/secret.h"

#define USER_INFO_MAX	512
#define LONG_USER_BYTES 20 /* a user's name without a password that is a token itself */
#define CUT_BYTES	6  /* of a token whose rest the end of the text cut off */
#define LONG_TOKEN	20

/* ---- URLs ------------------------------------------------------------------------------- */

static bool is_space(unsigned char c)
{
	return c <= ' ' || c == 0x7f || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>';
}

struct authority {
	size_t begin, end;
	size_t colon, at_sign; /* the first and the last; `end` if there is none */
};

static void read_authority(const struct secret_text *text, size_t begin, bool past_slash,
			   struct authority *ret)
{
	size_t colon = 0, at_sign = 0, at = begin;

	for (; at < text->bytes && at - begin < USER_INFO_MAX; at++) {
		unsigned char c = text->data[at];

		if (is_space(c) || (!past_slash && (c == '/' || c == '?' || c == '#')))
			break;
		if (c == ':' && !colon)
			colon = at;
		if (c == '@')
			at_sign = at;
	}
	*ret = (struct authority){begin, at, colon ? colon : at, at_sign ? at_sign : at};
}

/* What follows the colon, if it is no port, is the beginning of a password. */
static bool has_port(const struct secret_text *text, const struct authority *authority)
{
	for (size_t at = authority->colon + 1; at < authority->end; at++)
		if (text->data[at] < '0' || text->data[at] > '9')
			return false;
	return true;
}

static bool span_set(struct secret_span *span, size_t begin, size_t end)
{
	*span = (struct secret_span){begin, end};
	return begin < end;
}

bool secret_url_find(const struct secret_text *text, size_t at, const struct secret_row *row,
		     struct secret_span *ret)
{
	struct authority authority;

	read_authority(text, at + strlen(row->word), false, &authority);
	/* A password with '/', '?' or '#' in it, or one that is cut. */
	if (authority.at_sign == authority.end && authority.colon < authority.end &&
	    text->data[authority.begin] != '[' && !has_port(text, &authority)) {
		read_authority(text, authority.begin, true, &authority);
		if (authority.at_sign == authority.end && authority.end < text->bytes)
			return false;
	}
	if (authority.colon < authority.at_sign)
		return !(authority.at_sign == authority.end && has_port(text, &authority)) &&
		       text->data[authority.begin] != '[' &&
		       span_set(ret, authority.colon + 1, authority.at_sign);
	return authority.at_sign < authority.end &&
	       authority.at_sign - authority.begin >= LONG_USER_BYTES &&
	       span_set(ret, authority.begin, authority.at_sign);
}

/* ---- tokens ----------------------------------------------------------------------------- */

static bool is_letter_or_digit(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* token68 of RFC 9110, which base64 and what GitHub and others use are part of. */
static bool is_token(unsigned char c)
{
	return is_letter_or_digit(c) || (c && strchr("-._~+/=", c));
}

static bool has_digit(const struct secret_text *text, size_t begin, size_t end)
{
	for (size_t at = begin; at < end; at++)
		if (text->data[at] >= '0' && text->data[at] <= '9')
			return true;
	return false;
}

bool secret_token_find(const struct secret_text *text, size_t at, const struct secret_row *row,
		       struct secret_span *ret)
{
	size_t begin = at + strlen(row->word), end;
	bool after = row->flags & SECRET_TOKEN_AFTER;

	if (row->flags & SECRET_TOKEN_BOUND && at > 0 && is_letter_or_digit(text->data[at - 1]))
		return false;
	while (after && begin < text->bytes && text->data[begin] == ' ')
		begin++;
	for (end = begin; end < text->bytes && is_token(text->data[end]);)
		end++;
	if (end - begin < (end == text->bytes ? CUT_BYTES : row->least))
		return false;
	/* "bearer authentication" are words. */
	if (after && end - begin < LONG_TOKEN && !has_digit(text, begin, end))
		return false;
	return span_set(ret, after ? begin : at, end);
}

/* ---- PEM -------------------------------------------------------------------------------- */

#define PEM_LINE_BYTES 48

/* The line that ends a key has the same words. */
static bool is_last_line(const struct secret_text *text, size_t at)
{
	size_t begin = at > PEM_LINE_BYTES ? at - PEM_LINE_BYTES : 0;
	const unsigned char *line = memrchr(text->data + begin, '\n', at - begin);

	if (line)
		begin = (size_t)(line - text->data);
	return memmem(text->data + begin, at - begin, "-----END", 8);
}

bool secret_pem_find(const struct secret_text *text, size_t at, const struct secret_row *row,
		     struct secret_span *ret)
{
	size_t begin = at + strlen(row->word);
	const unsigned char *end = memmem(text->data + begin, text->bytes - begin, "-----END", 8);

	return !is_last_line(text, at) &&
	       span_set(ret, begin, end ? (size_t)(end - text->data) : text->bytes);
}
