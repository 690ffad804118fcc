/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunks in columns, both directions, behind the checksums and zstd that keep other targets out.
 * First byte 0: the rest is a raw chunk; if it can be packed, it must come back.  Else: two bytes
 * of size, then the columns, each behind its length in two bytes.
 */
#include <stdlib.h>

#include "common/cleanup.h"
#include "dumper/columns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void unpack(const struct stream columns[COLUMNS], const uint8_t *wanted, size_t bytes)
{
	AUTO_FREE uint8_t *raw = malloc(bytes + 1);
	int err = columns_unpack(columns, raw, bytes);

	if (wanted && (err || memcmp(raw, wanted, bytes) != 0))
		abort();
}

static void there_and_back(const uint8_t *raw, size_t bytes)
{
	CLEANUP(columns_done) struct columns columns = {};
	struct stream in[COLUMNS];

	if (columns_pack(raw, bytes, &columns))
		return;
	for (int i = 0; i < COLUMNS; i++) {
		buf_add_char(&columns.column[i], 0); /* so that none is NULL */
		in[i] = (struct stream){(unsigned char *)columns.column[i].data,
					columns.column[i].bytes - 1};
	}
	unpack(in, raw, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct stream in = {data, bytes}, columns[COLUMNS];
	unsigned char what;
	uint16_t length, raw_bytes = 0;

	if (!stream_get_bytes(&in, &what, 1))
		return 0;
	if (!what) {
		there_and_back(in.data, in.left);
		return 0;
	}
	stream_get_bytes(&in, &raw_bytes, sizeof(raw_bytes));
	for (int i = 0; i < COLUMNS; i++) {
		length = 0;
		stream_get_bytes(&in, &length, sizeof(length));
		if (length > in.left)
			length = (uint16_t)in.left;
		columns[i] = (struct stream){in.data, length};
		in.data += length;
		in.left -= length;
	}
	unpack(columns, NULL, raw_bytes);
	return 0;
}
