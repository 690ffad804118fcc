/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kept in order, so that the only one a text can begin with, and those that this one begins with,
 * are found by halving: a hostile dump can make many of them that differ late.
 */
#include "dumper/literals.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dumper/mask.h"

void literals_done(struct literals *literals)
{
	for (size_t i = 0; i < literals->count; i++)
		free(literals->list[i].data);
	literals->count = 0;
}

void literals_add(struct literals *literals, const unsigned char *data, size_t bytes)
{
	struct literal *literal = &literals->list[literals->count];

	if (bytes < LITERALS_BYTES_MIN)
		return;
	for (size_t i = 0; i < literals->count; i++)
		if (literals->list[i].bytes == bytes &&
		    !memcmp(literals->list[i].data, data, bytes))
			return;
	if (literals->count == LITERALS_MAX) {
		literals->refused++;
		return;
	}
	literal->data = malloc(bytes);
	if (!literal->data) {
		literals->failed = true;
		return;
	}
	memcpy(literal->data, data, bytes);
	literal->bytes = bytes;
	literals->count++;
	literals->sorted = false;
}

static int compare(const unsigned char *a, size_t a_bytes, const unsigned char *b, size_t b_bytes)
{
	int differ = memcmp(a, b, a_bytes < b_bytes ? a_bytes : b_bytes);

	return differ ? differ : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

static int compare_literals(const void *a, const void *b)
{
	const struct literal *x = a, *y = b;

	return compare(x->data, x->bytes, y->data, y->bytes);
}

static bool begins_with(const unsigned char *text, size_t bytes, const struct literal *literal)
{
	return bytes >= literal->bytes && !memcmp(text, literal->data, literal->bytes);
}

static void sort(struct literals *literals)
{
	struct literal *list = literals->list;

	if (literals->sorted || !literals->count)
		return;
	qsort(list, literals->count, sizeof(*list), compare_literals);
	for (size_t i = 0; i < literals->count; i++) {
		int parent = (int)i - 1;

		while (parent >= 0 && !begins_with(list[i].data, list[i].bytes, &list[parent]))
			parent = list[parent].parent;
		list[i].parent = parent;
	}
	literals->sorted = true;
}

/* How many of them are not behind the text. */
static size_t count_up_to(const struct literals *literals, const unsigned char *text, size_t bytes)
{
	size_t low = 0, high = literals->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct literal *literal = &literals->list[middle];

		if (compare(literal->data, literal->bytes, text, bytes) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Bytes of the longest one that the text begins with; 0: none. */
static size_t longest_at(const struct literals *literals, const unsigned char *text, size_t bytes)
{
	int at = (int)count_up_to(literals, text, bytes) - 1;

	while (at >= 0 && !begins_with(text, bytes, &literals->list[at]))
		at = literals->list[at].parent;
	return at < 0 ? 0 : literals->list[at].bytes;
}

/* Whether any of them begins with the text. */
static bool is_beginning(const struct literals *literals, const unsigned char *text, size_t bytes)
{
	size_t next = count_up_to(literals, text, bytes);

	return next < literals->count && literals->list[next].bytes > bytes &&
	       !memcmp(literals->list[next].data, text, bytes);
}

static size_t cover_beginning(const struct literals *literals, unsigned char *text, size_t bytes)
{
	for (size_t at = 0; at + LITERALS_BYTES_MIN <= bytes; at++) {
		if (text[at] != MASK_CHAR && is_beginning(literals, text + at, bytes - at)) {
			memset(text + at, MASK_CHAR, bytes - at);
			return 1;
		}
	}
	return 0;
}

size_t literals_cover(struct literals *literals, unsigned char *text, size_t bytes, bool cut)
{
	uint8_t first[256] = {0};
	size_t covered = 0, at = 0;

	if (!literals->count)
		return 0;
	sort(literals);
	for (size_t i = 0; i < literals->count; i++)
		first[literals->list[i].data[0]] = 1;
	while (at < bytes) {
		size_t found = first[text[at]] ? longest_at(literals, text + at, bytes - at) : 0;

		if (found) {
			memset(text + at, MASK_CHAR, found);
			covered++;
		}
		at += found ? found : 1;
	}
	return covered + (cut ? cover_beginning(literals, text, bytes) : 0);
}
