/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks -> columns, for the dump's writer.  First all records are looked at, in their order, and
 * sorted by shape; then each shape's rows are written column by column.  Whatever would not come
 * back byte by byte is refused, so that the caller can keep the blocks as they are.
 */
#include <errno.h>

#include "common/cleanup.h"
#include "dumper/chunk.h"
#include "dumper/clock_grid.h"
#include "dumper/columns.h"
#include "dumper/columns_shape.h"

#define SHAPE_SLOTS  (2 * SHAPES_MAX) /* of the hash from shapes to their numbers */
#define GRID_RECORDS 256	      /* looked at to find the clock's grid */

struct packer {
	struct columns *columns;
	struct shape shapes[SHAPES_MAX];
	uint16_t slots[SHAPE_SLOTS]; /* number + 1 */
	uint32_t n_shapes;
	const unsigned char **records; /* in their order */
	uint32_t *order;	       /* of each its shape */
	const unsigned char **rows;    /* by shape; from behind header and mark on */
	struct clock_grid grid;
	uint64_t *gaps;	     /* of rows: steps since the one before in order, folded */
	uint64_t *durations; /* of rows: steps */
	uint32_t count, room;
};

static void packer_done(struct packer *packer)
{
	free(packer->records);
	free(packer->order);
	free(packer->rows);
	free(packer->gaps);
	free(packer->durations);
}

static struct igrec_record header_of(const unsigned char *record)
{
	struct igrec_record header;

	memcpy(&header, record, sizeof(header));
	return header;
}

/* Where the words behind header and mark begin. */
static size_t body_at(const struct igrec_record *header)
{
	return sizeof(*header) + (header->meta & IGREC_META_MARK ? sizeof(struct igrec_mark) : 0);
}

static uint64_t word_at(const unsigned char *at, size_t index)
{
	uint64_t word;

	memcpy(&word, at + index * sizeof(word), sizeof(word));
	return word;
}

/* ---- shapes ----------------------------------------------------------------------------- */

static bool all_zero(const unsigned char *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if (data[i])
			return false;
	}
	return true;
}

/* The shape of a record; -EBADMSG if the record holds more than its columns would. */
static int shape_of(const unsigned char *record, const struct igrec_record *header,
		    struct shape *ret)
{
	int words = shape_words(header->meta);
	size_t at = body_at(header) + (size_t)(words > 0 ? words : 0) * sizeof(uint64_t);
	struct igrec_capture capture;

	*ret = (struct shape){.meta = header->meta & ~IGREC_META_MARK, .nr = header->nr};
	if (words < 0 || at > header->bytes)
		return -EBADMSG;
	for (; at < header->bytes; at += shape_capture_room(capture.bytes)) {
		memcpy(&capture, record + at, sizeof(capture));
		if (ret->captures == SHAPE_CAPTURES_MAX ||
		    shape_capture_room(capture.bytes) > header->bytes - at ||
		    !all_zero(record + at + sizeof(capture) + capture.bytes,
			      shape_capture_room(capture.bytes) - sizeof(capture) - capture.bytes))
			return -EBADMSG;
		ret->capture[ret->captures].arg = capture.arg;
		ret->capture[ret->captures++].flags = capture.flags;
	}
	return 0;
}

static bool same_shape(const struct shape *a, const struct shape *b)
{
	return a->meta == b->meta && a->nr == b->nr && a->captures == b->captures &&
	       !memcmp(a->capture, b->capture, a->captures * sizeof(a->capture[0]));
}

static int find_shape(struct packer *packer, const struct shape *shape, uint32_t *ret)
{
	uint32_t slot = (shape->meta * 31U + shape->nr * 7U + shape->captures) % SHAPE_SLOTS;

	for (; packer->slots[slot]; slot = (slot + 1) % SHAPE_SLOTS) {
		*ret = packer->slots[slot] - 1U;
		if (same_shape(&packer->shapes[*ret], shape))
			return 0;
	}
	if (packer->n_shapes == SHAPES_MAX)
		return -EBADMSG;
	*ret = packer->n_shapes++;
	packer->shapes[*ret] = *shape;
	packer->slots[slot] = (uint16_t)(*ret + 1);
	return 0;
}

