/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of records: what is written comes back, and no bytes lead it astray. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "decode/event.h"

struct record {
	unsigned char data[1024] __attribute__((aligned(8)));
	size_t bytes;
};

static void put(struct record *record, const void *data, size_t bytes)
{
	memcpy(record->data + record->bytes, data, bytes);
	record->bytes += bytes;
}

static void begin(struct record *record, unsigned type, unsigned meta)
{
	const struct igrec_record header = {
		.meta = (uint16_t)(type | meta),
		.cpu = 3,
		.nr = 257,
		.time_ns = 5000,
		.tid = 77,
		.duration = 1000,
	};

	record->bytes = 0;
	put(record, &header, sizeof(header));
}

static void end(struct record *record)
{
	uint16_t bytes = (uint16_t)record->bytes;

	memcpy(record->data, &bytes, sizeof(bytes));
}

static void put_capture(struct record *record, unsigned arg, unsigned flags, const char *data,
			size_t bytes)
{
	const struct igrec_capture capture = {(uint8_t)arg, (uint8_t)flags, (uint16_t)bytes};
	static const char zeros[8];

	put(record, &capture, sizeof(capture));
	put(record, data, bytes);
	put(record, zeros, (8 - record->bytes % 8) % 8);
}

/* openat(AT_FDCWD, "/etc/x", O_RDONLY) = -2 with a mark. */
static void make_openat(struct record *record)
{
	const struct igrec_mark mark = {.tgid = 70, .ns_tid = 8, .ns_tgid = 1, .comm = "app"};
	const int64_t result = -2;
	const uint64_t args[3] = {(uint64_t)-100, 0x7000, 0};

	begin(record, IGREC_RECORD_SYSCALL,
	      IGREC_META_MARK | IGREC_META_CAPTURES | 3 << IGREC_META_ARGS_SHIFT);
	put(record, &mark, sizeof(mark));
	put(record, &result, sizeof(result));
	put(record, args, sizeof(args));
	put_capture(record, 1, 0, "/etc/x", 6);
	end(record);
}

static void test_syscall(void **state)
{
	const struct event_capture *capture;
	struct record record;
	struct event event;

	make_openat(&record);
	assert_int_equal(event_parse(record.data, sizeof(record.data), IGREC_LANE_VITAL, &event),
			 record.bytes);
	assert_int_equal(event.type, IGREC_RECORD_SYSCALL);
	assert_int_equal(event.lane, IGREC_LANE_VITAL);
	assert_int_equal(event.end_ns, 5000);
	assert_int_equal(event.time_ns, 4000);
	assert_int_equal(event.duration_ns, 1000);
	assert_true(event.entry_seen);
	assert_int_equal(event.tid, 77);
	assert_int_equal(event.cpu, 3);
	assert_int_equal(event.nr, 257);
	assert_int_equal(event.result, -2);
	assert_int_equal(event.args, 3);
	assert_int_equal(event.arg[1], 0x7000);
	assert_true(event.has_mark);
	assert_int_equal(event.mark.ns_tid, 8);
	assert_string_equal(event.mark.comm, "app");
	assert_int_equal(event.captures, 1);
	capture = event_capture_of(&event, 1);
	assert_non_null(capture);
	assert_int_equal(capture->bytes, 6);
	assert_memory_equal(capture->data, "/etc/x", 6);
	assert_null(event_capture_of(&event, 0));
}

static void test_every_type(void **state)
{
	static const struct {
		enum igrec_record_type type;
		size_t bytes;
	} rows[] = {
		{IGREC_RECORD_FORK, sizeof(struct igrec_fork)},
		{IGREC_RECORD_EXEC, sizeof(struct igrec_exec)},
		{IGREC_RECORD_EXIT, sizeof(struct igrec_exit)},
		{IGREC_RECORD_SIGNAL, sizeof(struct igrec_signal)},
		{IGREC_RECORD_OOM, sizeof(struct igrec_oom)},
	};
	static const unsigned char body[128];
	struct record record;
	struct event event;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		begin(&record, rows[i].type, 0);
		put(&record, body, rows[i].bytes);
		end(&record);
		assert_int_equal(event_parse(record.data, record.bytes, 0, &event), record.bytes);
		assert_int_equal(event.type, rows[i].type);
		assert_int_equal(event.entry_seen, rows[i].type == IGREC_RECORD_EXEC);
		/* One byte less than the body takes. */
		assert_int_equal(event_parse(record.data, record.bytes - 8, 0, &event), -EBADMSG);
	}
}

