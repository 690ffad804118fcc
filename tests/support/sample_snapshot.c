/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container's story, told in records: see sample_snapshot.h.
 */
#include <arpa/inet.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/syscall.h>

#include "common/cleanup.h"
#include "tests/support/must.h"
#include "tests/support/sample_snapshot.h"

#define US 1000ULL
#define MS 1000000ULL

static const struct sample_task runtime_task = {SAMPLE_TGID, SAMPLE_TGID, 1, 1, "runc:[2:INIT]"};
static const struct sample_task init_task = {SAMPLE_TGID, SAMPLE_TGID, 1, 1, SAMPLE_COMM};
static const struct sample_task thread_task = {SAMPLE_THREAD, SAMPLE_TGID, 7, 1, "worker"};

/* The story's clock and dice. */
struct story {
	struct sample_tape tape;
	uint64_t now_ns;
	uint32_t dice;
};

static char *copy(const char *text)
{
	char *made = strdup(text);

	must(made);
	return made;
}

static uint32_t roll(struct story *story, uint32_t below)
{
	story->dice = story->dice * 1664525 + 1013904223;
	return (story->dice >> 8) % below;
}

/* Adds a syscall that took `duration_ns` and lets the time pass. */
static void syscall_took(struct story *story, uint64_t duration_ns, struct sample_record record)
{
	story->now_ns += duration_ns;
	record.type = IGREC_RECORD_SYSCALL;
	record.time_ns = story->now_ns;
	record.duration_ns = duration_ns;
	if (!record.task)
		record.task = &init_task;
	sample_add(&story->tape, &record);
	story->now_ns += 200 + roll(story, 2000);
}

static struct sample_capture text_capture(uint8_t arg, const char *text)
{
	return (struct sample_capture){arg, 0, text, (uint16_t)strlen(text)};
}

static void tell_setup(struct story *story)
{
	syscall_took(story, 3 * US,
		     (struct sample_record){
			     .lane = IGREC_LANE_FLOW,
			     .task = &runtime_task,
			     .meta = IGREC_META_SETUP,
			     .nr = SYS_close,
			     .args = 1,
			     .arg = {3},
		     });
	syscall_took(story, 9 * US,
		     (struct sample_record){
			     .lane = IGREC_LANE_VITAL,
			     .task = &runtime_task,
			     .meta = IGREC_META_SETUP,
			     .nr = SYS_openat,
			     .result = 3,
			     .args = 4,
			     .arg = {(uint64_t)AT_FDCWD, 0x5000, O_WRONLY | O_CLOEXEC, 0},
			     .captures = 1,
			     .capture = {text_capture(1, "/proc/self/attr/exec")},
		     });
}

static void tell_exec(struct story *story)
{
	static const char argv[] = "/usr/bin/crash-app\0--config\0" SAMPLE_MISSING_FILE;
	const struct igrec_exec body = {.old_tid = SAMPLE_TGID};

	story->now_ns += 400 * US;
	sample_add(&story->tape, &(struct sample_record){
					 .type = IGREC_RECORD_EXEC,
					 .lane = IGREC_LANE_START,
					 .task = &init_task,
					 .time_ns = story->now_ns,
					 .duration_ns = 380 * US,
					 .nr = SYS_execve,
					 .body = &body,
					 .body_bytes = sizeof(body),
					 .captures = 2,
					 .capture = {text_capture(0, "/usr/bin/crash-app"),
						     {1, 0, argv, sizeof(argv)}},
				 });
	syscall_took(story, 1 * US,
		     (struct sample_record){
			     .lane = IGREC_LANE_START,
			     .nr = SYS_brk,
			     .result = 0x5555557a0000,
			     .args = 1,
		     });
	syscall_took(story, 12 * US,
		     (struct sample_record){
			     .lane = IGREC_LANE_START,
			     .nr = SYS_openat,
			     .result = 3,
			     .args = 4,
			     .arg = {(uint64_t)AT_FDCWD, 0x7f0000001000, O_RDONLY | O_CLOEXEC},
			     .captures = 1,
			     .capture = {text_capture(1, "/lib/x86_64-linux-gnu/libc.so.6")},
		     });
}

