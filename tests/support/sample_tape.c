/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds ring records byte by byte, as bpf/igrec_abi.h lays them out, into a snapshot's lanes.
 */

#include "common/cleanup.h"
#include "tests/support/must.h"
#include "tests/support/sample_snapshot.h"

#define BLOCK_ROOM   (IGREC_BLOCK_BYTES - IGREC_BLOCK_HEADER_BYTES)
#define RECORD_ROOM  2048
#define DURATION_MAX UINT32_MAX

struct bytes {
	unsigned char data[RECORD_ROOM];
	size_t used;
};

static void put(struct bytes *bytes, const void *data, size_t count)
{
	must(bytes->used + count <= sizeof(bytes->data));
	if (count > 0)
		memcpy(bytes->data + bytes->used, data, count);
	bytes->used += count;
}

static void pad(struct bytes *bytes)
{
	static const unsigned char zeros[8];

	put(bytes, zeros, (8 - bytes->used % 8) % 8);
}

/* Returns true the first time a task is seen in the lane's last block. */
static bool needs_mark(struct sample_tape *tape, enum igrec_lane lane, uint32_t tid)
{
	for (unsigned i = 0; i < tape->n_marked[lane]; i++) {
		if (tape->marked[lane][i] == tid)
			return false;
	}
	must(tape->n_marked[lane] < ARRAY_SIZE(tape->marked[lane]));
	tape->marked[lane][tape->n_marked[lane]++] = tid;
	return true;
}

/* An exec changes the comm, so each lane needs a new mark. */
static void forget_marks(struct sample_tape *tape, uint32_t tid)
{
	for (int lane = 0; lane < IGREC_LANES; lane++) {
		for (unsigned i = 0; i < tape->n_marked[lane]; i++) {
			if (tape->marked[lane][i] == tid)
				tape->marked[lane][i] = 0;
		}
	}
}

static struct snapshot_block *last_block(struct snapshot_lane *lane)
{
	return lane->n_blocks ? &lane->blocks[lane->n_blocks - 1] : NULL;
}

static void begin_block(struct sample_tape *tape, enum igrec_lane number)
{
	struct snapshot_lane *lane = &tape->snapshot->lane[number];
	uint64_t sequence = lane->n_blocks ? last_block(lane)->sequence + 1 : 1;

	lane->blocks = reallocarray(lane->blocks, lane->n_blocks + 1, sizeof(*lane->blocks));
	must(lane->blocks);
	lane->blocks[lane->n_blocks++] =
		(struct snapshot_block){.sequence = sequence, .offset = lane->bytes};
	tape->n_marked[number] = 0;
}

/* A lane has no field for its capacity: it is the next power of two. */
static size_t room_for(size_t bytes)
{
	size_t room = 4096;

	while (room < bytes)
		room *= 2;
	return room;
}

static void append(struct snapshot_lane *lane, const struct bytes *bytes)
{
	size_t room = room_for(lane->bytes), wanted = room_for(lane->bytes + bytes->used);

	if (!lane->data || wanted != room)
		lane->data = realloc(lane->data, wanted);
	must(lane->data);
	memcpy(lane->data + lane->bytes, bytes->data, bytes->used);
	lane->bytes += bytes->used;
	lane->written++;
	last_block(lane)->bytes += (uint32_t)bytes->used;
	last_block(lane)->records++;
}

static void put_mark(struct bytes *bytes, const struct sample_task *task)
{
	struct igrec_mark mark = {
		.tgid = task->tgid,
		.ns_tid = task->ns_tid,
		.ns_tgid = task->ns_tgid,
	};

	memcpy(mark.comm, task->comm, strnlen(task->comm, sizeof(mark.comm) - 1));
	put(bytes, &mark, sizeof(mark));
}

static void put_captures(struct bytes *bytes, const struct sample_record *record)
{
	for (unsigned i = 0; i < record->captures; i++) {
		const struct sample_capture *from = &record->capture[i];
		const struct igrec_capture capture = {from->arg, from->flags, from->bytes};

		put(bytes, &capture, sizeof(capture));
		put(bytes, from->data, from->bytes);
		pad(bytes);
	}
}

static uint16_t meta_of(const struct sample_record *record, unsigned shift, bool mark)
{
	unsigned meta = record->type | record->meta | shift << IGREC_META_DURATION_SHIFT;

	meta |= record->args << IGREC_META_ARGS_SHIFT;
	if (mark)
		meta |= IGREC_META_MARK;
	if (record->captures)
		meta |= IGREC_META_CAPTURES;
	return (uint16_t)meta;
}

static void encode(const struct sample_record *record, bool mark, struct bytes *ret)
{
	struct igrec_record header = {
		.time_ns = record->time_ns,
		.nr = record->nr,
		.tid = record->task->tid,
		.cpu = (uint16_t)(record->task->tid % 2),
	};
	uint64_t duration = record->duration_ns;
	unsigned shift = 0;

	for (; duration > DURATION_MAX; duration >>= 10)
		shift++;
	header.duration = (uint32_t)duration;
	header.meta = meta_of(record, shift, mark);
	ret->used = 0;
	put(ret, &header, sizeof(header));
	if (mark)
		put_mark(ret, record->task);
	if (record->type == IGREC_RECORD_SYSCALL) {
		put(ret, &record->result, sizeof(record->result));
		put(ret, record->arg, record->args * sizeof(record->arg[0]));
	} else {
		put(ret, record->body, record->body_bytes);
	}
	put_captures(ret, record);
	header.bytes = (uint16_t)ret->used;
	memcpy(ret->data, &header, sizeof(header));
}

void sample_add(struct sample_tape *tape, const struct sample_record *record)
{
	struct snapshot_lane *lane = &tape->snapshot->lane[record->lane];
	struct bytes bytes;

	if (record->type == IGREC_RECORD_EXEC)
		forget_marks(tape, record->task->tid);
	/* With room for a mark, which a task's first record in a block carries. */
	encode(record, true, &bytes);
	if (!lane->n_blocks || last_block(lane)->bytes + bytes.used > BLOCK_ROOM)
		begin_block(tape, record->lane);
	encode(record, needs_mark(tape, record->lane, record->task->tid), &bytes);
	append(lane, &bytes);
}
