/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zstd frames: the one home of zstd.
 */
#ifndef COMMON_ZST_H
#define COMMON_ZST_H

#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"

/* Compresses one piece after another with the same memory. */
struct zst_encoder;

/* level: 1 (fast) to 19 (small). 0 or -ENOMEM, -EINVAL. */
int zst_encoder_new(int level, struct zst_encoder **ret);
void zst_encoder_free(struct zst_encoder *encoder);

/*
 * Compresses into one frame that holds the content's size, and no checksum. *ret is borrowed until
 * the next call or the encoder's end. 0, -ENOMEM, -EIO.
 */
int zst_compress(struct zst_encoder *encoder, const void *data, size_t bytes, const void **ret,
		 size_t *ret_bytes);

/*
 * The first of some frames: what it takes here and what it says that it holds. 0, or -EBADMSG if
 * none begins here, it ends early, or it does not say.
 */
int zst_frame(const void *data, size_t bytes, size_t *ret_bytes, uint64_t *ret_content);

/*
 * Decompresses a frame, or several one after the other, that must hold exactly `room` bytes; never
 * writes more. 0, -EBADMSG when it is damaged or of another size, -ENOMEM; `out` is undefined on
 * failure.
 */
int zst_decompress(const void *data, size_t bytes, void *out, size_t room);

DEFINE_CLEANUP(zst_encoder, struct zst_encoder *, zst_encoder_free)
#define AUTO_ZST_ENCODER CLEANUP(cleanup_zst_encoder)

#endif
