/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Escapes bytes from containers before they reach a terminal.  Every renderer goes through here;
 * whatever is not known to be harmless is escaped.
 */
#include "common/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/buf.h"
#include "common/cleanup.h"

static bool printable_ascii(unsigned char c)
{
	return c >= 0x20 && c < 0x7f;
}

static bool is_octal(unsigned char c)
{
	return c >= '0' && c <= '7';
}

/* The letter of a C escape such as \n, 0 if the byte has none. */
static char escape_letter(unsigned char c)
{
	switch (c) {
	case '\t':
		return 't';
	case '\n':
		return 'n';
	case '\v':
		return 'v';
	case '\f':
		return 'f';
	case '\r':
		return 'r';
	case '\\':
		return '\\';
	default:
		return 0;
	}
}

/* The next byte decides the length: a digit after a short octal escape would join it. */
static void add_octal(struct buf *out, unsigned char c, bool digit_follows)
{
	char text[4] = {'\\', (char)('0' + (c >> 6)), (char)('0' + ((c >> 3) & 7)),
			(char)('0' + (c & 7))};
	size_t skip = 0;

	if (!digit_follows)
		skip = c >= 0100 ? 0 : c >= 010 ? 1 : 2;
	buf_add_char(out, '\\');
	buf_add(out, text + 1 + skip, 3 - skip);
}

void escape_quoted(struct buf *out, const void *data, size_t bytes)
{
	const unsigned char *in = data;
	size_t done = 0;

	if (!bytes)
		return;

	for (size_t i = 0; i < bytes; i++) {
		char letter = in[i] == '"' ? '"' : escape_letter(in[i]);

		if (printable_ascii(in[i]) && !letter)
			continue;
		buf_add(out, in + done, i - done);
		done = i + 1;
		if (letter) {
			buf_add(out, (char[2]){'\\', letter}, 2);
			continue;
		}
		add_octal(out, in[i], i + 1 < bytes && is_octal(in[i + 1]));
	}
	buf_add(out, in + done, bytes - done);
}

size_t utf8_decode(const void *data, size_t bytes, unsigned *ret_code_point)
{
	static const unsigned lowest[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *in = data;
	unsigned code_point;
	size_t length;

	if (!bytes)
		return 0;
	if (in[0] < 0x80) {
		*ret_code_point = in[0];
		return 1;
	}
	length = in[0] >= 0xf8 ? 0 : in[0] >= 0xf0 ? 4 : in[0] >= 0xe0 ? 3 : in[0] >= 0xc0 ? 2 : 0;
	if (!length || length > bytes)
		return 0;
	code_point = in[0] & (0xffU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((in[i] & 0xc0) != 0x80)
			return 0;
		code_point = code_point << 6 | (in[i] & 0x3f);
	}
	if (code_point < lowest[length] || code_point > 0x10ffff ||
	    (code_point >= 0xd800 && code_point <= 0xdfff))
		return 0;
	*ret_code_point = code_point;
	return length;
}

/* Harmful: Unicode's Cc, Cf, Zl, Zp, noncharacters, private use. Nothing of it belongs in a name.
 */
bool utf8_harmless(unsigned c)
{
	static const struct {
		unsigned first, last;
	} bad[] = {
		{0, 0x1f},	     {0x7f, 0x9f},	 {0xad, 0xad},	     {0x34f, 0x34f},
		{0x600, 0x605},	     {0x61c, 0x61c},	 {0x6dd, 0x6dd},     {0x70f, 0x70f},
		{0x890, 0x891},	     {0x8e2, 0x8e2},	 {0x115f, 0x1160},   {0x17b4, 0x17b5},
		{0x180b, 0x180f},    {0x200b, 0x200f},	 {0x2028, 0x202e},   {0x2060, 0x206f},
		{0x3164, 0x3164},    {0xe000, 0xf8ff},	 {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},
		{0xfeff, 0xfeff},    {0xffa0, 0xffa0},	 {0xfff0, 0xffff},   {0x110bd, 0x110bd},
		{0x110cd, 0x110cd},  {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
		{0xe0000, 0x10ffff},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (c >= bad[i].first && c <= bad[i].last)
			return false;
	}
	return (c & 0xfffe) != 0xfffe;
}

/* How many bytes from here on pass as they are. */
static size_t plain_bytes(const unsigned char *in, size_t bytes)
{
	size_t plain = 0;

	while (plain < bytes && printable_ascii(in[plain]) && in[plain] != '\\')
		plain++;
	return plain;
}

void escape_name(struct buf *out, const void *data, size_t bytes)
{
	const unsigned char *in = data;

	for (size_t i = 0; i < bytes;) {
		unsigned code_point;
		size_t length, plain = plain_bytes(in + i, bytes - i);
		char letter;

		if (plain) {
			buf_add(out, in + i, plain);
			i += plain;
			continue;
		}
		length = utf8_decode(in + i, bytes - i, &code_point);
		letter = escape_letter(in[i]);
		if (letter) {
			buf_add(out, (char[2]){'\\', letter}, 2);
			i++;
		} else if (length && utf8_harmless(code_point)) {
			buf_add(out, in + i, length);
			i += length;
		} else {
			for (size_t end = i + (length ? length : 1); i < end; i++)
				buf_printf(out, "\\x%02x", in[i]);
		}
	}
}

void escape_name_text(struct buf *out, const char *text)
{
	escape_name(out, text, strlen(text));
}

void escape_utf8(struct buf *out, const void *data, size_t bytes)
{
	const char *in = data;
	size_t done = 0;

	for (size_t i = 0; i < bytes;) {
		unsigned code_point;
		size_t length = utf8_decode(in + i, bytes - i, &code_point);

		if (length && in[i]) {
			i += length;
			continue;
		}
		buf_add(out, in + done, i - done);
		buf_add_text(out, "\xef\xbf\xbd"); /* U+FFFD */
		done = ++i;
	}
	buf_add(out, in + done, bytes - done);
}

void escape_csv(struct buf *out, const void *data, size_t bytes, bool to_terminal)
{
	const char *at = data, *end = at + bytes;

	buf_add_char(out, '"');
	while (at < end) {
		const char *quote = memchr(at, '"', (size_t)(end - at));
		const char *stop = quote ? quote : end;

		if (to_terminal)
			escape_name(out, at, (size_t)(stop - at));
		else
			escape_utf8(out, at, (size_t)(stop - at));
		if (quote)
			buf_add(out, "\"\"", 2);
		at = quote ? quote + 1 : end;
	}
	buf_add_char(out, '"');
}