static void tell_failures(struct story *story)
{
	struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(5432)};

	inet_pton(AF_INET, "10.0.0.5", &peer.sin_addr);
	syscall_took(story, 7 * US,
		     (struct sample_record){
			     .lane = IGREC_LANE_VITAL,
			     .nr = SYS_openat,
			     .result = -ENOENT,
			     .args = 4,
			     .arg = {(uint64_t)AT_FDCWD, 0x555555556004, O_RDONLY},
			     .captures = 1,
			     .capture = {text_capture(1, SAMPLE_MISSING_FILE)},
		     });
	syscall_took(story, 150 * US,
		     (struct sample_record){
			     .lane = IGREC_LANE_VITAL,
			     .nr = SYS_connect,
			     .result = -ECONNREFUSED,
			     .args = 3,
			     .arg = {4, 0x7ffffffe000, sizeof(peer)},
			     .captures = 1,
			     .capture = {{1, 0, &peer, sizeof(peer)}},
		     });
}

static void tell_thread(struct story *story)
{
	const struct igrec_fork body = {SAMPLE_THREAD, SAMPLE_TGID, 7, 1};

	story->now_ns += 20 * US;
	sample_add(&story->tape, &(struct sample_record){
					 .type = IGREC_RECORD_FORK,
					 .lane = IGREC_LANE_VITAL,
					 .task = &init_task,
					 .time_ns = story->now_ns,
					 .body = &body,
					 .body_bytes = sizeof(body),
				 });
}

static void tell_write(struct story *story, unsigned n)
{
	char line[64];
	int length = snprintf(line, sizeof(line), "request %u took %u us\n", n, roll(story, 90000));

	syscall_took(story, 900 + roll(story, 9000),
		     (struct sample_record){
			     .lane = IGREC_LANE_FLOW,
			     .nr = SYS_write,
			     .result = length,
			     .args = 3,
			     .arg = {1, 0x5555557a02a0, (uint64_t)length},
			     .captures = 1,
			     .capture = {text_capture(1, line)},
		     });
}

static void tell_flow(struct story *story, unsigned records)
{
	for (unsigned n = 0; n < records; n++) {
		switch (roll(story, 4)) {
		case 0:
			tell_write(story, n);
			break;
		case 1:
			syscall_took(story, 300 + roll(story, 100),
				     (struct sample_record){
					     .lane = IGREC_LANE_FLOW,
					     .nr = SYS_getppid,
					     .result = 0,
				     });
			break;
		case 2:
			syscall_took(story, 5 * US + roll(story, 80000),
				     (struct sample_record){
					     .lane = IGREC_LANE_FLOW,
					     .task = &thread_task,
					     .nr = SYS_read,
					     .result = roll(story, 4096),
					     .args = 3,
					     .arg = {5, 0x7f00aa000b20, 4096},
				     });
			break;
		default:
			syscall_took(story, 40 * US + roll(story, 4000000),
				     (struct sample_record){
					     .lane = IGREC_LANE_FLOW,
					     .task = &thread_task,
					     .nr = SYS_futex,
					     .result = roll(story, 3) ? 0 : -EAGAIN,
					     .args = 6,
					     .arg = {0x7f00aa000910, 0x80, 2, 0, 0, 0},
				     });
		}
	}
}

static void tell_death(struct story *story)
{
	const struct igrec_signal segv = {
		.signal = SIGSEGV,
		.code = SEGV_MAPERR,
		.target_tgid = SAMPLE_TGID,
		.target_ns_tid = 1,
		.sender_tid = SAMPLE_TGID,
		.sender_tgid = SAMPLE_TGID,
		.sender_ns_tgid = 1,
		.target_comm = SAMPLE_COMM,
		.sender_comm = SAMPLE_COMM,
	};
	const struct igrec_exit thread = {.code = SIGKILL, .group_code = SIGSEGV};
	const struct igrec_exit leader = {
		.code = SIGSEGV,
		.group_code = SIGSEGV,
		.last = 1,
	};
	struct sample_record record = {
		.type = IGREC_RECORD_SIGNAL,
		.lane = IGREC_LANE_VITAL,
		.task = &init_task,
		.time_ns = SAMPLE_FAILURE_NS - 90 * US,
		.body = &segv,
		.body_bytes = sizeof(segv),
	};

	sample_add(&story->tape, &record);
	record.type = IGREC_RECORD_EXIT;
	record.nr = SYS_futex;
	record.task = &thread_task;
	record.time_ns = SAMPLE_FAILURE_NS - 30 * US;
	record.body = &thread;
	record.body_bytes = sizeof(thread);
	sample_add(&story->tape, &record);
	record.nr = IGREC_NR_NONE;
	record.task = &init_task;
	record.time_ns = SAMPLE_FAILURE_NS;
	record.body = &leader;
	sample_add(&story->tape, &record);
}

