/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaches and detaches programs by command, so that a benchmark can alternate what is measured
 * within one run of its load.  Everything is loaded once; a switch takes some ten milliseconds.
 * There is no igrecd: the cgroups that a command names get a ring each, as a container would.
 *
 *   bench_switch BPFFS SLOTS      BPFFS: a directory to make in a bpf filesystem
 *
 * Commands, a line each on stdin, each answered by one line of JSON:
 *   attach bare|floor|clock|igrec
 *   record CGROUP      a path below the root of the default hierarchy
 *   counts CGROUP      what its ring has seen: records, bytes, blocks, per lane
 * It ends with its stdin, and leaves nothing attached or pinned.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "recorder/cgroup_fs.h"
#include "recorder/hooks.h"
#include "recorder/ring_copy.h"
#include "recorder/rings.h"
#include "tests/bench/clock.skel.h"
#include "tests/bench/floor.skel.h"

#define SLOTS_MAX 4096

struct bench {
	const char *bpffs;
	struct cgroup_fs *cgroups;
	struct hooks *hooks;
	struct rings *rings;
	struct floor_bpf *floor;
	struct clock_bpf *clock;
	bool recording;
	uint64_t cgroup_of[SLOTS_MAX]; /* slot -> cgroup id, 0 none */
};

static bool is(const char *word, const char *wanted)
{
	return strcmp(word, wanted) == 0;
}

static int attach(struct bench *bench, const char *what)
{
	struct hooks_why why = {0};
	int err;

	floor_bpf__detach(bench->floor);
	clock_bpf__detach(bench->clock);
	if (bench->recording)
		hooks_detach(bench->hooks);
	bench->recording = false;
	if (is(what, "bare"))
		return 0;
	if (is(what, "floor"))
		return floor_bpf__attach(bench->floor);
	if (is(what, "clock"))
		return clock_bpf__attach(bench->clock);
	if (!is(what, "igrec"))
		return -EINVAL;
	bench->recording = true;
	err = hooks_attach(bench->hooks, &why);
	if (err)
		fprintf(stderr, "bench_switch: %s\n", why.text);
	return err ? err : hooks_walk_tasks(bench->hooks);
}

/* Cgroups that others make meanwhile take rings from the pool, too: refilled when it is empty. */
static int take_ring(struct bench *bench, uint32_t *ret_slot)
{
	int err = rings_take(bench->rings, ret_slot);

	if (err != -EAGAIN)
		return err;
	err = rings_refill(bench->rings);
	return err ? err : rings_take(bench->rings, ret_slot);
}

static int record(struct bench *bench, const char *cgroup)
{
	struct igrec_slot *slot;
	uint32_t index;
	uint64_t id;
	int err = cgroup_fs_id(bench->cgroups, cgroup, &id);

	if (!err)
		err = take_ring(bench, &index);
	if (err)
		return err;
	slot = hooks_slot(bench->hooks, index);
	slot->cgroup_id = id;
	slot->state = IGREC_SLOT_CONFIRMED;
	slot->started = 1;
	slot->start_full = 1;
	bench->cgroup_of[index] = id;
	err = hooks_cgroup_set(bench->hooks, id, index);
	return err || !bench->recording ? err : hooks_walk_tasks(bench->hooks);
}

static uint64_t bytes_present(const struct igrec_lane_state *lane, const struct igrec_block *ring)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < lane->blocks; i++) {
		const struct igrec_block *block = &ring[lane->first_block + i];
		uint64_t word = __atomic_load_n(&block->reserve, __ATOMIC_RELAXED);

		if (IGREC_RESERVE_SEQUENCE(word))
			bytes += (word & IGREC_RESERVE_OFFSET_MASK) - IGREC_BLOCK_HEADER_BYTES;
	}
	return bytes;
}

