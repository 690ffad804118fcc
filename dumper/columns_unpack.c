/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns -> blocks, for the dump's reader.  The columns come from a file: each read is checked,
 * and nothing is allocated that is larger than the blocks to be, times a small constant.  First
 * everything that goes by shape is read into rows, then the rows are put into the order of records.
 */
#include <errno.h>

#include "common/cleanup.h"
#include "dumper/chunk.h"
#include "dumper/clock_grid.h"
#include "dumper/columns.h"
#include "dumper/columns_shape.h"

struct unpacker {
	struct stream column[COLUMNS];
	size_t bytes; /* of the blocks, in the end */
	struct shape *shapes;
	uint32_t n_shapes;
	uint32_t *order; /* of each record twice its shape, plus 1 if it has a mark */
	uint32_t count;	 /* records */
	/* By row, a shape's rows together. */
	uint64_t *gaps, *durations; /* steps */
	/* By shape: words row by row; captures of the first rows, then all second ones, ... */
	uint64_t *words;
	size_t *first_word;
	struct piece {
		const unsigned char *data;
		uint16_t bytes;
	} * pieces;
	size_t *first_piece;
};

static void unpacker_done(struct unpacker *unpacker)
{
	free(unpacker->shapes);
	free(unpacker->order);
	free(unpacker->gaps);
	free(unpacker->durations);
	free(unpacker->words);
	free(unpacker->first_word);
	free(unpacker->pieces);
	free(unpacker->first_piece);
}

/* ---- shapes and order ------------------------------------------------------------------- */

static int read_shapes(struct unpacker *unpacker)
{
	struct stream *in = &unpacker->column[COLUMN_SHAPES];
	int err = 0;

	unpacker->shapes = calloc(SHAPES_MAX, sizeof(*unpacker->shapes));
	if (!unpacker->shapes)
		return -ENOMEM;
	while (in->left && !err) {
		if (unpacker->n_shapes == SHAPES_MAX)
			return -EUCLEAN;
		err = shape_read(in, &unpacker->shapes[unpacker->n_shapes++]);
	}
	return err;
}

/* A record takes at least its header and words, so their number is bounded by the bytes. */
static int read_order(struct unpacker *unpacker)
{
	struct stream *in = &unpacker->column[COLUMN_ORDER];
	size_t most = unpacker->bytes / sizeof(struct igrec_record);
	size_t room = in->left < most ? in->left : most;
	size_t taken = 0;
	struct shape *shape;
	uint64_t number;

	unpacker->order = calloc(room + 1, sizeof(*unpacker->order));
	if (!unpacker->order)
		return -ENOMEM;
	while (in->left) {
		if (!stream_get(in, &number) || number / 2 >= unpacker->n_shapes ||
		    unpacker->count == room)
			return -EUCLEAN;
		shape = &unpacker->shapes[number / 2];
		taken += sizeof(struct igrec_record) +
			 (size_t)shape_words(shape->meta) * sizeof(uint64_t) +
			 shape->captures * shape_capture_room(0);
		if (taken > unpacker->bytes)
			return -EUCLEAN;
		shape->count++;
		unpacker->order[unpacker->count++] = (uint32_t)number;
	}
	return 0;
}

/* ---- what goes by shape ----------------------------------------------------------------- */

static int allot(struct unpacker *unpacker)
{
	size_t words = 0, pieces = 0, rows = 0;

	unpacker->first_word = calloc(unpacker->n_shapes + 1, sizeof(*unpacker->first_word));
	unpacker->first_piece = calloc(unpacker->n_shapes + 1, sizeof(*unpacker->first_piece));
	if (!unpacker->first_word || !unpacker->first_piece)
		return -ENOMEM;
	for (uint32_t i = 0; i < unpacker->n_shapes; i++) {
		struct shape *shape = &unpacker->shapes[i];

		shape->first = (uint32_t)rows;
		unpacker->first_word[i] = words;
		unpacker->first_piece[i] = pieces;
		rows += shape->count;
		words += shape->count * (size_t)shape_words(shape->meta);
		pieces += (size_t)shape->count * shape->captures;
	}
	unpacker->gaps = calloc(rows + 1, sizeof(*unpacker->gaps));
	unpacker->durations = calloc(rows + 1, sizeof(*unpacker->durations));
	unpacker->words = calloc(words + 1, sizeof(*unpacker->words));
	unpacker->pieces = calloc(pieces + 1, sizeof(*unpacker->pieces));
	return unpacker->gaps && unpacker->durations && unpacker->words && unpacker->pieces
		       ? 0
		       : -ENOMEM;
}