static void fill_identity(struct container_identity *identity)
{
	*identity = (struct container_identity){
		.runtime = copy("runc"),
		.container_id = copy("3f2a91c07bd4e8f6a5c1"),
		.container = copy("crash-app"),
		.image = copy("registry.example/shop/crash-app:1.4.2"),
		.pod = copy("crash-app-7d4b9c6f5-x2x7q"),
		.namespace = copy("shop"),
		.pod_uid = copy("0b0c6b7e-6a52-4c8e-9f11-5a4f6d1c2e3f"),
		.node = copy("node-1"),
		.cgroup_path = copy("/kubepods/burstable/pod0b0c6b7e/3f2a91c07bd4"),
		.cgroup_id = 0x10000beef,
		.restart = 3,
	};
}

static void fill_processes(struct snapshot *snapshot)
{
	static const char argv[] = "/usr/bin/crash-app\0--config\0" SAMPLE_MISSING_FILE;
	static const char *const targets[] = {"/dev/null", "pipe:[70001]", "pipe:[70002]",
					      "socket:[70003]"};

	snapshot->tasks = calloc(1, sizeof(*snapshot->tasks));
	snapshot->fds = calloc(ARRAY_SIZE(targets), sizeof(*snapshot->fds));
	must(snapshot->tasks && snapshot->fds);
	snapshot->n_tasks = 1;
	snapshot->tasks[0] = (struct snapshot_task){
		.tgid = SAMPLE_TGID,
		.ns_tgid = 1,
		.parent_tgid = 4200,
		.uid = 1000,
		.start_ns = 900 * MS,
		.threads = 2,
		.rss_bytes = 40 << 20,
		.state = 'S',
		.comm = SAMPLE_COMM,
		.argv = malloc(sizeof(argv)),
		.argv_bytes = sizeof(argv),
		.exe = copy("/usr/bin/crash-app"),
		.cwd = copy("/"),
	};
	must(snapshot->tasks[0].argv);
	memcpy(snapshot->tasks[0].argv, argv, sizeof(argv));
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		snapshot->fds[i] = (struct snapshot_fd){SAMPLE_TGID, (int32_t)i, copy(targets[i])};
	snapshot->n_fds = ARRAY_SIZE(targets);
}

static void fill_oom_tasks(struct snapshot *snapshot)
{
	snapshot->oom_tasks = calloc(1, sizeof(*snapshot->oom_tasks));
	must(snapshot->oom_tasks);
	snapshot->n_oom_tasks = 1;
	snapshot->oom_tasks[0] = (struct snapshot_task){
		.tgid = SAMPLE_THREAD + 50,
		.ns_tgid = 9,
		.parent_tgid = SAMPLE_TGID,
		.threads = 1,
		.rss_bytes = 33 << 20,
		.at_oom = true,
		.state = 'R',
		.comm = "child",
	};
}

/* Memory grows, and once there is no figure for it. */
static void fill_samples(struct snapshot *snapshot)
{
	snapshot->samples = calloc(SAMPLE_SAMPLES, sizeof(*snapshot->samples));
	must(snapshot->samples);
	snapshot->n_samples = SAMPLE_SAMPLES;
	for (int i = 0; i < SAMPLE_SAMPLES; i++)
		snapshot->samples[i] = (struct snapshot_sample){
			.time_ns =
				SAMPLE_FAILURE_NS - (uint64_t)(SAMPLE_SAMPLES - 1 - i) * 5000 * MS,
			.memory_bytes = i == 4 ? -1 : (18 + 2 * i) << 20,
			.limit_hits = i / 6,
			.pids = 2,
			.cpu_ns = i * 1250 * (int64_t)MS,
			.throttled = i,
			.throttled_ns = i * 30 * (int64_t)MS,
			.read_bytes = 4096,
			.written_bytes = i * 512,
		};
}

