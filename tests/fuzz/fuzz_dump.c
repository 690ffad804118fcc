/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a dump file: opened, read and verified, as a list does and as replay does.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "replay/dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Keeps the compiler from leaving out the reads that made the value. */
static void use(unsigned value)
{
	__asm__ volatile("" : : "r"(value));
}

static const char *path_of_input(void)
{
	static char path[256];

	if (!path[0]) {
		const char *directory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

		snprintf(path, sizeof(path), "%s/igrec-fuzz-%d", directory, (int)getpid());
	}
	return path;
}

static void remove_input(void)
{
	unlink(path_of_input());
}

static int write_input(const uint8_t *data, size_t bytes)
{
	static bool registered;
	AUTO_CLOSE int fd = open(path_of_input(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (!registered)
		registered = atexit(remove_input) == 0;
	return fd >= 0 && write(fd, data, bytes) == (ssize_t)bytes ? 0 : -1;
}

/* Touches every byte that the dump says is there. */
static unsigned touch(const struct dump *dump)
{
	const struct snapshot *snapshot = dump_snapshot(dump);
	unsigned sum = 0;

	for (int i = 0; i < IGREC_LANES; i++) {
		const struct snapshot_lane *lane = &snapshot->lane[i];

		for (size_t b = 0; b < lane->n_blocks; b++) {
			for (size_t at = 0; at < lane->blocks[b].bytes; at++)
				sum += lane->data[lane->blocks[b].offset + at];
		}
	}
	for (size_t i = 0; i < snapshot->n_tasks; i++)
		sum += snapshot->tasks[i].argv_bytes ? (unsigned char)snapshot->tasks[i].argv[0]
						     : 0;
	for (size_t i = 0; i < snapshot->n_vitals; i++)
		sum += snapshot->vitals[i].name ? (unsigned)strlen(snapshot->vitals[i].name) : 0;
	return sum + (unsigned)strlen(dump_id(dump)) + (unsigned)strlen(dump_cause(dump));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct dump_part part = {
		.lanes = 1U << IGREC_LANE_START | 1U << IGREC_LANE_FLOW,
		.since_ns = 1000000000000ULL, /* the failure of samples */
		.until_ns = UINT64_MAX,
	};
	struct dump_fault why;
	struct dump *dump;

	if (write_input(data, bytes))
		return 0;
	if (dump_open_header(path_of_input(), &dump, &why) == 0) {
		use(touch(dump));
		dump_free(dump);
	}
	if (dump_open_part(path_of_input(), &part, &dump, &why) == 0) {
		use(touch(dump));
		dump_free(dump);
	}
	if (dump_open(path_of_input(), &dump, &why) == 0) {
		use(touch(dump));
		dump_verify(dump);
		dump_free(dump);
	}
	return 0;
}