static int read_times(struct unpacker *unpacker)
{
	struct stream *column = unpacker->column;
	struct bits_in bits = {.in = column[COLUMN_BITS]};

	for (uint32_t i = 0; i < unpacker->count; i++) {
		if (!stream_get_number(&column[COLUMN_GAPS], &bits, &unpacker->gaps[i]))
			return -EUCLEAN;
	}
	for (uint32_t i = 0; i < unpacker->count; i++) {
		if (!stream_get_number(&column[COLUMN_DURATIONS], &bits, &unpacker->durations[i]))
			return -EUCLEAN;
	}
	column[COLUMN_BITS] = bits.in;
	return 0;
}

/* One word of all rows. */
static bool read_word(struct unpacker *unpacker, const struct shape *shape, uint64_t *words,
		      unsigned word, const uint32_t *from)
{
	struct stream *in = &unpacker->column[COLUMN_WORDS];
	size_t each = (size_t)shape_words(shape->meta);

	for (uint32_t i = 0; i < shape->count; i++) {
		uint64_t expected = from[i] == SHAPE_NO_ROW ? 0 : words[from[i] * each + word];

		if (!stream_get_word(in, expected, &words[i * each + word]))
			return false;
	}
	return true;
}

static int read_words(struct unpacker *unpacker, uint32_t number, uint32_t *from)
{
	const struct shape *shape = &unpacker->shapes[number];
	uint64_t *words = unpacker->words + unpacker->first_word[number];
	unsigned each = (unsigned)shape_words(shape->meta);
	struct shape_history history;

	shape_history_init(&history);
	for (uint32_t i = 0; i < shape->count; i++)
		from[i] = i ? i - 1 : SHAPE_NO_ROW;
	if (SHAPE_KEY < each && !read_word(unpacker, shape, words, SHAPE_KEY, from))
		return -EUCLEAN;
	for (uint32_t i = 0; i < shape->count && SHAPE_KEY < each; i++)
		from[i] = shape_history_next(&history, words[(size_t)i * each + SHAPE_KEY]);
	for (unsigned word = 0; word < each; word++) {
		if (word != SHAPE_KEY && !read_word(unpacker, shape, words, word, from))
			return -EUCLEAN;
	}
	return 0;
}

static int read_captures(struct unpacker *unpacker, uint32_t number)
{
	const struct shape *shape = &unpacker->shapes[number];
	struct piece *piece = unpacker->pieces + unpacker->first_piece[number];
	struct stream *data = &unpacker->column[COLUMN_CAPTURES];
	uint64_t bytes;

	for (size_t i = 0; i < (size_t)shape->count * shape->captures; i++, piece++) {
		if (!stream_get(&unpacker->column[COLUMN_LENGTHS], &bytes) || bytes > UINT16_MAX ||
		    bytes > data->left)
			return -EUCLEAN;
		*piece = (struct piece){data->data, (uint16_t)bytes};
		data->data += bytes;
		data->left -= bytes;
	}
	return 0;
}

static int read_rows(struct unpacker *unpacker)
{
	AUTO_FREE uint32_t *scratch = calloc(unpacker->count + 1, sizeof(*scratch));
	int err;

	if (!scratch)
		return -ENOMEM;
	err = allot(unpacker);
	if (!err)
		err = read_times(unpacker);
	for (uint32_t i = 0; i < unpacker->n_shapes && !err; i++) {
		err = read_words(unpacker, i, scratch);
		if (!err)
			err = read_captures(unpacker, i);
	}
	return err;
}

