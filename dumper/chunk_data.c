/* SPDX-License-Identifier: Apache-2.0 */
/* Between raw chunks and what a dump file holds of them, both directions: columns and zstd. */
#include "dumper/chunk_data.h"

#include <errno.h>

#include "common/cleanup.h"
#include "dumper/columns_shape.h"

#define ZST_LEVEL 6 /* docs/dump-format.md has the measurement */

/* No run of blocks has larger columns: a word takes at most 10 bytes, a record's header less than
 * it takes in the block. */
#define COLUMN_BYTES_MAX(raw_bytes) (2 * (raw_bytes) + 1024)

int chunk_packer_init(struct chunk_packer *packer)
{
	*packer = (struct chunk_packer){};
	return zst_encoder_new(ZST_LEVEL, &packer->encoder);
}

void chunk_packer_done(struct chunk_packer *packer)
{
	zst_encoder_free(packer->encoder);
	columns_done(&packer->columns);
	buf_done(&packer->data);
}

static int add_frame(struct chunk_packer *packer, const void *data, size_t bytes)
{
	const void *frame;
	size_t frame_bytes;
	int err;

	err = zst_compress(packer->encoder, data, bytes, &frame, &frame_bytes);
	if (err)
		return err;
	buf_add(&packer->data, frame, frame_bytes);
	return packer->data.failed ? -ENOMEM : 0;
}

int chunk_data_pack(struct chunk_packer *packer, const void *raw, size_t bytes)
{
	int err;

	buf_clear(&packer->data);
	err = columns_pack(raw, bytes, &packer->columns);
	if (err == -EBADMSG)
		return add_frame(packer, raw, bytes);
	for (int i = 0; i < COLUMNS && !err; i++) {
		const struct buf *column = &packer->columns.column[i];

		if (i != COLUMN_GRID || column->bytes)
			err = add_frame(packer, column->data, column->bytes);
	}
	return err;
}

/* Whether the data are of one frame. */
static bool is_plain(const void *data, size_t bytes)
{
	uint64_t content;
	size_t taken;

	return zst_frame(data, bytes, &taken, &content) || taken == bytes;
}

/* Where each column will stand when all are decompressed, one behind the other. */
static int lay_out(const unsigned char *data, size_t bytes, size_t most, size_t ret_sizes[COLUMNS],
		   size_t *ret_total)
{
	size_t taken, total = 0;
	uint64_t content;
	int err;

	for (int i = 0; i < COLUMNS; i++) {
		ret_sizes[i] = 0;
		if (i == COLUMN_GRID && !bytes)
			break;
		err = zst_frame(data, bytes, &taken, &content);
		if (err)
			return err;
		if (content > most - total)
			return -EBADMSG;
		ret_sizes[i] = content;
		total += content;
		data += taken;
		bytes -= taken;
	}
	*ret_total = total;
	return bytes ? -EBADMSG : 0;
}

int chunk_data_unpack(const void *data, size_t bytes, void *raw, size_t raw_bytes)
{
	struct stream columns[COLUMNS];
	size_t sizes[COLUMNS], total;
	AUTO_FREE unsigned char *unpacked = NULL;
	const unsigned char *at;
	int err;

	if (is_plain(data, bytes))
		return zst_decompress(data, bytes, raw, raw_bytes);
	err = lay_out(data, bytes, COLUMN_BYTES_MAX(raw_bytes), sizes, &total);
	if (err)
		return err;
	unpacked = malloc(total + 1);
	if (!unpacked)
		return -ENOMEM;
	err = zst_decompress(data, bytes, unpacked, total);
	if (err)
		return err;
	at = unpacked;
	for (int i = 0; i < COLUMNS; i++) {
		columns[i] = (struct stream){at, sizes[i]};
		at += sizes[i];
	}
	return columns_unpack(columns, raw, raw_bytes);
}

/* The frame that holds the column's content, decompressed. NULL if there is none, or no memory. */
static unsigned char *column_new(const unsigned char *data, size_t bytes, enum column column,
				 size_t most, size_t *ret_bytes)
{
	AUTO_FREE unsigned char *unpacked = NULL;
	uint64_t content;
	size_t taken;

	for (int i = 0; !zst_frame(data, bytes, &taken, &content); i++) {
		if (i == (int)column) {
			if (content > most)
				return NULL;
			unpacked = malloc(content + 1);
			if (!unpacked || zst_decompress(data, taken, unpacked, content))
				return NULL;
			*ret_bytes = content;
			return TAKE_PTR(unpacked);
		}
		data += taken;
		bytes -= taken;
		if (!bytes)
			break;
	}
	return NULL;
}

bool chunk_data_may_hold(const void *data, size_t bytes,
			 bool (*wanted)(void *user, uint16_t meta, uint16_t nr), void *user)
{
	struct stream in = {};
	AUTO_FREE unsigned char *shapes =
		column_new(data, bytes, COLUMN_SHAPES, SHAPES_MAX * sizeof(struct shape), &in.left);
	struct shape shape;

	if (!shapes)
		return true;
	in.data = shapes;
	while (in.left) {
		if (shape_read(&in, &shape) || wanted(user, shape.meta, shape.nr))
			return true;
	}
	return false;
}