static void print_lane(const struct igrec_lane_state *lane, const struct igrec_block *ring)
{
	uint64_t oldest_ns;
	uint64_t present = ring_lane_records(lane, ring, &oldest_ns);

	printf("{\"records\":%llu,\"bytes\":%llu,\"blocks\":%llu,\"window_ns\":%llu}",
	       (unsigned long long)(lane->overwritten + present),
	       (unsigned long long)(lane->overwritten_bytes + bytes_present(lane, ring)),
	       (unsigned long long)(lane->next - lane->base),
	       (unsigned long long)(oldest_ns ? clock_monotonic_ns() - oldest_ns : 0));
}

/* Prints its own answer. */
static int counts(struct bench *bench, const char *cgroup)
{
	struct igrec_block *ring;
	uint32_t slot = 0;
	uint64_t id;
	int err = cgroup_fs_id(bench->cgroups, cgroup, &id);

	while (!err && bench->cgroup_of[slot] != id)
		err = ++slot < hooks_slots_max(bench->hooks) ? 0 : -ENOENT;
	if (err)
		return err;
	ring = rings_map(bench->rings, slot);
	if (!ring)
		return -EIO;
	printf("{\"lanes\":[");
	for (int i = 0; i < IGREC_LANES; i++) {
		printf(i ? "," : "");
		print_lane(&hooks_slot(bench->hooks, slot)->lanes[i], ring);
	}
	rings_unmap(bench->rings, slot, ring);
	printf("],\"truncated\":%llu,\"unreadable\":%llu}\n",
	       (unsigned long long)hooks_slot(bench->hooks, slot)->truncated,
	       (unsigned long long)hooks_slot(bench->hooks, slot)->unreadable);
	return 0;
}

static void obey(struct bench *bench, char *line)
{
	char *argument = strchr(line, ' ');
	int err = -EINVAL;

	if (argument)
		*argument++ = 0;
	if (argument && is(line, "counts"))
		err = counts(bench, argument);
	else if (argument && is(line, "attach"))
		err = attach(bench, argument);
	else if (argument && is(line, "record"))
		err = record(bench, argument);
	if (err)
		printf("{\"error\":\"%s\"}\n", strerror(-err));
	else if (!is(line, "counts"))
		printf("{}\n");
	fflush(stdout);
}

static int load(struct bench *bench, uint32_t slots)
{
	static const struct rings_settings settings = {
		.ring_bytes = 512 << 10,
		.pool = RINGS_BATCH_MAX,
		.start_percent = 12,
		.vital_percent = 36,
		.payload = IGREC_PAYLOAD_STDIO,
		.payload_bytes = 128,
	};
	struct hooks_settings hooks_settings = {.bpffs = bench->bpffs, .slots = slots};
	struct hooks_why why = {0};
	int err = hooks_open(&hooks_settings, &bench->hooks, &why);

	if (err) {
		fprintf(stderr, "bench_switch: %s\n", why.text);
		return err;
	}
	bench->floor = floor_bpf__open_and_load();
	bench->clock = clock_bpf__open_and_load();
	if (!bench->floor || !bench->clock)
		return -errno;
	err = rings_new(bench->hooks, &settings, &bench->rings);
	return err ? err : cgroup_fs_open(&bench->cgroups);
}

static void unload(struct bench *bench)
{
	if (bench->floor)
		floor_bpf__destroy(bench->floor);
	if (bench->clock)
		clock_bpf__destroy(bench->clock);
	cgroup_fs_close(bench->cgroups);
	rings_free(bench->rings);
	hooks_close(bench->hooks);
	hooks_unload(bench->bpffs);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	unsigned long slots = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	char line[512];
	int err;

	if (slots < 1 || slots > SLOTS_MAX) {
		fprintf(stderr, "usage: bench_switch BPFFS SLOTS, 1 to %d slots\n", SLOTS_MAX);
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	bench.bpffs = argv[1];
	err = load(&bench, slots);
	if (err)
		fprintf(stderr, "bench_switch: %s\n", strerror(-err));
	else
		printf("{}\n");
	fflush(stdout);
	while (!err && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		obey(&bench, line);
	}
	unload(&bench);
	return err ? 1 : 0;
}