/* ---- blocks ----------------------------------------------------------------------------- */

/* The blocks as far as they are put together. */
struct joiner {
	struct unpacker *unpacker;
	uint32_t *filled; /* of each shape, rows used */
	uint32_t record;  /* the next one's number */
	struct clock_grid grid;
	uint64_t end_ns;
	uint64_t tid;
	uint64_t mark[SHAPE_MARK_WORDS]; /* the last one */
	unsigned char *at;
	size_t left;
};

static bool join_bytes(struct joiner *joiner, const void *data, size_t bytes, size_t room)
{
	if (room > joiner->left)
		return false;
	memcpy(joiner->at, data, bytes);
	memset(joiner->at + bytes, 0, room - bytes);
	joiner->at += room;
	joiner->left -= room;
	return true;
}

static bool join_captures(struct joiner *joiner, const struct shape *shape,
			  const struct piece *pieces, uint32_t row)
{
	for (unsigned i = 0; i < shape->captures; i++) {
		const struct piece *piece = &pieces[(size_t)i * shape->count + row];
		const struct igrec_capture capture = {
			.arg = shape->capture[i].arg,
			.flags = shape->capture[i].flags,
			.bytes = piece->bytes,
		};

		if (!join_bytes(joiner, &capture, sizeof(capture), sizeof(capture)) ||
		    !join_bytes(joiner, piece->data, piece->bytes,
				shape_capture_room(piece->bytes) - sizeof(capture)))
			return false;
	}
	return true;
}

static bool join_mark(struct joiner *joiner)
{
	struct stream *in = &joiner->unpacker->column[COLUMN_MARKS];

	for (size_t i = 0; i < SHAPE_MARK_WORDS; i++) {
		if (!stream_get_word(in, joiner->mark[i], &joiner->mark[i]))
			return false;
	}
	return join_bytes(joiner, joiner->mark, sizeof(joiner->mark), sizeof(joiner->mark));
}

static bool join_residue(struct stream *in, unsigned bits, uint64_t *ret)
{
	uint64_t folded = bits;

	if (bits == RESIDUE_LARGE && !stream_get(in, &folded))
		return false;
	*ret = stream_unfold(folded);
	return true;
}

static bool join_residues(struct joiner *joiner, uint64_t *ret_gap, uint64_t *ret_duration)
{
	struct stream *in = &joiner->unpacker->column[COLUMN_GRID];
	unsigned char both;

	*ret_gap = 0;
	*ret_duration = 0;
	if (!joiner->grid.step)
		return true;
	return stream_get_bytes(in, &both, 1) && join_residue(in, both >> 4, ret_gap) &&
	       join_residue(in, both & 0xf, ret_duration);
}

static bool join_times(struct joiner *joiner, const struct shape *shape, uint32_t row,
		       struct igrec_record *header)
{
	uint64_t gap = stream_unfold(joiner->unpacker->gaps[shape->first + row]);
	uint64_t duration = joiner->unpacker->durations[shape->first + row];
	unsigned shift = IGREC_META_SHIFT(shape->meta);
	uint64_t gap_residue, duration_residue;

	if (!join_residues(joiner, &gap_residue, &duration_residue))
		return false;
	joiner->end_ns += clock_grid_ns(&joiner->grid, gap, gap_residue);
	if (!shift)
		duration = clock_grid_ns(&joiner->grid, duration, duration_residue);
	if (duration > UINT32_MAX)
		return false;
	joiner->end_ns += duration << shift;
	header->duration = (uint32_t)duration;
	header->time_ns = joiner->end_ns;
	return true;
}

