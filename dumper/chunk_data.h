/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The column "data" of a chunk: its raw bytes, packed.  Either one zstd frame, of the raw bytes as
 * they are, or one for each column that dumper/columns.h makes of them.
 */
#ifndef DUMPER_CHUNK_DATA_H
#define DUMPER_CHUNK_DATA_H

#include "common/buf.h"
#include "common/zst.h"
#include "dumper/columns.h"

/* Memory that is used again from chunk to chunk. Zero-initialised is empty. */
struct chunk_packer {
	struct zst_encoder *encoder; /* owned */
	struct columns columns;
	struct buf data; /* of the last chunk_data_pack() */
};

/* 0 or -ENOMEM; to be given to chunk_packer_done() in any case. */
int chunk_packer_init(struct chunk_packer *packer);
void chunk_packer_done(struct chunk_packer *packer);

/* Fills packer->data. 0, -ENOMEM, -EIO. */
int chunk_data_pack(struct chunk_packer *packer, const void *raw, size_t bytes);

/* Unpacks what must be exactly `raw_bytes`; `raw` is undefined on failure. 0, -EBADMSG, -EUCLEAN,
 * -ENOMEM. */
int chunk_data_unpack(const void *data, size_t bytes, void *raw, size_t raw_bytes);

/*
 * Whether a record of the chunk may be `wanted`, told by its meta (without IGREC_META_MARK) and
 * number alone, without unpacking the chunk. True if that cannot be told.
 */
bool chunk_data_may_hold(const void *data, size_t bytes,
			 bool (*wanted)(void *user, uint16_t meta, uint16_t nr), void *user);

#endif