/* ---- all records, in their order -------------------------------------------------------- */

static int grow(struct packer *packer)
{
	uint32_t room = packer->room ? 2 * packer->room : 1024;
	const unsigned char **records;
	uint32_t *order;

	if (packer->count < packer->room)
		return 0;
	records = reallocarray(packer->records, room, sizeof(*records));
	if (!records)
		return -ENOMEM;
	packer->records = records;
	order = reallocarray(packer->order, room, sizeof(*order));
	if (!order)
		return -ENOMEM;
	packer->order = order;
	packer->room = room;
	return 0;
}

static int take_record(struct packer *packer, const unsigned char *at, size_t left,
		       struct igrec_record *ret)
{
	struct shape shape;
	int err;

	if (left < sizeof(*ret))
		return -EBADMSG;
	*ret = header_of(at);
	if (ret->bytes < sizeof(*ret) || ret->bytes % 8 || ret->bytes > left)
		return -EBADMSG;
	err = shape_of(at, ret, &shape);
	if (!err)
		err = grow(packer);
	if (!err)
		err = find_shape(packer, &shape, &packer->order[packer->count]);
	if (err)
		return err;
	packer->shapes[packer->order[packer->count]].count++;
	packer->records[packer->count++] = at;
	return 0;
}

/* *sequence: of the block before. A block is of one CPU. */
static int take_block(struct packer *packer, const struct chunk_block *block,
		      const unsigned char *at, uint64_t *sequence)
{
	struct buf *out = &packer->columns->column[COLUMN_BLOCKS];
	struct igrec_record header;
	uint32_t count = 0, cpu = 0;
	int err;

	for (size_t done = 0; done < block->bytes; done += header.bytes, count++) {
		err = take_record(packer, at + done, block->bytes - done, &header);
		if (err)
			return err;
		if (count && header.cpu != cpu)
			return -EBADMSG;
		cpu = header.cpu;
	}
	if (count != block->records)
		return -EBADMSG;
	stream_put(out, block->sequence - *sequence);
	stream_put(out, count);
	stream_put(out, cpu);
	*sequence = block->sequence;
	return 0;
}

static int take_blocks(struct packer *packer, const unsigned char *raw, size_t bytes)
{
	struct chunk_block block;
	uint64_t sequence = 0;
	int err;

	for (size_t at = 0; at < bytes; at += sizeof(block) + block.bytes) {
		if (bytes - at < sizeof(block))
			return -EBADMSG;
		memcpy(&block, raw + at, sizeof(block));
		if (block.bytes > bytes - at - sizeof(block))
			return -EBADMSG;
		err = take_block(packer, &block, raw + at + sizeof(block), &sequence);
		if (err)
			return err;
	}
	return 0;
}

/* ---- columns ---------------------------------------------------------------------------- */

static void put_shapes(struct packer *packer)
{
	struct buf *out = &packer->columns->column[COLUMN_SHAPES];
	uint32_t first = 0;

	for (uint32_t i = 0; i < packer->n_shapes; i++) {
		struct shape *shape = &packer->shapes[i];

		buf_add(out, &shape->meta, sizeof(shape->meta));
		buf_add(out, &shape->nr, sizeof(shape->nr));
		buf_add(out, &shape->captures, sizeof(shape->captures));
		buf_add(out, shape->capture, shape->captures * sizeof(shape->capture[0]));
		shape->first = first;
		first += shape->count;
	}
}

static uint64_t duration_of(const struct igrec_record *header)
{
	return (uint64_t)header->duration << IGREC_META_SHIFT(header->meta);
}

/* Each word is told from the one in the last mark, of which there may be none. */
static void put_mark(struct packer *packer, const unsigned char *mark, const unsigned char *last)
{
	for (size_t i = 0; i < SHAPE_MARK_WORDS; i++)
		stream_put_word(&packer->columns->column[COLUMN_MARKS], word_at(mark, i),
				last ? word_at(last, i) : 0);
}

