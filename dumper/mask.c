/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scans text for secrets.  A full ring is scanned each time a container fails, so most bytes must
 * cost next to nothing: three look-ups tell which rows of the table can begin at a byte, which are
 * none nearly everywhere.
 */
#include "dumper/mask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/pattern.h"
#include "dumper/secret.h"

#define FIRST 3 /* bytes of a word that are looked up */

struct mask {
	/* Bit n of rows[i][c]: byte i of row n's word may be c. */
	uint64_t rows[FIRST][256];
	bool builtin;
	regex_t patterns[MASK_PATTERNS_MAX];
	size_t n_patterns;
};

static void add_letter(uint64_t rows[256], const struct secret_row *row, unsigned char c,
		       uint64_t bit)
{
	rows[c] |= bit;
	if (!row->exact && c >= 'a' && c <= 'z')
		rows[c & ~0x20] |= bit;
}

struct mask *mask_new(bool builtin)
{
	struct mask *mask = calloc(1, sizeof(*mask));

	if (!mask || !builtin)
		return mask;
	mask->builtin = true;
	for (size_t n = 0; n < secret_rows_count; n++)
		for (size_t i = 0; i < FIRST; i++)
			add_letter(mask->rows[i], &secret_rows[n],
				   (unsigned char)secret_rows[n].word[i], 1ULL << n);
	return mask;
}

void mask_free(struct mask *mask)
{
	if (!mask)
		return;
	for (size_t i = 0; i < mask->n_patterns; i++)
		regfree(&mask->patterns[i]);
	free(mask);
}

int mask_add(struct mask *mask, const char *pattern)
{
	int err;

	if (mask->n_patterns == MASK_PATTERNS_MAX)
		return -ENOSPC;
	err = pattern_compile(pattern, &mask->patterns[mask->n_patterns]);
	if (!err)
		mask->n_patterns++;
	return err;
}

int mask_add_list(struct mask *mask, const char *patterns)
{
	char word[PATTERN_BYTES_MAX + 1];
	int err = 0;

	for (patterns += strspn(patterns, " "); *patterns && !err;
	     patterns += strspn(patterns, " ")) {
		size_t bytes = strcspn(patterns, " ");

		if (bytes > PATTERN_BYTES_MAX)
			return -E2BIG;
		memcpy(word, patterns, bytes);
		word[bytes] = '\0';
		err = mask_add(mask, word);
		patterns += bytes;
	}
	return err;
}

/* ---- scanning --------------------------------------------------------------------------- */

struct scan {
	const struct mask *mask;
	unsigned char *text;
	struct secret_text secret; /* the same, for those that only read */
	mask_found_fn found;
	void *context;
	size_t covered;
};

static void cover(void *context, struct secret_span span)
{
	struct scan *scan = context;
	size_t bytes = span.end - span.begin;

	if (scan->text[span.begin] != MASK_CHAR) {
		scan->covered++;
		if (scan->found)
			scan->found(scan->context, scan->text + span.begin, bytes);
	}
	memset(scan->text + span.begin, MASK_CHAR, bytes);
}

/* The rows of `candidates` at a byte. Returns where to go on. */
static size_t try_rows(struct scan *scan, size_t at, uint64_t candidates)
{
	for (; candidates; candidates &= candidates - 1) {
		const struct secret_row *row = &secret_rows[__builtin_ctzll(candidates)];
		struct secret_span span;

		if (!secret_word_is(&scan->secret, at, row) ||
		    !row->find(&scan->secret, at, row, &span))
			continue;
		cover(scan, span);
		return span.end;
	}
	return at + 1;
}

static void scan_builtin(struct scan *scan)
{
	const struct mask *mask = scan->mask;
	const unsigned char *text = scan->text;

	for (size_t at = 0; at + FIRST <= scan->secret.bytes;) {
		uint64_t candidates = mask->rows[0][text[at]] & mask->rows[1][text[at + 1]] &
				      mask->rows[2][text[at + 2]];

		at = candidates ? try_rows(scan, at, candidates) : at + 1;
	}
	if (scan->secret.argv)
		secret_options_find(&scan->secret, cover, scan);
}

static void scan_pattern(struct scan *scan, const regex_t *pattern, char *copy)
{
	struct secret_span span;
	size_t at = 0;

	while (at < scan->secret.bytes &&
	       pattern_find(pattern, copy, scan->secret.bytes, at, &span.begin, &span.end)) {
		if (span.end > span.begin) {
			cover(scan, span);
			memset(copy + span.begin, MASK_CHAR, span.end - span.begin);
		}
		at = span.end > at ? span.end : at + 1;
	}
}

static void scan_patterns(struct scan *scan)
{
	const struct mask *mask = scan->mask;
	AUTO_FREE char *copy = malloc(scan->secret.bytes + 1);

	if (!copy) { /* then nothing can be told from a secret */
		cover(scan, (struct secret_span){0, scan->secret.bytes});
		return;
	}
	memcpy(copy, scan->text, scan->secret.bytes);
	copy[scan->secret.bytes] = '\0';
	for (size_t i = 0; i < mask->n_patterns; i++)
		scan_pattern(scan, &mask->patterns[i], copy);
}

size_t mask_text(const struct mask *mask, enum mask_form form, unsigned char *text, size_t bytes,
		 mask_found_fn found, void *context)
{
	struct scan scan = {
		.mask = mask,
		.secret = {.bytes = bytes, .argv = form == MASK_ARGV},
		.found = found,
		.context = context,
	};

	if (form == MASK_REST) {
		memset(text, MASK_CHAR, mask->builtin || mask->n_patterns ? bytes : 0);
		return 0;
	}
	scan.text = text;
	scan.secret.data = text;
	if (mask->builtin)
		scan_builtin(&scan);
	if (mask->n_patterns && bytes)
		scan_patterns(&scan);
	return scan.covered;
}
