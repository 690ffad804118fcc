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

static void finds_flips(void **state)
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
		if (zst_decompress(flipped, bytes, back, sizeof(back)) == 0)
			assert_memory_equal(back, text, sizeof(text));
	}
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
		cmocka_unit_test(finds_flips),	  cmocka_unit_test(levels),
		cmocka_unit_test(checksums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
