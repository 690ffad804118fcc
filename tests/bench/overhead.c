/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What recording adds to a syscall, against the floor: what two empty programs on sys_enter and
 * sys_exit add.  The variants alternate within each round, so that a machine that changes speed
 * changes it for all; printed are medians over the rounds and their spread.
 *
 *   bench_overhead [ROUNDS]      needs root, a bpffs under $IGREC_BENCH_BPFFS or /sys/fs/bpf,
 *                                and cgroup2
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "recorder/cgroup_fs.h"
#include "recorder/hooks.h"
#include "recorder/rings.h"
#include "tests/bench/clock.skel.h"
#include "tests/bench/floor.skel.h"

#define ROUNDS_DEFAULT 31
#define ROUNDS_MAX     501
#define BATCHES	       5
#define CALLS	       10000

enum variant {
	BARE,
	FLOOR,
	CLOCK,
	NOT_RECORDED,
	RECORDED,
	VARIANTS,
};

static const char *const variant_names[VARIANTS] = {
	"bare", "two empty programs", "two clock reads", "igrec, not recorded", "igrec, recorded",
};

enum call {
	GETPPID,
	WRITE,
	OPENAT,
	CALLS_KINDS,
};

static const char *const call_names[CALLS_KINDS] = {"getppid", "write 64 B", "openat ENOENT"};

struct sample {
	double ns[CALLS_KINDS];
};

struct bench {
	struct cgroup_fs *cgroups;
	char bpffs[256];
	char cgroup[256]; /* below the root of the default hierarchy */
	unsigned rounds;
	struct hooks *hooks;
	struct rings *rings;
	struct floor_bpf *floor;
	struct clock_bpf *clock;
	struct sample samples[VARIANTS][ROUNDS_MAX];
};

static int by_value(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static void call_once(enum call call)
{
	static const char text[64] =
		"a line of a program's log, sixty-four bytes long, more or less";

	switch (call) {
	case GETPPID:
		syscall(SYS_getppid);
		break;
	case WRITE:
		syscall(SYS_write, STDOUT_FILENO, text, sizeof(text));
		break;
	default:
		syscall(SYS_openat, AT_FDCWD, "/etc/app/config.yaml", O_RDONLY);
	}
}

static double measure_call(enum call call)
{
	double batch[BATCHES];

	for (int i = 0; i < BATCHES; i++) {
		double begin = now_ns();

		for (int n = 0; n < CALLS; n++)
			call_once(call);
		batch[i] = (now_ns() - begin) / CALLS;
	}
	qsort(batch, BATCHES, sizeof(batch[0]), by_value);
	return batch[BATCHES / 2];
}

static int join_cgroup(const struct bench *bench)
{
	char path[512], text[32];
	AUTO_CLOSE int fd = -1;
	int bytes = snprintf(text, sizeof(text), "%d", getpid());

	snprintf(path, sizeof(path), "%s%s/cgroup.procs", cgroup_fs_root(bench->cgroups),
		 bench->cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, text, bytes) != bytes ? -errno : 0;
}

/* In a child, so that every variant is measured in the same state of a process. */
static int measure(const struct bench *bench, bool in_cgroup, struct sample *ret)
{
	int pipe_fds[2], status;
	pid_t child;

	if (pipe(pipe_fds))
		return -errno;
	child = fork();
	if (child == 0) {
		struct sample sample;
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || (in_cgroup && join_cgroup(bench)))
			_exit(1);
		for (int call = 0; call < CALLS_KINDS; call++)
			sample.ns[call] = measure_call(call);
		_exit(write(pipe_fds[1], &sample, sizeof(sample)) != sizeof(sample));
	}
	close(pipe_fds[1]);
	status = read(pipe_fds[0], ret, sizeof(*ret)) == sizeof(*ret) ? 0 : -EIO;
	close(pipe_fds[0]);
	waitpid(child, NULL, 0);
	return status;
}

static int measure_floor(struct bench *bench, unsigned round)
{
	int err = floor_bpf__attach(bench->floor);

	if (!err)
		err = measure(bench, false, &bench->samples[FLOOR][round]);
	floor_bpf__detach(bench->floor);
	return err;
}

static int measure_clock(struct bench *bench, unsigned round)
{
	int err = clock_bpf__attach(bench->clock);

	if (!err)
		err = measure(bench, false, &bench->samples[CLOCK][round]);
	clock_bpf__detach(bench->clock);
	return err;
}

static int measure_recorder(struct bench *bench, unsigned round)
{
	struct hooks_why why = {0};
	int err = hooks_attach(bench->hooks, &why);

	if (!err)
		err = measure(bench, false, &bench->samples[NOT_RECORDED][round]);
	if (!err)
		err = measure(bench, true, &bench->samples[RECORDED][round]);
	hooks_detach(bench->hooks);
	if (why.text[0])
		fprintf(stderr, "bench_overhead: %s\n", why.text);
	return err;
}

/* Gives the bench's cgroup a ring, as for a container. */
static int record_cgroup(const struct bench *bench)
{
	struct igrec_slot *state;
	uint32_t slot;
	uint64_t id;
	int err = rings_take(bench->rings, &slot);

	if (!err)
		err = cgroup_fs_id(bench->cgroups, bench->cgroup, &id);
	if (err)
		return err;
	state = hooks_slot(bench->hooks, slot);
	state->state = IGREC_SLOT_CONFIRMED;
	state->started = 1;
	return hooks_cgroup_set(bench->hooks, id, slot);
}