/* Whatever a container may write. */
static void fill_log(struct snapshot *snapshot)
{
	static const struct {
		const char *stream, *text;
		size_t bytes;
	} lines[] = {
		{"stdout", "listening on :8080", 18},
		{"stdout", "", 0},
		{"stderr", "\x1b[31mNUL \0 and \xff\xfe", 17},
		{"stderr", "cannot open " SAMPLE_MISSING_FILE, 25},
	};

	snapshot->log_file = copy(SAMPLE_LOG_FILE);
	snapshot->log = calloc(ARRAY_SIZE(lines), sizeof(*snapshot->log));
	must(snapshot->log);
	snapshot->n_log = ARRAY_SIZE(lines);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		snapshot->log[i] = (struct snapshot_log){
			.time_ns =
				i ? SAMPLE_REALTIME_NS - (int64_t)(4 - i) * 100 * (int64_t)MS : -1,
			.stream = copy(lines[i].stream),
			.text = malloc(lines[i].bytes + 1),
			.text_bytes = lines[i].bytes,
			.truncated = i == 2,
		};
		must(snapshot->log[i].text);
		memcpy(snapshot->log[i].text, lines[i].text, lines[i].bytes);
	}
}

static void fill_vitals(struct snapshot *snapshot)
{
	static const struct snapshot_vital vitals[] = {
		{(char *)"memory.current", SAMPLE_FAILURE_NS - 60000 * MS, 18 << 20},
		{(char *)"memory.current", SAMPLE_FAILURE_NS, 41 << 20},
		{(char *)"memory.max", SAMPLE_FAILURE_NS, INT64_MAX},
		{(char *)"memory.events:oom_kill", SAMPLE_FAILURE_NS, 0},
		{(char *)"pids.current", SAMPLE_FAILURE_NS, 2},
	};

	snapshot->vitals = calloc(ARRAY_SIZE(vitals), sizeof(*vitals));
	must(snapshot->vitals);
	for (size_t i = 0; i < ARRAY_SIZE(vitals); i++) {
		snapshot->vitals[i] = vitals[i];
		snapshot->vitals[i].name = copy(vitals[i].name);
	}
	snapshot->n_vitals = ARRAY_SIZE(vitals);
}

static void fill_facts(struct snapshot *snapshot)
{
	snapshot->failure = (struct failure){
		.kind = FAILURE_SIGNAL,
		.signal = SIGSEGV,
		.time_ns = SAMPLE_FAILURE_NS,
		.tgid = SAMPLE_TGID,
		.ns_tgid = 1,
		.comm = SAMPLE_COMM,
	};
	snapshot->taken_ns = SAMPLE_FAILURE_NS + 2 * MS;
	snapshot->realtime_offset_ns = SAMPLE_REALTIME_NS - (int64_t)SAMPLE_FAILURE_NS;
	snapshot->started_ns = SAMPLE_FAILURE_NS - 30000 * MS;
	snapshot->init_tgid = SAMPLE_TGID;
	snapshot->cpus = 2;
	snapshot->payload = IGREC_PAYLOAD_STDIO;
	snapshot->payload_bytes = 128;
	snapshot->ring_bytes = 512 * 1024;
	snapshot->truncated = 2;
	snapshot->unreadable = 1;
}

/* As if the ring had gone round: the first blocks of the flow lane are no longer there. */
static void overwrite(struct snapshot_lane *lane)
{
	lane->written += SAMPLE_OVERWRITTEN;
	lane->overwritten = SAMPLE_OVERWRITTEN;
	lane->overwritten_bytes = SAMPLE_OVERWRITTEN * 72ULL;
	for (size_t i = 0; i < lane->n_blocks; i++)
		lane->blocks[i].sequence += 22;
}

struct snapshot *sample_snapshot_new(const struct sample_options *options)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct story story = {
		.tape.snapshot = snapshot,
		.now_ns = SAMPLE_FAILURE_NS - 29000 * MS,
		.dice = options->seed,
	};

	must(snapshot);
	fill_identity(&snapshot->identity);
	fill_facts(snapshot);
	fill_processes(snapshot);
	fill_oom_tasks(snapshot);
	fill_vitals(snapshot);
	fill_samples(snapshot);
	fill_log(snapshot);
	tell_setup(&story);
	tell_exec(&story);
	tell_failures(&story);
	tell_thread(&story);
	tell_flow(&story, options->flow_records);
	tell_death(&story);
	overwrite(&snapshot->lane[IGREC_LANE_FLOW]);
	return snapshot;
}