/* What stands in the order of records. */
static void put_order(struct packer *packer)
{
	struct buf *column = packer->columns->column;
	const unsigned char *last_mark = NULL;
	uint32_t tid = 0;

	for (uint32_t i = 0; i < packer->count; i++) {
		const unsigned char *record = packer->records[i];
		struct igrec_record header = header_of(record);
		bool has_mark = header.meta & IGREC_META_MARK;

		stream_put(&column[COLUMN_ORDER], 2ULL * packer->order[i] + has_mark);
		stream_put(&column[COLUMN_TIDS], stream_fold((uint64_t)header.tid - tid));
		tid = header.tid;
		if (!has_mark)
			continue;
		put_mark(packer, record + sizeof(header), last_mark);
		last_mark = record + sizeof(header);
	}
}

static uint64_t begin_ns(const struct igrec_record *header)
{
	return header->time_ns - duration_of(header);
}

/* Durations that are not cut to fewer bits, and gaps. */
static void find_grid(struct packer *packer)
{
	uint64_t samples[2 * GRID_RECORDS], end_ns = 0;
	uint32_t records = packer->count < GRID_RECORDS ? packer->count : GRID_RECORDS;
	size_t count = 0;

	for (uint32_t i = 0; i < records && !packer->columns->step; i++) {
		struct igrec_record header = header_of(packer->records[i]);

		if (header.duration && IGREC_META_SHIFT(header.meta) == 0)
			samples[count++] = header.duration;
		if (i && begin_ns(&header) > end_ns)
			samples[count++] = begin_ns(&header) - end_ns;
		end_ns = header.time_ns;
	}
	if (count)
		packer->columns->step = clock_grid_find(samples, count);
	packer->grid.step = packer->columns->step;
	if (packer->grid.step)
		stream_put(&packer->columns->column[COLUMN_GRID], packer->grid.step);
}

/* Both residues in a byte; one that does not fit its 4 bits behind it. */
static void put_residues(struct packer *packer, uint64_t gap, uint64_t duration)
{
	struct buf *out = &packer->columns->column[COLUMN_GRID];
	uint64_t first = stream_fold(gap), second = stream_fold(duration);
	unsigned char high = first < RESIDUE_LARGE ? (unsigned char)first : RESIDUE_LARGE;
	unsigned char low = second < RESIDUE_LARGE ? (unsigned char)second : RESIDUE_LARGE;

	buf_add_char(out, (char)(high << 4 | low));
	if (high == RESIDUE_LARGE)
		stream_put(out, first);
	if (low == RESIDUE_LARGE)
		stream_put(out, second);
}

/* The row's gap and duration, as the steps that tell them. */
static void take_times(struct packer *packer, const struct igrec_record *header, uint64_t gap_ns,
		       uint32_t row)
{
	uint64_t gap, gap_residue, duration_residue = 0;

	gap = clock_grid_tell(&packer->grid, gap_ns, &gap_residue);
	packer->gaps[row] = stream_fold(gap);
	packer->durations[row] = header->duration;
	if (IGREC_META_SHIFT(header->meta) == 0)
		packer->durations[row] =
			clock_grid_tell(&packer->grid, header->duration, &duration_residue);
	if (packer->grid.step)
		put_residues(packer, gap_residue, duration_residue);
}

static int sort_by_shape(struct packer *packer)
{
	AUTO_FREE uint32_t *filled = calloc(packer->n_shapes + 1, sizeof(*filled));
	uint64_t end_ns = 0;

	packer->rows = calloc(packer->count + 1, sizeof(*packer->rows));
	packer->gaps = calloc(packer->count + 1, sizeof(*packer->gaps));
	packer->durations = calloc(packer->count + 1, sizeof(*packer->durations));
	if (!filled || !packer->rows || !packer->gaps || !packer->durations)
		return -ENOMEM;
	for (uint32_t i = 0; i < packer->count; i++) {
		struct igrec_record header = header_of(packer->records[i]);
		uint32_t shape = packer->order[i];
		uint32_t row = packer->shapes[shape].first + filled[shape]++;

		packer->rows[row] = packer->records[i] + body_at(&header);
		take_times(packer, &header, begin_ns(&header) - end_ns, row);
		end_ns = header.time_ns;
	}
	return 0;
}

