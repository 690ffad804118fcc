/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removal shortens records where they lie, each in its block; masking leaves every length.  So
 * what is written afterwards needs nothing that the writer would not do with any snapshot.
 */
#include "dumper/scrub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "dumper/scrub_paths.h"
#include "dumper/snapshot_texts.h"

struct masking {
	const struct mask *mask;
	struct literals *literals; /* NULL: not kept */
	uint64_t covered;
};

static void keep_literal(void *context, const unsigned char *secret, size_t bytes)
{
	literals_add(context, secret, bytes);
}

static void mask_one(void *context, const struct snapshot_text *text)
{
	struct masking *masking = context;

	masking->covered += mask_text(masking->mask, text->form, text->data, text->bytes,
				      masking->literals ? keep_literal : NULL, masking->literals);
}

static void cover_one(void *context, const struct snapshot_text *text)
{
	struct masking *masking = context;

	masking->covered += literals_cover(masking->literals, text->data, text->bytes, text->cut);
}

void scrub_mask(struct snapshot *snapshot, enum arch arch, const struct mask *mask)
{
	struct masking masking = {.mask = mask};

	snapshot_texts(snapshot, arch, mask_one, &masking);
	snapshot->masked += masking.covered;
}

/* ---- removal ---------------------------------------------------------------------------- */

static bool is_removed(const struct scrub *scrub, const struct event *event, unsigned capture)
{
	enum capture_use use = capture_use_of(event, scrub->arch, capture);

	return (scrub->payloads && use == CAPTURE_PAYLOAD) || (scrub->argv && use == CAPTURE_ARGV);
}

/* Writes the captures that stay behind each other, from the place of the first on. Returns the
 * record's new size. */
static size_t keep_captures(const struct scrub *scrub, const struct event *event,
			    unsigned char *record, struct scrub_counts *counts)
{
	size_t header = sizeof(struct igrec_capture);
	unsigned char *to = record + (event->capture[0].data - record) - header;

	for (unsigned i = 0; i < event->captures; i++) {
		const unsigned char *from = event->capture[i].data - header;
		size_t bytes = (header + event->capture[i].bytes + 7) & ~(size_t)7;

		if (is_removed(scrub, event, i)) {
			counts->removed++;
			continue;
		}
		memmove(to, from, bytes);
		to += bytes;
	}
	return (size_t)(to - record);
}

/* Returns the record's new size. */
static size_t shorten_record(const struct scrub *scrub, const struct event *event,
			     unsigned char *record, size_t bytes, struct scrub_counts *counts)
{
	struct igrec_record header;
	unsigned removed = 0;

	for (unsigned i = 0; i < event->captures; i++)
		removed += is_removed(scrub, event, i);
	if (!removed)
		return bytes;
	bytes = keep_captures(scrub, event, record, counts);
	memcpy(&header, record, sizeof(header));
	header.bytes = (uint16_t)bytes;
	if (removed == event->captures)
		header.meta &= (uint16_t)~IGREC_META_CAPTURES;
	memcpy(record, &header, sizeof(header));
	return bytes;
}

static void shorten_block(const struct scrub *scrub, unsigned char *records,
			  struct snapshot_block *block, enum igrec_lane lane,
			  struct scrub_counts *counts)
{
	struct event event;
	size_t to = 0, at = 0;

	while (at < block->bytes) {
		int size = event_parse(records + at, block->bytes - at, lane, &event);
		size_t kept;

		if (size <= 0) /* no record: whatever it is, it does not stay */
			break;
		kept = shorten_record(scrub, &event, records + at, (size_t)size, counts);
		memmove(records + to, records + at, kept);
		to += kept;
		at += (size_t)size;
	}
	block->bytes = (uint32_t)to;
}

static void remove_argv(struct snapshot_task *tasks, size_t count, struct scrub_counts *counts)
{
	for (size_t i = 0; i < count; i++) {
		counts->removed += tasks[i].argv != NULL;
		free(tasks[i].argv);
		tasks[i].argv = NULL;
		tasks[i].argv_bytes = 0;
	}
}

static void remove_log(struct snapshot *snapshot, struct scrub_counts *counts)
{
	for (size_t i = 0; i < snapshot->n_log; i++) {
		free(snapshot->log[i].stream);
		free(snapshot->log[i].text);
	}
	counts->removed += snapshot->n_log;
	snapshot->n_log = 0;
}

static void remove_parts(const struct scrub *scrub, struct snapshot *snapshot,
			 struct scrub_counts *counts)
{
	for (int i = 0; i < IGREC_LANES; i++) {
		struct snapshot_lane *lane = &snapshot->lane[i];

		for (size_t b = 0; b < lane->n_blocks; b++)
			shorten_block(scrub, lane->data + lane->blocks[b].offset, &lane->blocks[b],
				      (enum igrec_lane)i, counts);
	}
	if (scrub->payloads)
		remove_log(snapshot, counts);
	if (scrub->argv) {
		remove_argv(snapshot->tasks, snapshot->n_tasks, counts);
		remove_argv(snapshot->oom_tasks, snapshot->n_oom_tasks, counts);
	}
}

/* ---- the whole -------------------------------------------------------------------------- */

int scrub_snapshot(const struct scrub *scrub, struct snapshot *snapshot, struct literals *literals,
		   struct scrub_counts *ret)
{
	struct masking masking = {.mask = scrub->mask, .literals = literals};

	*ret = (struct scrub_counts){0};
	snapshot_texts(snapshot, scrub->arch, mask_one, &masking);
	/* Only now: what goes may tell what is secret in what stays. */
	if (scrub->payloads || scrub->argv)
		remove_parts(scrub, snapshot, ret);
	masking.covered += scrub_paths(scrub, snapshot, literals);
	snapshot_texts(snapshot, scrub->arch, cover_one, &masking);
	ret->masked = masking.covered;
	snapshot->masked += masking.covered;
	return literals->failed ? -ENOMEM : 0;
}