static bool join_header(struct joiner *joiner, const struct shape *shape, uint32_t row,
			bool has_mark, uint64_t cpu)
{
	struct unpacker *unpacker = joiner->unpacker;
	struct igrec_record header = {
		.meta = shape->meta | (has_mark ? IGREC_META_MARK : 0),
		.cpu = (uint16_t)cpu,
		.nr = shape->nr,
	};
	uint64_t tid;

	if (!stream_get(&unpacker->column[COLUMN_TIDS], &tid))
		return false;
	joiner->tid += stream_unfold(tid);
	if (joiner->tid > UINT32_MAX)
		return false;
	header.tid = (uint32_t)joiner->tid;
	return join_times(joiner, shape, row, &header) &&
	       join_bytes(joiner, &header, sizeof(header), sizeof(header)) &&
	       (!has_mark || join_mark(joiner));
}

static bool join_record(struct joiner *joiner, uint64_t cpu)
{
	struct unpacker *unpacker = joiner->unpacker;
	bool has_mark = unpacker->order[joiner->record] & 1;
	uint32_t number = unpacker->order[joiner->record++] / 2;
	const struct shape *shape = &unpacker->shapes[number];
	uint32_t row = joiner->filled[number]++;
	size_t words = (size_t)shape_words(shape->meta);
	unsigned char *begin = joiner->at;
	uint16_t bytes;

	if (!join_header(joiner, shape, row, has_mark, cpu) ||
	    !join_bytes(joiner, unpacker->words + unpacker->first_word[number] + row * words,
			words * sizeof(uint64_t), words * sizeof(uint64_t)) ||
	    !join_captures(joiner, shape, unpacker->pieces + unpacker->first_piece[number], row) ||
	    joiner->at - begin > UINT16_MAX)
		return false;
	bytes = (uint16_t)(joiner->at - begin);
	memcpy(begin + offsetof(struct igrec_record, bytes), &bytes, sizeof(bytes));
	return true;
}

static bool join_block(struct joiner *joiner, struct chunk_block *block)
{
	struct stream *in = &joiner->unpacker->column[COLUMN_BLOCKS];
	uint64_t sequence, records, cpu;
	unsigned char *begin = joiner->at;

	if (!stream_get(in, &sequence) || !stream_get(in, &records) || !stream_get(in, &cpu) ||
	    records > joiner->unpacker->count - joiner->record || cpu > UINT16_MAX ||
	    !join_bytes(joiner, block, sizeof(*block), sizeof(*block)))
		return false;
	for (uint64_t i = 0; i < records; i++) {
		if (!join_record(joiner, cpu))
			return false;
	}
	block->sequence += sequence;
	block->records = (uint32_t)records;
	block->bytes = (uint32_t)((size_t)(joiner->at - begin) - sizeof(*block));
	memcpy(begin, block, sizeof(*block));
	return true;
}

static int join_blocks(struct unpacker *unpacker, void *raw)
{
	AUTO_FREE uint32_t *filled = calloc(unpacker->n_shapes + 1, sizeof(*filled));
	struct joiner joiner = {
		.unpacker = unpacker, .filled = filled, .at = raw, .left = unpacker->bytes};
	struct chunk_block block = {};

	if (!filled)
		return -ENOMEM;
	if (unpacker->column[COLUMN_GRID].left &&
	    (!stream_get(&unpacker->column[COLUMN_GRID], &joiner.grid.step) || !joiner.grid.step))
		return -EUCLEAN;
	while (unpacker->column[COLUMN_BLOCKS].left) {
		if (!join_block(&joiner, &block))
			return -EUCLEAN;
	}
	if (joiner.left || joiner.record != unpacker->count)
		return -EUCLEAN;
	for (int i = 0; i < COLUMNS; i++) {
		if (unpacker->column[i].left)
			return -EUCLEAN;
	}
	return 0;
}

int columns_unpack(const struct stream columns[COLUMNS], void *raw, size_t bytes)
{
	struct unpacker unpacker = {.bytes = bytes};
	int err;

	memcpy(unpacker.column, columns, sizeof(unpacker.column));
	err = read_shapes(&unpacker);
	if (!err)
		err = read_order(&unpacker);
	if (!err)
		err = read_rows(&unpacker);
	if (!err)
		err = join_blocks(&unpacker, raw);
	unpacker_done(&unpacker);
	return err;
}