static void put_times(struct packer *packer)
{
	struct buf *column = packer->columns->column;
	struct bits_out bits = {.out = &column[COLUMN_BITS]};

	for (uint32_t i = 0; i < packer->count; i++)
		stream_put_number(&column[COLUMN_GAPS], &bits, packer->gaps[i]);
	for (uint32_t i = 0; i < packer->count; i++)
		stream_put_number(&column[COLUMN_DURATIONS], &bits, packer->durations[i]);
	bits_out_end(&bits);
}

/* One word of all rows. from[i]: the row that row i is told from. */
static void put_word(struct packer *packer, const struct shape *shape, unsigned word,
		     const uint32_t *from)
{
	struct buf *out = &packer->columns->column[COLUMN_WORDS];
	const unsigned char **rows = packer->rows + shape->first;

	for (uint32_t i = 0; i < shape->count; i++)
		stream_put_word(out, word_at(rows[i], word),
				from[i] == SHAPE_NO_ROW ? 0 : word_at(rows[from[i]], word));
}

static void put_words(struct packer *packer, const struct shape *shape, uint32_t *from)
{
	unsigned words = (unsigned)shape_words(shape->meta);
	const unsigned char **rows = packer->rows + shape->first;
	struct shape_history history;

	shape_history_init(&history);
	for (uint32_t i = 0; i < shape->count; i++)
		from[i] = i ? i - 1 : SHAPE_NO_ROW;
	if (SHAPE_KEY < words)
		put_word(packer, shape, SHAPE_KEY, from);
	for (uint32_t i = 0; i < shape->count && SHAPE_KEY < words; i++)
		from[i] = shape_history_next(&history, word_at(rows[i], SHAPE_KEY));
	for (unsigned word = 0; word < words; word++) {
		if (word != SHAPE_KEY)
			put_word(packer, shape, word, from);
	}
}

/* All first captures, then all second ones, and so on. at[i]: where row i's next one is. */
static void put_captures(struct packer *packer, const struct shape *shape, uint32_t *at)
{
	struct buf *column = packer->columns->column;
	const unsigned char **rows = packer->rows + shape->first;
	struct igrec_capture capture;

	for (uint32_t i = 0; i < shape->count; i++)
		at[i] = (uint32_t)shape_words(shape->meta) * (uint32_t)sizeof(uint64_t);
	for (unsigned number = 0; number < shape->captures; number++) {
		for (uint32_t i = 0; i < shape->count; i++) {
			memcpy(&capture, rows[i] + at[i], sizeof(capture));
			stream_put(&column[COLUMN_LENGTHS], capture.bytes);
			buf_add(&column[COLUMN_CAPTURES], rows[i] + at[i] + sizeof(capture),
				capture.bytes);
			at[i] += (uint32_t)shape_capture_room(capture.bytes);
		}
	}
}

static int put_columns(struct packer *packer)
{
	AUTO_FREE uint32_t *scratch = calloc(packer->count + 1, sizeof(*scratch));
	int err;

	if (!scratch)
		return -ENOMEM;
	put_shapes(packer);
	put_order(packer);
	find_grid(packer);
	err = sort_by_shape(packer);
	if (err)
		return err;
	put_times(packer);
	for (uint32_t i = 0; i < packer->n_shapes; i++) {
		put_words(packer, &packer->shapes[i], scratch);
		put_captures(packer, &packer->shapes[i], scratch);
	}
	for (int i = 0; i < COLUMNS; i++) {
		if (packer->columns->column[i].failed)
			return -ENOMEM;
	}
	return 0;
}

int columns_pack(const void *raw, size_t bytes, struct columns *columns)
{
	AUTO_FREE struct packer *packer = calloc(1, sizeof(*packer));
	int err;

	if (!packer)
		return -ENOMEM;
	for (int i = 0; i < COLUMNS; i++)
		buf_clear(&columns->column[i]);
	packer->columns = columns;
	err = take_blocks(packer, raw, bytes);
	if (!err)
		err = put_columns(packer);
	packer_done(packer);
	return err;
}

void columns_done(struct columns *columns)
{
	for (int i = 0; i < COLUMNS; i++)
		buf_done(&columns->column[i]);
}
