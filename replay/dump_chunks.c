/* SPDX-License-Identifier: Apache-2.0 */
/* Between a dump's table of chunks and the lanes of a snapshot: see dump_chunks.h. */
#include "replay/dump_chunks.h"

#include <errno.h>

#include "common/cleanup.h"
#include "dumper/chunk_data.h"
#include "replay/dump.h"

static void list_done(struct dump_chunk_list *chunks)
{
	for (size_t i = 0; i < chunks->count; i++)
		free(chunks->list[i].data);
	free(chunks->list);
	*chunks = (struct dump_chunk_list){};
}

void dump_chunks_done(struct dump_chunks *chunks)
{
	for (int lane = 0; lane < IGREC_LANES; lane++) {
		list_done(&chunks->lane[lane]);
		free(chunks->source.parts[lane]);
	}
}

/* ---- at once ----------------------------------------------------------------------------- */

/* Unpacks a chunk whose checksum is right. What is wrong with it becomes a fault. */
static int unpack(struct dump_faults *faults, const struct chunk *chunk, struct snapshot_lane *lane)
{
	AUTO_FREE void *raw = malloc(chunk->raw_bytes + 1);
	int err;

	if (!raw)
		return -ENOMEM;
	err = chunk_data_unpack(chunk->data, chunk->bytes, raw, chunk->raw_bytes);
	if (!err)
		err = chunk_unpack(chunk, raw, lane);
	if (err && err != -ENOMEM)
		dump_faults_add(faults, "chunk %s/%u: no run of blocks",
				row_lane_name((enum igrec_lane)chunk->lane), chunk->seq);
	return err && err != -ENOMEM ? -EUCLEAN : err;
}

/*
 * Gaps are told by the oldest record of their lane: its chunk is always read, and all of them if
 * blocks are missing in between, since then the gap may lie there.
 */
struct lane_outline {
	bool has_holes;
	uint64_t last_block;
	const struct chunk *oldest;
};

static struct lane_outline outline(const struct dump_chunk_list *chunks)
{
	struct lane_outline lane = {0};

	for (size_t i = 0; i < chunks->count; i++) {
		const struct chunk *chunk = &chunks->list[i];

		if (chunk->last_block - chunk->first_block + 1 != chunk->blocks ||
		    (lane.oldest && chunk->first_block != lane.last_block + 1))
			lane.has_holes = true;
		if (!lane.oldest || chunk->first_ns < lane.oldest->first_ns)
			lane.oldest = chunk;
		lane.last_block = chunk->last_block;
	}
	return lane;
}

static bool is_wanted(const struct dump_part *part, const struct lane_outline *lane,
		      const struct chunk *chunk)
{
	if (!(part->lanes & 1U << chunk->lane))
		return false;
	return lane->has_holes || chunk == lane->oldest ||
	       (chunk->last_ns >= part->since_ns && chunk->first_ns <= part->until_ns);
}

static void leave_chunk(const struct chunk *chunk, struct snapshot_lane *lane,
			struct dump_unread *unread)
{
	uint64_t headers = chunk->blocks * sizeof(struct chunk_block);

	unread->blocks += chunk->blocks;
	unread->bytes += chunk->raw_bytes > headers ? chunk->raw_bytes - headers : 0;
	lane->unread += chunk->records;
}

static int unpack_list(const struct dump_chunk_list *chunks, const struct dump_part *part,
		       struct dump_faults *faults, struct snapshot_lane *lane,
		       struct dump_unread *unread)
{
	const struct lane_outline lines = outline(chunks);

	for (size_t i = 0; i < chunks->count; i++) {
		const struct chunk *chunk = &chunks->list[i];

		if (part && !is_wanted(part, &lines, chunk))
			leave_chunk(chunk, lane, unread);
		else if (unpack(faults, chunk, lane) == -ENOMEM)
			return -ENOMEM;
	}
	return 0;
}

int dump_chunks_unpack(struct dump_chunks *chunks, const struct dump_part *part,
		       struct dump_faults *faults, struct snapshot *snapshot,
		       struct dump_unread ret[IGREC_LANES])
{
	int err = 0;

	for (int lane = 0; lane < IGREC_LANES && !err; lane++) {
		err = unpack_list(&chunks->lane[lane], part, faults, &snapshot->lane[lane],
				  &ret[lane]);
		list_done(&chunks->lane[lane]);
	}
	return err;
}

/* ---- later ------------------------------------------------------------------------------- */

static bool is_whole(const struct dump_chunk_list *chunks, uint64_t blocks_wanted)
{
	const struct chunk *last = NULL;
	uint64_t blocks = 0;

	for (size_t i = 0; i < chunks->count; i++) {
		const struct chunk *chunk = &chunks->list[i];

		if (last && chunk->first_block <= last->last_block)
			return false;
		blocks += chunk->blocks;
		last = chunk;
	}
	return blocks == blocks_wanted &&
	       (!last || last->last_block - chunks->list[0].first_block <= blocks);
}

bool dump_chunks_are_whole(const struct dump_chunks *chunks,
			   const struct row_lane lanes[IGREC_LANES])
{
	for (int lane = 0; lane < IGREC_LANES; lane++) {
		if (!is_whole(&chunks->lane[lane], lanes[lane].blocks))
			return false;
	}
	return true;
}

static int load_part(void *context, enum igrec_lane lane, size_t part, struct snapshot_lane *ret)
{
	const struct dump_chunks *chunks = context;

	return unpack(chunks->faults, &chunks->lane[lane].list[part], ret);
}

static bool may_hold(void *context, enum igrec_lane lane, size_t part, snapshot_wanted_fn wanted,
		     void *user)
{
	const struct dump_chunks *chunks = context;
	const struct chunk *chunk = &chunks->lane[lane].list[part];

	return chunk_data_may_hold(chunk->data, chunk->bytes, wanted, user);
}

static struct snapshot_part part_of(const struct chunk *chunk)
{
	return (struct snapshot_part){
		.begin_ns = chunk->begin_ns,
		.first_ns = chunk->first_ns,
		.last_ns = chunk->last_ns,
		.records = chunk->records,
	};
}

int dump_chunks_wait(struct dump_chunks *chunks, const struct row_lane lanes[IGREC_LANES],
		     struct dump_faults *faults, struct snapshot *snapshot)
{
	struct snapshot_source *source = &chunks->source;

	*source = (struct snapshot_source){
		.load = load_part, .may_hold = may_hold, .context = chunks};
	chunks->faults = faults;
	for (int lane = 0; lane < IGREC_LANES; lane++) {
		const struct dump_chunk_list *list = &chunks->lane[lane];

		source->whole_ns[lane] = lanes[lane].whole_ns;
		source->n_parts[lane] = list->count;
		source->parts[lane] = calloc(list->count + 1, sizeof(*source->parts[lane]));
		if (!source->parts[lane])
			return -ENOMEM;
		for (size_t i = 0; i < list->count; i++)
			source->parts[lane][i] = part_of(&list->list[i]);
	}
	snapshot->source = source;
	return 0;
}
