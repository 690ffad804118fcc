/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of zstd with a hard bound on what comes out, and checksums by their published values.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/checksum.h"
#include "common/zst.h"

static void there_and_back(void **state)
{
	static char text[100000], back[sizeof(text)];
	AUTO_ZST_ENCODER struct zst_encoder *encoder = NULL;
	const void *packed;
	size_t bytes;

	memset(text, 'x', sizeof(text));
	assert_int_equal(zst_encoder_new(1, &encoder), 0);
	for (size_t size = 0; size <= sizeof(text); size += 50000) {
		assert_int_equal(zst_compress(encoder, text, size, &packed, &bytes), 0);
		assert_true(bytes < 200);
		assert_int_equal(zst_decompress(packed, bytes, back, size), 0);
		assert_memory_equal(text, back, size);
	}
}

/* A frame of another size than said is refused and nothing is written behind the room. */
static void holds_the_bound(void **state)
{
	static const char text[5000] = "abc";
	AUTO_ZST_ENCODER struct zst_encoder *encoder = NULL;
	char back[6000];
	const void *packed;
	size_t bytes;

	assert_int_equal(zst_encoder_new(3, &encoder), 0);
	assert_int_equal(zst_compress(encoder, text, sizeof(text), &packed, &bytes), 0);
	back[100] = 'e';
	assert_int_equal(zst_decompress(packed, bytes, back, 100), -EBADMSG);
	assert_int_equal(back[100], 'e');
	assert_int_equal(zst_decompress(packed, bytes, back, 4999), -EBADMSG);
	assert_int_equal(zst_decompress(packed, bytes, back, 5001), -EBADMSG);
	assert_int_equal(zst_decompress(packed, bytes - 1, back, 5000), -EBADMSG);
	assert_int_equal(zst_decompress("no frame", 8, back, 5000), -EBADMSG);
}

/* Frames have no checksum: what comes out of a damaged one may differ, but stays in its room. */
static void flips(void **state)
{
	static const char text[] = "a text that is long enough to be a text, long enough to be";
	AUTO_ZST_ENCODER struct zst_encoder *encoder = NULL;
	unsigned char flipped[200];
	char back[sizeof(text)];
	const void *packed;
	size_t bytes;

	assert_int_equal(zst_encoder_new(1, &encoder), 0);
	assert_int_equal(zst_compress(encoder, text, sizeof(text), &packed, &bytes), 0);
	assert_true(bytes < sizeof(flipped));
	for (size_t i = 0; i < 8 * bytes; i++) {
		memcpy(flipped, packed, bytes);
		flipped[i / 8] ^= (unsigned char)(1U << i % 8);
		back[sizeof(back) - 1] = 'e';
		if (zst_decompress(flipped, bytes, back, sizeof(back) - 1) == 0)
			fail_msg("a frame of %zu bytes in room for less", sizeof(text));
		assert_int_equal(back[sizeof(back) - 1], 'e');
	}
}

/* Two frames, one behind the other, are found and come back together. */
static void frames(void **state)
{
	AUTO_ZST_ENCODER struct zst_encoder *encoder = NULL;
	char packed[400], back[8];
	size_t bytes = 0, taken, first;
	uint64_t content;
	const void *frame;

	assert_int_equal(zst_encoder_new(1, &encoder), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(zst_compress(encoder, "four", 4, &frame, &taken), 0);
		memcpy(packed + bytes, frame, taken);
		bytes += taken;
	}
	assert_int_equal(zst_frame(packed, bytes, &first, &content), 0);
	assert_int_equal(first, bytes / 2);
	assert_int_equal(content, 4);
	assert_int_equal(zst_decompress(packed, bytes, back, 8), 0);
	assert_memory_equal(back, "fourfour", 8);
	for (size_t cut = 0; cut < first; cut++)
		assert_int_equal(zst_frame(packed, cut, &taken, &content), -EBADMSG);
	assert_int_equal(zst_frame("no frame", 8, &taken, &content), -EBADMSG);
}

static void levels(void **state)
{
	struct zst_encoder *encoder = NULL;

	assert_int_equal(zst_encoder_new(0, &encoder), -EINVAL);
	assert_int_equal(zst_encoder_new(20, &encoder), -EINVAL);
	assert_null(encoder);
	zst_encoder_free(NULL);
}

/* The values of XXH64 with seed 0 for "" and "abc". */
static void checksums(void **state)
{
	struct checksum checksum;

	assert_true(checksum_of("", 0) == 0xef46db3751d8e999ULL);
	assert_true(checksum_of("abc", 3) == 0x44bc2cf5ad770999ULL);
	checksum_init(&checksum);
	checksum_add(&checksum, "a", 1);
	checksum_add(&checksum, NULL, 0);
	checksum_add(&checksum, "bc", 2);
	assert_true(checksum_value(&checksum) == 0x44bc2cf5ad770999ULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back), cmocka_unit_test(holds_the_bound),
		cmocka_unit_test(flips),	  cmocka_unit_test(frames),
		cmocka_unit_test(levels),	  cmocka_unit_test(checksums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
