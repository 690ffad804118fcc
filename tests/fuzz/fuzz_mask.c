/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a text that may hold secrets, and as the records of a tape that is scrubbed.  The
 * first byte chooses.  A mask changes nothing but to asterisks; what scrub leaves of records is
 * the same number of records.
 */
#include "common/cleanup.h"
#include "decode/event.h"
#include "dumper/scrub.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const struct mask *mask_of(void)
{
	static struct mask *mask;

	if (!mask) {
		mask = mask_new(true);
		if (!mask || mask_add(mask, "pin=([0-9]+)|[a-f]{3}-x*"))
			abort();
	}
	return mask;
}

static void found(void *context, const unsigned char *secret, size_t bytes)
{
	literals_add(context, secret, bytes);
}

static void check_changes(const unsigned char *before, const unsigned char *after, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (after[i] != before[i] && after[i] != MASK_CHAR)
			abort();
}

static void mask_bytes(const uint8_t *data, size_t bytes, enum mask_form form)
{
	AUTO_FREE unsigned char *text = malloc(bytes ? bytes : 1);
	AUTO_FREE struct literals *literals = calloc(1, sizeof(*literals));

	if (!text || !literals)
		return;
	memcpy(text, data, bytes);
	mask_text(mask_of(), form, text, bytes, found, literals);
	check_changes(data, text, bytes);
	literals_cover(literals, text, bytes, form == MASK_TEXT);
	check_changes(data, text, bytes);
	literals_done(literals);
}

static size_t count_records(const unsigned char *data, size_t bytes, size_t *ret_whole)
{
	struct event event;
	size_t count = 0, at = 0;
	int size;

	for (; at < bytes; at += (size_t)size, count++) {
		size = event_parse(data + at, bytes - at, IGREC_LANE_FLOW, &event);
		if (size <= 0)
			break;
	}
	*ret_whole = at;
	return count;
}

static void scrub_records(const uint8_t *data, size_t bytes, unsigned parts)
{
	static const char *const paths[] = {"/etc/*", "/srv"};
	const struct scrub scrub = {
		.arch = parts & 4 ? ARCH_ARM64 : ARCH_X86_64,
		.mask = mask_of(),
		.payloads = parts & 1,
		.argv = parts & 2,
		.paths = paths,
		.n_paths = ARRAY_SIZE(paths),
	};
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	AUTO_FREE struct literals *literals = calloc(1, sizeof(*literals));
	struct snapshot_lane *lane = &snapshot->lane[IGREC_LANE_FLOW];
	size_t before, after, whole;
	struct scrub_counts counts;

	lane->data = malloc(bytes + 1);
	lane->blocks = calloc(1, sizeof(*lane->blocks));
	if (!literals || !lane->data || !lane->blocks)
		abort();
	memcpy(lane->data, data, bytes);
	lane->bytes = bytes;
	lane->n_blocks = 1;
	lane->blocks[0] = (struct snapshot_block){.sequence = 1, .bytes = (uint32_t)bytes};
	before = count_records(lane->data, bytes, &whole);
	lane->blocks[0].bytes = (uint32_t)whole; /* as the ring has them: whole records only */
	if (scrub_snapshot(&scrub, snapshot, literals, &counts))
		abort();
	after = count_records(lane->data, lane->blocks[0].bytes, &whole);
	if (lane->blocks[0].bytes > bytes || whole != lane->blocks[0].bytes || after != before)
		abort();
	literals_done(literals);
	snapshot_free(snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	if (!bytes)
		return 0;
	if (data[0] & 8)
		scrub_records(data + 1, bytes - 1, data[0] & 7);
	else
		mask_bytes(data + 1, bytes - 1, data[0] & 1 ? MASK_ARGV : MASK_TEXT);
	return 0;
}
