/* SPDX-License-Identifier: Apache-2.0 */
/* See number.h. A failed append is the buffer's to remember. */
#include "replay/number.h"

#include <string.h>

#define NS_PER_SECOND 1000000000ULL

static const char spaces[] = "                                                                ";

/* Digits of number in a base up to 16, at least `digits` of them. In line: dividing by a
 * constant saves a twentieth of a replay. */
static inline __attribute__((always_inline)) void add_digits(struct buf *out, uint64_t number,
							     unsigned base, unsigned digits)
{
	char text[64];
	unsigned at = sizeof(text);

	do {
		text[--at] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number || sizeof(text) - at < digits);
	buf_add(out, text + at, sizeof(text) - at);
}

static void add_decimal(struct buf *out, uint64_t number, unsigned digits)
{
	add_digits(out, number, 10, digits);
}

void number_unsigned(struct buf *out, uint64_t number)
{
	add_decimal(out, number, 1);
}

void number_signed(struct buf *out, int64_t number)
{
	if (number < 0)
		buf_add_char(out, '-');
	add_decimal(out, number < 0 ? -(uint64_t)number : (uint64_t)number, 1);
}

void number_hex(struct buf *out, uint64_t number)
{
	if (!number) {
		buf_add_char(out, '0');
		return;
	}
	buf_add(out, "0x", 2);
	add_digits(out, number, 16, 1);
}

void number_octal(struct buf *out, uint64_t number, unsigned digits)
{
	size_t start = out->bytes;

	add_digits(out, number, 8, digits);
	if (out->bytes > start && out->data[start] != '0') {
		out->bytes = start;
		buf_add_char(out, '0');
		add_digits(out, number, 8, digits);
	}
}

void number_seconds(struct buf *out, int64_t ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	if (ns < 0)
		buf_add_char(out, '-');
	add_decimal(out, size / NS_PER_SECOND, 1);
	buf_add_char(out, '.');
	add_decimal(out, size % NS_PER_SECOND / 1000, 6);
}

void number_duration(struct buf *out, uint64_t ns)
{
	static const struct {
		uint64_t unit_ns;
		const char *name;
	} units[] = {{NS_PER_SECOND, "s"}, {1000000, "ms"}, {1000, "us"}};
	unsigned unit = 0;
	uint64_t whole;

	if (ns < 1000) {
		add_decimal(out, ns, 1);
		buf_add_text(out, "ns");
		return;
	}
	while (ns < units[unit].unit_ns)
		unit++;
	whole = ns / units[unit].unit_ns;
	add_decimal(out, whole, 1);
	if (whole < 100) {
		unsigned decimals = whole < 10 ? 2 : 1;

		buf_add_char(out, '.');
		add_digits(out,
			   ns % units[unit].unit_ns /
				   (units[unit].unit_ns / (decimals == 2 ? 100 : 10)),
			   10, decimals);
	}
	buf_add_text(out, units[unit].name);
}

void align_left(struct buf *out, size_t start, size_t width)
{
	while (out->bytes - start < width && !out->failed) {
		size_t missing = width - (out->bytes - start);

		buf_add(out, spaces, missing < sizeof(spaces) - 1 ? missing : sizeof(spaces) - 1);
	}
}

void align_right(struct buf *out, size_t start, size_t width)
{
	size_t bytes = out->bytes - start;

	if (bytes >= width)
		return;
	align_left(out, start, width);
	if (out->failed)
		return;
	memmove(out->data + start + width - bytes, out->data + start, bytes);
	memset(out->data + start, ' ', width - bytes);
}