/* Loads both sets of programs once; the rounds attach and detach them. */
static int load(struct bench *bench)
{
	static const struct rings_settings settings = {
		.ring_bytes = 512 << 10,
		.pool = 1,
		.start_percent = 12,
		.vital_percent = 36,
		.payload = IGREC_PAYLOAD_STDIO,
		.payload_bytes = 128,
	};
	struct hooks_settings hooks_settings = {.bpffs = bench->bpffs, .slots = 4};
	struct hooks_why why = {0};
	int err = hooks_open(&hooks_settings, &bench->hooks, &why);

	if (err) {
		fprintf(stderr, "bench_overhead: %s\n", why.text);
		return err;
	}
	bench->floor = floor_bpf__open_and_load();
	bench->clock = clock_bpf__open_and_load();
	if (!bench->floor || !bench->clock)
		return -errno;
	err = rings_new(bench->hooks, &settings, &bench->rings);
	return err ? err : record_cgroup(bench);
}

static void unload(struct bench *bench)
{
	if (bench->floor)
		floor_bpf__destroy(bench->floor);
	if (bench->clock)
		clock_bpf__destroy(bench->clock);
	rings_free(bench->rings);
	hooks_close(bench->hooks);
	hooks_unload(bench->bpffs);
}

/* ---- the table ---- */

static double quantile(const struct bench *bench, enum variant variant, enum call call, double part)
{
	double values[ROUNDS_MAX];

	for (unsigned i = 0; i < bench->rounds; i++)
		values[i] = bench->samples[variant][i].ns[call];
	qsort(values, bench->rounds, sizeof(values[0]), by_value);
	return values[(unsigned)(part * (bench->rounds - 1) + 0.5)];
}

/* Added ns over bare in the same round, as a multiple of the floor's for getppid there: median. */
static double added_by_floor(const struct bench *bench, enum variant variant, enum call call)
{
	double values[ROUNDS_MAX];

	for (unsigned i = 0; i < bench->rounds; i++) {
		double bare = bench->samples[BARE][i].ns[call];
		double floor =
			bench->samples[FLOOR][i].ns[GETPPID] - bench->samples[BARE][i].ns[GETPPID];

		values[i] = (bench->samples[variant][i].ns[call] - bare) / floor;
	}
	qsort(values, bench->rounds, sizeof(values[0]), by_value);
	return values[bench->rounds / 2];
}

static void print_table(const struct bench *bench)
{
	printf("%-14s %-20s %8s %8s %8s %9s %8s\n", "syscall", "variant", "median", "p10", "p90",
	       "added ns", "x floor");
	for (int call = 0; call < CALLS_KINDS; call++)
		for (int variant = 0; variant < VARIANTS; variant++)
			printf("%-14s %-20s %8.1f %8.1f %8.1f %9.1f %8.2f\n", call_names[call],
			       variant_names[variant], quantile(bench, variant, call, 0.5),
			       quantile(bench, variant, call, 0.1),
			       quantile(bench, variant, call, 0.9),
			       quantile(bench, variant, call, 0.5) -
				       quantile(bench, BARE, call, 0.5),
			       added_by_floor(bench, variant, call));
	printf("%u rounds, %d batches of %d calls each; x floor: added ns of the row over those of "
	       "two empty programs on getppid, median of the rounds\n",
	       bench->rounds, BATCHES, CALLS);
}

static int run(struct bench *bench)
{
	int err = load(bench);

	for (unsigned round = 0; round < bench->rounds && !err; round++) {
		err = measure(bench, false, &bench->samples[BARE][round]);
		if (!err)
			err = measure_floor(bench, round);
		if (!err)
			err = measure_clock(bench, round);
		if (!err)
			err = measure_recorder(bench, round);
	}
	unload(bench);
	return err;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	const char *bpffs = getenv("IGREC_BENCH_BPFFS");
	char path[512];
	int err;

	bench.rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS_DEFAULT;
	if (bench.rounds < 1 || bench.rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_overhead [ROUNDS], 1 to %d\n", ROUNDS_MAX);
		return 2;
	}
	snprintf(bench.bpffs, sizeof(bench.bpffs), "%s/igrec-bench-%d",
		 bpffs ? bpffs : "/sys/fs/bpf", getpid());
	snprintf(bench.cgroup, sizeof(bench.cgroup), "/igrec-bench-%d", getpid());
	err = cgroup_fs_open(&bench.cgroups);
	if (err) {
		fprintf(stderr, "bench_overhead: no cgroup2: %s\n", strerror(-err));
		return 1;
	}
	snprintf(path, sizeof(path), "%s%s", cgroup_fs_root(bench.cgroups), bench.cgroup);
	if (mkdir(path, 0755)) {
		fprintf(stderr, "bench_overhead: cannot make %s: %s\n", path, strerror(errno));
		return 1;
	}
	err = run(&bench);
	rmdir(path);
	cgroup_fs_close(bench.cgroups);
	if (err) {
		fprintf(stderr, "bench_overhead: %s\n", strerror(-err));
		return 1;
	}
	print_table(&bench);
	return 0;
}
