/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON, read through jansson and written as text.
 *
 * A value is one of two things behind the same pointer: parsed (a jansson value) or built (text
 * that grows with each json_add_*). A built value starts with a jansson header whose type jansson
 * does not know, so every look-up in it finds nothing. Building text directly keeps the order of
 * insertion and costs no allocation per member: replay writes one object per event.
 */
#include "common/json.h"

#include <assert.h>
#include <errno.h>
#include <sys/stat.h>

#include <jansson.h>

#include "common/buf.h"
#include "common/cleanup.h"
#include "common/escape.h"

#define BUILT_TYPE ((json_type)0x69)

struct built {
	json_t header;	 /* type BUILT_TYPE; must stay first */
	struct buf text; /* opening bracket and members; json_write() closes it */
	bool failed;	 /* a member could not be added */
	unsigned depth;	 /* of what is open within it */
	struct level {
		bool has_members;
		char close;
	} levels[JSON_DEPTH_MAX + 1];
};

static json_t *parsed(const struct json *json)
{
	return (json_t *)json;
}

static struct built *built(const struct json *json)
{
	return json && parsed(json)->type == BUILT_TYPE ? (struct built *)json : NULL;
}

/* ---- reading ---------------------------------------------------------------------------- */

int json_parse(const char *text, size_t bytes, struct json **ret)
{
	json_error_t error;
	json_t *value = json_loadb(text, bytes, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

	/* Unsigned limits (RLIM_INFINITY in an OCI config.json) do not fit jansson's integers. */
	if (!value && json_error_code(&error) == json_error_numeric_overflow)
		value = json_loadb(text, bytes,
				   JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL,
				   &error);
	if (!value)
		return json_error_code(&error) == json_error_out_of_memory ? -ENOMEM : -EBADMSG;
	*ret = (struct json *)value;
	return 0;
}

static int read_all(int fd, size_t max_bytes, struct buf *ret)
{
	char chunk[4096];
	ssize_t n;

	while (!ret->failed && (n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if ((size_t)n > max_bytes - ret->bytes)
			return -EFBIG;
		buf_add(ret, chunk, (size_t)n);
	}
	return ret->failed ? -ENOMEM : 0;
}

int json_parse_fd(int fd, size_t max_bytes, struct json **ret)
{
	struct buf text = {0};
	int err = read_all(fd, max_bytes, &text);

	if (!err)
		err = json_parse(text.data ? text.data : "", text.bytes, ret);
	buf_done(&text);
	return err;
}

struct json *json_get(const struct json *object, const char *key)
{
	return (struct json *)json_object_get(parsed(object), key);
}

struct json *json_at(const struct json *array, size_t index)
{
	return (struct json *)json_array_get(parsed(array), index);
}

const char *json_text(const struct json *json)
{
	return json_string_value((const json_t *)json);
}

const char *json_get_text(const struct json *object, const char *key)
{
	return json_string_value(json_object_get(parsed(object), key));
}

const char *json_get_bytes(const struct json *object, const char *key, size_t *ret_bytes)
{
	const json_t *value = json_object_get(parsed(object), key);

	*ret_bytes = json_string_length(value);
	return json_string_value(value);
}

int json_get_int(const struct json *object, const char *key, int64_t *ret)
{
	const json_t *value = json_object_get(parsed(object), key);
	double real;

	if (json_is_integer(value)) {
		*ret = json_integer_value(value);
		return 0;
	}
	/* See json_parse(): all numbers of such a text are reals, exact up to 2^53. */
	real = json_real_value(value);
	if (!json_is_real(value) || real < -0x1p53 || real > 0x1p53 ||
	    (double)(int64_t)real != real)
		return -ENOENT;
	*ret = (int64_t)real;
	return 0;
}

bool json_get_bool(const struct json *object, const char *key)
{
	return json_is_true(json_object_get(parsed(object), key));
}

/* ---- building --------------------------------------------------------------------------- */

static struct json *built_new(char open, char close)
{
	struct built *new = calloc(1, sizeof(*new));

	if (!new)
		return NULL;
	new->header.type = BUILT_TYPE;
	new->levels[0].close = close;
	buf_add_char(&new->text, open);
	return (struct json *)new;
}

struct json *json_new_object(void)
{
	return built_new('{', '}');
}

struct json *json_new_array(void)
{
	return built_new('[', ']');
}

void json_free(struct json *json)
{
	struct built *own = built(json);

	if (!own) {
		json_decref(parsed(json));
		return;
	}
	buf_done(&own->text);
	free(own);
}

void json_clear(struct json *json)
{
	struct built *own = built(json);
	char open;

	if (!own)
		return;
	open = own->levels[0].close == '}' ? '{' : '[';
	own->depth = 0;
	own->failed = false;
	own->levels[0].has_members = false;
	buf_clear(&own->text);
	buf_add_char(&own->text, open);
}

/* A character that JSON or a terminal wants escaped. */
static void add_escaped(struct buf *out, unsigned code_point)
{
	static const char letters[] = "btn\0fr"; /* of \b (8) to \r (13) */

	if (code_point == '"' || code_point == '\\')
		buf_add(out, (char[2]){'\\', (char)code_point}, 2);
	else if (code_point >= 8 && code_point <= 13 && letters[code_point - 8])
		buf_add(out, (char[2]){'\\', letters[code_point - 8]}, 2);
	else if (code_point < 0x10000)
		buf_printf(out, "\\u%04x", code_point);
	else
		buf_printf(out, "\\u%04x\\u%04x", 0xd7c0 + (code_point >> 10),
			   0xdc00 + (code_point & 0x3ff));
}

static bool passes(unsigned code_point)
{
	return code_point != '"' && code_point != '\\' &&
	       (code_point < 0x7f ? code_point >= 0x20 : utf8_harmless(code_point));
}

/* ASCII that stays as it is. */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

#define EACH_BYTE 0x0101010101010101ULL
#define EACH_HIGH 0x8080808080808080ULL

/* Whether one of 8 bytes is below a limit of at most 0x80, not counting those from 0x80 on. */
static uint64_t any_below(uint64_t bytes, unsigned char limit)
{
	return (bytes - EACH_BYTE * limit) & ~bytes & EACH_HIGH;
}

/* How many bytes from the first on are plain; 8 at a time. */
static size_t plain_bytes(const unsigned char *in, size_t bytes)
{
	size_t at = 0;
	uint64_t word;

	for (; at + sizeof(word) <= bytes; at += sizeof(word)) {
		memcpy(&word, in + at, sizeof(word));
		if ((word & EACH_HIGH) | any_below(word, 0x20) |
		    any_below(word ^ EACH_BYTE * 0x7f, 1) | any_below(word ^ EACH_BYTE * '"', 1) |
		    any_below(word ^ EACH_BYTE * '\\', 1))
			break;
	}
	while (at < bytes && is_plain(in[at]))
		at++;
	return at;
}

static void add_string(struct buf *out, const void *data, size_t bytes)
{
	const unsigned char *in = data;
	size_t done = 0;

	buf_add_char(out, '"');
	for (size_t i = 0; i < bytes;) {
		unsigned code_point = 0;
		size_t length;

		i += plain_bytes(in + i, bytes - i);
		if (i == bytes)
			break;
		length = utf8_decode(in + i, bytes - i, &code_point);
		if (length && passes(code_point)) {
			i += length;
			continue;
		}
		if (i > done)
			buf_add(out, in + done, i - done);
		if (length)
			add_escaped(out, code_point);
		else
			buf_add_text(out, "\xef\xbf\xbd"); /* U+FFFD */
		i += length ? length : 1;
		done = i;
	}
	if (bytes > done)
		buf_add(out, in + done, bytes - done);
	buf_add_char(out, '"');
}

/* Separator and key of a new member. NULL if `to` cannot take one. */
static struct buf *member(struct json *to, const char *key)
{
	struct built *own = built(to);
	struct level *level;

	if (!own)
		return NULL;
	level = &own->levels[own->depth];
	if (level->has_members)
		buf_add_char(&own->text, ',');
	level->has_members = true;
	if (key) {
		buf_add_char(&own->text, '"');
		buf_add_text(&own->text, key);
		buf_add(&own->text, "\":", 2);
	}
	return &own->text;
}

static void open_level(struct json *to, const char *key, char open, char close)
{
	struct built *own = built(to);

	if (!member(to, key))
		return;
	assert(own->depth < JSON_DEPTH_MAX);
	own->levels[++own->depth] = (struct level){.close = close};
	buf_add_char(&own->text, open);
}

void json_open_object(struct json *to, const char *key)
{
	open_level(to, key, '{', '}');
}

void json_open_array(struct json *to, const char *key)
{
	open_level(to, key, '[', ']');
}

void json_close(struct json *to)
{
	struct built *own = built(to);

	if (!own)
		return;
	assert(own->depth > 0);
	buf_add_char(&own->text, own->levels[own->depth--].close);
}

static void add_digits(struct buf *out, uint64_t value)
{
	char digits[20]; /* of UINT64_MAX */
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	buf_add(out, digits + at, sizeof(digits) - at);
}

void json_add_text(struct json *to, const char *key, const char *text)
{
	if (text)
		json_add_bytes(to, key, text, strlen(text));
	else
		json_add_null(to, key);
}

void json_add_bytes(struct json *to, const char *key, const void *data, size_t bytes)
{
	struct buf *out = member(to, key);

	if (out)
		add_string(out, data, bytes);
}

void json_add_int(struct json *to, const char *key, int64_t value)
{
	struct buf *out = member(to, key);

	if (!out)
		return;
	if (value < 0)
		buf_add_char(out, '-');
	add_digits(out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void json_add_uint(struct json *to, const char *key, uint64_t value)
{
	struct buf *out = member(to, key);

	if (!out)
		return;
	if (value > INT64_MAX)
		buf_add_char(out, '"');
	add_digits(out, value);
	if (value > INT64_MAX)
		buf_add_char(out, '"');
}

void json_add_thousandths(struct json *to, const char *key, int64_t value)
{
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
	struct buf *out = member(to, key);

	if (!out)
		return;
	if (value < 0)
		buf_add_char(out, '-');
	add_digits(out, size / 1000);
	buf_add_char(out, '.');
	for (uint64_t digit = 100; digit; digit /= 10)
		buf_add_char(out, (char)('0' + size / digit % 10));
}

void json_add_bool(struct json *to, const char *key, bool value)
{
	struct buf *out = member(to, key);

	if (out)
		buf_add_text(out, value ? "true" : "false");
}

void json_add_null(struct json *to, const char *key)
{
	struct buf *out = member(to, key);

	if (out)
		buf_add_text(out, "null");
}

void json_add(struct json *to, const char *key, struct json *value)
{
	struct buf *out = member(to, key);

	if (out && json_write(value, out) < 0)
		built(to)->failed = true;
	json_free(value);
}

static int append(const char *data, size_t bytes, void *out)
{
	buf_add(out, data, bytes);
	return 0;
}

void json_add_members(struct json *to, const struct json *from)
{
	const char *key;
	json_t *value;

	json_object_foreach(parsed(from), key, value)
	{
		struct buf *out = member(to, NULL);

		if (!out)
			return;
		add_string(out, key, strlen(key));
		buf_add_char(out, ':');
		if (json_write((struct json *)value, out) < 0)
			built(to)->failed = true;
	}
}

int json_write(const struct json *json, struct buf *out)
{
	const struct built *own = built(json);

	if (!json)
		return -ENOMEM;
	if (own) {
		assert(!own->depth);
		if (own->failed || own->text.failed)
			return -ENOMEM;
		buf_add(out, own->text.data, own->text.bytes);
		buf_add_char(out, own->levels[0].close);
	} else if (json_dump_callback(parsed(json), append, out,
				      JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII)) {
		return -ENOMEM;
	}
	return out->failed ? -ENOMEM : 0;
}
