/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the recorder's jobs and the dump's writer, for the case that the disk is full.  A dump
 * that lacks records says so itself: its lanes have written more than is overwritten, torn and on
 * the tape.
 */
#include "dumper/dump_fit.h"

#include <errno.h>

#include "common/cleanup.h"
#include "storage/retention.h"

/* What a file takes: of the records' bytes mostly a quarter, and all of them if they hold what
 * cannot be compressed. */
#define TABLES_BYTES  (24 * 1024)
#define MOSTLY	      3 /* part of the records' bytes */
#define AT_WORST      1
#define WORTH_KEEPING 4096 /* bytes of records; of less, none are kept */

void dump_fit_done(struct dump_fit *fit)
{
	free(fit->file);
	*fit = (struct dump_fit){};
}

static bool is_full(int err)
{
	return err == -ENOSPC || err == -EDQUOT;
}

/* ---- fewer records ---------------------------------------------------------------------- */

/* Keeps blocks first..first+count of the lane. Returns the number of records that went. */
static uint64_t lane_keep(struct snapshot_lane *lane, size_t first, size_t count)
{
	uint64_t gone = 0;
	size_t bytes = 0;

	for (size_t i = 0; i < lane->n_blocks; i++) {
		if (i < first || i >= first + count) {
			gone += lane->blocks[i].records;
			continue;
		}
		memmove(lane->data + bytes, lane->data + lane->blocks[i].offset,
			lane->blocks[i].bytes);
		lane->blocks[i].offset = bytes;
		bytes += lane->blocks[i].bytes;
	}
	memmove(lane->blocks, lane->blocks + first, count * sizeof(*lane->blocks));
	lane->n_blocks = count;
	lane->bytes = bytes;
	return gone;
}

/* How many blocks fit into *budget, from the lane's end or its beginning; takes them from it. */
static size_t blocks_within(const struct snapshot_lane *lane, bool from_end, uint64_t *budget)
{
	size_t count = 0;

	while (count < lane->n_blocks) {
		size_t i = from_end ? lane->n_blocks - 1 - count : count;

		if (lane->blocks[i].bytes > *budget) {
			*budget = 0;
			break;
		}
		*budget -= lane->blocks[i].bytes;
		count++;
	}
	return count;
}

/* Leaves records out until `bytes` of them are there. Returns how many went. */
static uint64_t keep(struct snapshot *snapshot, uint64_t bytes)
{
	static const struct {
		enum igrec_lane lane;
		bool newest; /* are kept, or else the oldest */
	} order[] = {
		{IGREC_LANE_VITAL, true},
		{IGREC_LANE_START, false},
		{IGREC_LANE_FLOW, true},
	};
	uint64_t gone = 0;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		struct snapshot_lane *lane = &snapshot->lane[order[i].lane];
		size_t count = blocks_within(lane, order[i].newest, &bytes);

		gone += lane_keep(lane, order[i].newest ? lane->n_blocks - count : 0, count);
	}
	return gone;
}

/* ---- room ------------------------------------------------------------------------------- */

/* Lets others go, as far as they matter less. Whether any went. */
static bool make_room(const struct snapshot *snapshot, unsigned part, const struct store *store,
		      int full_err, struct dump_fit *fit)
{
	uint64_t bytes = TABLES_BYTES + snapshot_tape_bytes(snapshot) / part, available = 0;
	struct dump_name coming;
	int removed;

	/* A quota says nothing of what the filesystem still has. */
	if (full_err == -ENOSPC && store_available(store, &available))
		available = 0;
	dump_write_name(snapshot, NULL, &coming);
	removed = retention_make_room(store, &coming, bytes > available ? bytes - available : 1);
	if (removed <= 0)
		return false;
	fit->removed += (unsigned)removed;
	return true;
}

int dump_fit_write(struct snapshot *snapshot, const struct dump_cause *cause, struct store *store,
		   struct dump_fit *ret)
{
	uint64_t bytes = snapshot_tape_bytes(snapshot);
	int err;

	*ret = (struct dump_fit){};
	err = dump_write(snapshot, cause, store, &ret->file);
	if (is_full(err) && make_room(snapshot, MOSTLY, store, err, ret))
		err = dump_write(snapshot, cause, store, &ret->file);
	if (is_full(err) && make_room(snapshot, AT_WORST, store, err, ret))
		err = dump_write(snapshot, cause, store, &ret->file);
	while (is_full(err) && bytes > 0) {
		bytes = bytes / 2 < WORTH_KEEPING ? 0 : bytes / 2;
		ret->left_out += keep(snapshot, bytes);
		err = dump_write(snapshot, cause, store, &ret->file);
		if (is_full(err) && make_room(snapshot, MOSTLY, store, err, ret))
			err = dump_write(snapshot, cause, store, &ret->file);
	}
	return err;
}