static void test_duration_shift(void **state)
{
	const int64_t result = 0;
	struct record record;
	struct event event;
	uint64_t time_ns = 1ULL << 50;

	begin(&record, IGREC_RECORD_SYSCALL, 2 << IGREC_META_DURATION_SHIFT);
	memcpy(record.data + offsetof(struct igrec_record, time_ns), &time_ns, sizeof(time_ns));
	put(&record, &result, sizeof(result));
	end(&record);
	assert_int_equal(event_parse(record.data, record.bytes, 0, &event), record.bytes);
	assert_int_equal(event.duration_ns, 1000ULL << 20);
	assert_int_equal(event.time_ns, time_ns - (1000ULL << 20));
}

static void test_entry_not_seen(void **state)
{
	const int64_t result = -1;
	struct record record;
	struct event event;

	begin(&record, IGREC_RECORD_SYSCALL, IGREC_META_NO_ENTRY);
	put(&record, &result, sizeof(result));
	end(&record);
	assert_int_equal(event_parse(record.data, record.bytes, 0, &event), record.bytes);
	assert_false(event.entry_seen);
	assert_int_equal(event.time_ns, 5000);
	assert_int_equal(event.duration_ns, 0);
}

/* What ring_shrink() could not give back: whatever lay there before follows the pad. */
static void test_unused_rest(void **state)
{
	const struct igrec_capture pad = {.arg = IGREC_CAPTURE_PAD};
	struct record record;
	struct event event;
	size_t i;

	make_openat(&record);
	put(&record, &pad, sizeof(pad));
	for (i = 0; i < 100; i++)
		put(&record, "\xff", 1);
	record.bytes = (record.bytes + 7) & ~7UL;
	end(&record);
	assert_int_equal(event_parse(record.data, record.bytes, 0, &event), record.bytes);
	assert_int_equal(event.captures, 1);
}

static void set_u16(struct record *record, size_t offset, uint16_t value)
{
	memcpy(record->data + offset, &value, sizeof(value));
}

static void test_refused(void **state)
{
	const size_t meta = offsetof(struct igrec_record, meta);
	const size_t capture = sizeof(struct igrec_record) + sizeof(struct igrec_mark) + 8 + 24;
	const struct {
		const char *what;
		size_t offset;
		uint16_t value;
	} rows[] = {
		{"no size", 0, 0},
		{"smaller than a header", 0, 16},
		{"no multiple of 8", 0, 100},
		{"larger than the bytes", 0, 2048},
		{"body cut off", 0, 32},
		{"type 0", meta, 0},
		{"type 7", meta, 7},
		{"seven arguments", meta, IGREC_RECORD_SYSCALL | 7 << IGREC_META_ARGS_SHIFT},
		{"bytes behind the arguments", meta, IGREC_RECORD_SYSCALL},
		{"capture of argument 6", capture, 6},
		{"capture beyond the record", capture + 2, 13},
		{"capture of 64 KiB", capture + 2, 0xffff},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct record record;
		struct event event;

		make_openat(&record);
		set_u16(&record, rows[i].offset, rows[i].value);
		if (event_parse(record.data, record.bytes, 0, &event) != -EBADMSG)
			fail_msg("parsed: %s", rows[i].what);
	}
}

static void test_too_many_captures(void **state)
{
	const int64_t result = 0;
	struct record record;
	struct event event;

	begin(&record, IGREC_RECORD_SYSCALL, IGREC_META_CAPTURES);
	put(&record, &result, sizeof(result));
	for (int i = 0; i < EVENT_CAPTURES_MAX; i++)
		put_capture(&record, 1, 0, "x", 1);
	end(&record);
	assert_int_equal(event_parse(record.data, record.bytes, 0, &event), record.bytes);
	put_capture(&record, 1, 0, "x", 1);
	end(&record);
	assert_int_equal(event_parse(record.data, record.bytes, 0, &event), -EBADMSG);
}

/* Every size the bytes can be cut to, every byte changed: captures stay inside. */
static void test_hostile_bytes(void **state)
{
	struct record whole, record;
	struct event event;

	make_openat(&whole);
	for (size_t bytes = 0; bytes < whole.bytes; bytes++)
		assert_int_equal(event_parse(whole.data, bytes, 0, &event), -EBADMSG);
	for (size_t at = 0; at < whole.bytes; at++) {
		for (unsigned value = 0; value < 256; value++) {
			int got;

			record = whole;
			record.data[at] = (unsigned char)value;
			got = event_parse(record.data, record.bytes, 0, &event);
			if (got < 0)
				continue;
			assert_in_range(got, sizeof(struct igrec_record), record.bytes);
			assert_int_equal(got % 8, 0);
			for (unsigned i = 0; i < event.captures; i++)
				assert_true(event.capture[i].data + event.capture[i].bytes <=
					    record.data + got);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syscall),		  cmocka_unit_test(test_every_type),
		cmocka_unit_test(test_duration_shift),	  cmocka_unit_test(test_entry_not_seen),
		cmocka_unit_test(test_unused_rest),	  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_many_captures), cmocka_unit_test(test_hostile_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
