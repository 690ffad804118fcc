/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wrapper over libzstd, used by the dump's writer (compress) and reader (decompress).
 */
#include <errno.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "common/zst.h"

struct zst_encoder {
	ZSTD_CCtx *context;
	void *out; /* grows to the bound of the largest piece */
	size_t room;
};

static int errno_of(size_t code)
{
	if (!ZSTD_isError(code))
		return 0;
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_memory_allocation:
		return -ENOMEM;
	case ZSTD_error_parameter_outOfBound:
		return -EINVAL;
	default:
		return -EIO;
	}
}

int zst_encoder_new(int level, struct zst_encoder **ret)
{
	CLEANUP(cleanup_zst_encoder) struct zst_encoder *encoder = calloc(1, sizeof(*encoder));
	int err;

	if (!encoder)
		return -ENOMEM;
	encoder->context = ZSTD_createCCtx();
	if (!encoder->context)
		return -ENOMEM;
	if (level < 1 || level > 19)
		return -EINVAL;
	err = errno_of(ZSTD_CCtx_setParameter(encoder->context, ZSTD_c_compressionLevel, level));
	if (err)
		return err;
	*ret = TAKE_PTR(encoder);
	return 0;
}

void zst_encoder_free(struct zst_encoder *encoder)
{
	if (!encoder)
		return;
	ZSTD_freeCCtx(encoder->context);
	free(encoder->out);
	free(encoder);
}

static int encoder_grow(struct zst_encoder *encoder, size_t room)
{
	void *out;

	if (room <= encoder->room)
		return 0;
	out = realloc(encoder->out, room);
	if (!out)
		return -ENOMEM;
	encoder->out = out;
	encoder->room = room;
	return 0;
}

int zst_compress(struct zst_encoder *encoder, const void *data, size_t bytes, const void **ret,
		 size_t *ret_bytes)
{
	size_t written;
	int err;

	err = encoder_grow(encoder, ZSTD_compressBound(bytes));
	if (err)
		return err;
	written = ZSTD_compress2(encoder->context, encoder->out, encoder->room, data, bytes);
	err = errno_of(written);
	if (err)
		return err;
	*ret = encoder->out;
	*ret_bytes = written;
	return 0;
}

int zst_frame(const void *data, size_t bytes, size_t *ret_bytes, uint64_t *ret_content)
{
	size_t taken = ZSTD_findFrameCompressedSize(data, bytes);
	unsigned long long content = ZSTD_getFrameContentSize(data, bytes);

	if (ZSTD_isError(taken) || content == ZSTD_CONTENTSIZE_UNKNOWN ||
	    content == ZSTD_CONTENTSIZE_ERROR)
		return -EBADMSG;
	*ret_bytes = taken;
	*ret_content = content;
	return 0;
}

int zst_decompress(const void *data, size_t bytes, void *out, size_t room)
{
	size_t written = ZSTD_decompress(out, room, data, bytes);

	if (ZSTD_isError(written))
		return errno_of(written) == -ENOMEM ? -ENOMEM : -EBADMSG;
	return written == room ? 0 : -EBADMSG;
}
