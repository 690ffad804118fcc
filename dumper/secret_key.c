/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The value behind a name: KEY=VALUE, KEY: VALUE, "KEY": "VALUE", --KEY VALUE, ?KEY=VALUE&, and
 * {"name":"KEY","value":"VALUE"}.  Where a value ends is a guess that rather takes too much: what
 * is covered without need is worse to read, what is left open is a leak.
 */
#include <string.h>

#include "common/cleanup.h"
#include "dumper/secret.h"

#define BLANKS_MAX     8
#define NAME_MAX_BYTES 64
#define DIGITS_MAX     4

/* What stands around the name, and the value as far as it is known. */
struct key {
	const struct secret_text *text;
	size_t name;	     /* where it begins */
	size_t at;	     /* the cursor */
	unsigned char quote; /* behind which the value ends, 0: none */
	bool escaped;	     /* the quote has a backslash before it */
	bool quoted_name;    /* as in JSON */
	bool url;	     /* of a query: ends at '&', too */
	bool string;	     /* the name begins a string that ends with NUL, as does the value */
};

/* The byte at `at`, NUL beyond the end. */
static unsigned char byte(const struct secret_text *text, size_t at)
{
	return at < text->bytes ? text->data[at] : 0;
}

static bool is_name(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

static bool is_quote(unsigned char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static size_t skip_blanks(const struct secret_text *text, size_t at)
{
	size_t from = at;

	while (is_blank(byte(text, at)) && at - from < BLANKS_MAX)
		at++;
	return at;
}

/* A quote, with or without a backslash. False, and nothing passed, if there is none. */
static bool take_quote(const struct secret_text *text, size_t *at, unsigned char *ret_quote,
		       bool *ret_escaped)
{
	bool escaped = byte(text, *at) == '\\';
	unsigned char c = byte(text, *at + escaped);

	if (!is_quote(c))
		return false;
	*at += 1U + escaped;
	*ret_quote = c;
	*ret_escaped = escaped;
	return true;
}

static void look_before(struct key *key, size_t at)
{
	const struct secret_text *text = key->text;
	size_t name = at;
	unsigned char before;

	while (name > 0 && at - name < NAME_MAX_BYTES && is_name(text->data[name - 1]))
		name--;
	key->name = name;
	before = name ? text->data[name - 1] : 0;
	key->string = name ? !before : text->argv;
	key->url = before == '?' || before == '&';
	if (is_quote(before)) {
		key->quote = before;
		key->escaped = name > 1 && text->data[name - 2] == '\\';
	}
}

/* The end of the name: digits, and the quote that closes it. */
static void end_name(struct key *key)
{
	unsigned char quote;
	bool escaped;

	for (unsigned i = 0; i < DIGITS_MAX; i++) {
		unsigned char c = byte(key->text, key->at);

		if (c < '0' || c > '9')
			break;
		key->at++;
	}
	key->quoted_name = take_quote(key->text, &key->at, &quote, &escaped);
	if (key->quoted_name) /* it quotes the name only */
		key->quote = 0;
}

/* {"name":"KEY","value":"VALUE"}, as container environments are written. */
static void pass_value_member(struct key *key)
{
	static const char member[] = "value";
	const struct secret_text *text = key->text;
	size_t at = skip_blanks(text, key->at);
	unsigned char quote;
	bool escaped;

	if (!key->quoted_name || byte(text, at) != ',')
		return;
	at = skip_blanks(text, at + 1);
	if (!take_quote(text, &at, &quote, &escaped) || text->bytes - at < sizeof(member) ||
	    memcmp(text->data + at, member, sizeof(member) - 1) != 0)
		return;
	at += sizeof(member) - 1;
	if (take_quote(text, &at, &quote, &escaped))
		key->at = at;
}

/* '=' or ':' and their like, to the beginning of the value. */
static bool pass_sign(struct key *key, bool equals_only)
{
	const struct secret_text *text = key->text;
	size_t at = skip_blanks(text, key->at);
	unsigned char sign = byte(text, at), next = byte(text, at + 1);
	bool tight = at == key->at && sign == '=';

	if (sign == '=' ? next == '=' : sign != ':' || equals_only)
		return false;
	if (sign == ':' && (next == ':' || (next == '/' && byte(text, at + 2) == '/')))
		return false;
	at += (sign == '=' && next == '>') || (sign == ':' && next == '=') ? 2 : 1;
	key->at = tight ? at : skip_blanks(text, at);
	return true;
}

/* The value of an option that is a string, or a word, of its own. */
static bool pass_option(struct key *key)
{
	const struct secret_text *text = key->text;
	size_t at = key->at;

	if (text->data[key->name] != '-')
		return false;
	if (at < text->bytes && !text->data[at]) {
		key->string = true;
		at++;
	} else if (key->quoted_name && byte(text, skip_blanks(text, at)) == ',') {
		at = skip_blanks(text, skip_blanks(text, at) + 1);
	} else if (!key->quoted_name && is_blank(byte(text, at)) && !key->string) {
		at = skip_blanks(text, at);
	} else {
		return false;
	}
	key->at = at;
	return byte(text, at) != '-';
}

static bool ends_value(const struct key *key, size_t at, bool line)
{
	unsigned char c = key->text->data[at];

	if (!c)
		return true;
	if (key->string)
		return (key->url && c == '&');
	if (key->quote && c == key->quote)
		return true;
	if (line || key->quote)
		return c == '\n' || c == '\r';
	if (key->quoted_name && (c == ',' || c == '}' || c == ']'))
		return true;
	if (key->url && (c == '&' || c == '#' || c == '<' || c == '>' || is_quote(c)))
		return true;
	return c <= ' ' || c == 0x7f;
}

static size_t value_end(const struct key *key, bool line)
{
	const unsigned char *data = key->text->data;
	size_t at = key->at;

	while (at < key->text->bytes && !ends_value(key, at, line)) {
		/* What a backslash stands before does not end it. */
		bool pair = key->quote && !key->escaped && data[at] == '\\';

		at += 1U + (pair && at + 1 < key->text->bytes && data[at + 1]);
	}
	if (key->escaped && at > key->at && byte(key->text, at) == key->quote &&
	    data[at - 1] == '\\')
		at--;
	return at;
}

/* The way of authentication is worth reading, and no secret. */
static size_t pass_scheme(const struct secret_text *text, size_t at)
{
	static const char *const schemes[] = {"Basic ", "Bearer ",    "Digest ",
					      "Token ", "Negotiate ", "AWS4-HMAC-SHA256 "};

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		const struct secret_row row = {.word = schemes[i], .exact = true};

		if (secret_word_is(text, at, &row))
			return at + strlen(schemes[i]);
	}
	return at;
}

/* Words that say that there is none. */
static bool is_no_secret(const unsigned char *value, size_t bytes)
{
	static const char *const words[] = {"null", "true",  "false", "none",	  "nil",
					    "None", "False", "True",  "undefined"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (bytes == strlen(words[i]) && !memcmp(value, words[i], bytes))
			return true;
	return false;
}

/* Only names that have a part before the word: MYSQL_PWD, --pass, ?sig; not PWD. */
static bool is_bound(const struct secret_text *text, size_t at)
{
	return at > 0 && text->data[at - 1] && strchr("_-.?&;", text->data[at - 1]);
}

bool secret_key_find(const struct secret_text *text, size_t at, const struct secret_row *row,
		     struct secret_span *ret)
{
	struct key key = {.text = text, .at = at + strlen(row->word)};
	bool line = row->flags & SECRET_KEY_LINE;
	size_t end;

	if (row->flags & SECRET_KEY_BOUND && !is_bound(text, at))
		return false;
	look_before(&key, at);
	end_name(&key);
	pass_value_member(&key);
	if (!pass_sign(&key, row->flags & SECRET_KEY_EQUALS && !key.quoted_name) &&
	    !pass_option(&key))
		return false;
	if (!key.string)
		take_quote(text, &key.at, &key.quote, &key.escaped);
	if (key.at >= text->bytes)
		return false;
	if (line)
		key.at = pass_scheme(text, key.at);
	end = value_end(&key, line);
	if (end <= key.at || is_no_secret(text->data + key.at, end - key.at))
		return false;
	*ret = (struct secret_span){key.at, end};
	return true;
}
