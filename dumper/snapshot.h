/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A snapshot: what the recorder knows of one container at the moment of its failure, copied out
 * of the rings and of /proc.  Made by recorder/, written by dumper/, read back by replay/ under
 * the same names.  Plain data; everything in it is owned by it.
 */
#ifndef DUMPER_SNAPSHOT_H
#define DUMPER_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/igrec_abi.h"

/* Who the container is. NULL where not known; the strings are the runtime's, unescaped. */
struct container_identity {
	char *runtime;	    /* "runc", "containerd", ..., "systemd" or "cgroup" if none knew it */
	char *container_id; /* the runtime's */
	char *container;    /* its name; the id where the runtime has no names */
	char *image;
	char *image_id; /* digest or id */
	char *type;	/* "container" or "sandbox", as the runtime tells */
	char *pod;
	char *namespace; /* Kubernetes'; without a pod that of containerd */
	char *pod_uid;
	char *sandbox_id;
	char *qos;	   /* "guaranteed", "burstable", "besteffort": the cgroup's path tells */
	char *node;	   /* host name, or the node's */
	char *cgroup_path; /* below the root of the default hierarchy, with leading slash */
	uint64_t cgroup_id;
	int64_t restart; /* -1 unknown */
	bool static_pod; /* the kubelet's own: its uid is a hash of its manifest */
};
/* Copies all strings. 0 or -ENOMEM with *ret empty. */
int container_identity_copy(const struct container_identity *from, struct container_identity *ret);
void container_identity_done(struct container_identity *identity);

enum failure_kind {
	FAILURE_EXIT, /* non-zero exit of the container's init */
	FAILURE_SIGNAL,
	FAILURE_OOM,
	FAILURE_CHILD_SIGNAL,
	FAILURE_CHILD_OOM,
	FAILURE_CRASH_LOOP,
	FAILURE_REQUESTED, /* igrec dump: nothing failed */
	FAILURE_KINDS,
};
/* "exit", "signal", "oom", "child-signal", "child-oom", "crash-loop", "requested". */
const char *failure_kind_name(enum failure_kind kind);
/* 0 and the kind, or -EINVAL. */
int failure_kind_parse(const char *name, enum failure_kind *ret);

struct failure {
	enum failure_kind kind;
	int32_t exit_code; /* valid if signal == 0 and kind is no request */
	int32_t signal;	   /* 0: it exited by itself */
	bool core;	   /* the kernel's core-dump bit of the wait status */
	uint64_t time_ns;  /* CLOCK_MONOTONIC */
	uint32_t tgid;	   /* the process that failed, host pid; 0 for a request */
	uint32_t ns_tgid;
	char comm[IGREC_COMM_BYTES + 1];
	bool late; /* noticed only after a restart of igrecd */
};

/* One used block as it stood in the ring. */
struct snapshot_block {
	uint64_t sequence; /* in its lane, from 1, rising with time of allotment */
	uint32_t records;
	uint32_t bytes; /* of records, without the block's header */
	size_t offset;	/* of its records in snapshot_lane.data */
};

struct snapshot_lane {
	unsigned char *data; /* records of all blocks, one block after the other */
	size_t bytes;
	struct snapshot_block *blocks; /* by rising sequence */
	size_t n_blocks;
	uint64_t written;     /* records, ever, in this container's life */
	uint64_t overwritten; /* records no longer in the ring */
	uint64_t overwritten_bytes;
	uint64_t dropped;     /* records for which no block could be taken */
	uint64_t torn_blocks; /* a writer was still inside when the copy was given up */
	uint64_t torn_records;
	uint64_t unread; /* records in chunks that were left out on purpose: dump_open_part() */
};

/* A process that still stood when the snapshot was taken, or when the kernel's OOM killer chose.
 * Strings may be NULL. */
struct snapshot_task {
	uint32_t tgid, ns_tgid, parent_tgid;
	uint32_t uid;
	uint32_t threads;  /* 0 unknown */
	int64_t rss_bytes; /* resident memory; -1 unknown */
	bool at_oom;	   /* as it was at the last OOM kill */
	uint64_t start_ns; /* CLOCK_BOOTTIME, from /proc/PID/stat; 0 unknown */
	char state;	   /* R S D Z ... of /proc/PID/stat */
	char comm[IGREC_COMM_BYTES + 1];
	char *argv; /* NUL-separated as in /proc/PID/cmdline */
	size_t argv_bytes;
	char *exe;
	char *cwd;
};

struct snapshot_fd {
	uint32_t tgid;
	int32_t fd;
	char *target; /* the link's text in /proc/PID/fd */
};

/* A figure of the container's cgroup, by the kernel's own file and key: "memory.events:oom_kill".
 */
struct snapshot_vital {
	char *name;
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	int64_t value;	  /* the unit is that of the file; "max" is INT64_MAX */
};

/* The container's cgroup at one moment; -1 where not known. What counts rises from the cgroup's
 * beginning on. */
struct snapshot_sample {
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	int64_t memory_bytes;
	int64_t limit_hits; /* how often memory was to grow beyond its limit */
	int64_t pids;
	int64_t cpu_ns;
	int64_t throttled; /* periods in which the CPU quota was used up */
	int64_t throttled_ns;
	int64_t read_bytes; /* from block devices */
	int64_t written_bytes;
};

/* A line of the container's log. */
struct snapshot_log {
	int64_t time_ns; /* since 1970, UTC, as the runtime tells; -1 unknown */
	char *stream;	 /* "stdout", "stderr" or "" */
	char *text;	 /* what the container wrote, without the newline; any bytes */
	size_t text_bytes;
	bool truncated; /* there was more in the line */
};

struct snapshot_source;

struct snapshot {
	uint32_t slot, generation; /* whose ring it was; not part of the dump */
	struct container_identity identity;
	struct failure failure;
	uint64_t taken_ns;	    /* CLOCK_MONOTONIC, after the copy */
	int64_t realtime_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC */
	uint64_t started_ns;	    /* when the cgroup appeared; 0: it ran before igrecd */
	uint32_t init_tgid;
	uint32_t cpus;	  /* possible CPUs of the node */
	uint32_t payload; /* enum igrec_payload_policy in force */
	uint32_t payload_bytes;
	uint64_t ring_bytes;
	uint64_t truncated; /* captures */
	uint64_t unreadable;
	struct snapshot_lane lane[IGREC_LANES];
	/* Borrowed. NULL: lanes hold all blocks. Else they hold none: replay/snapshot_source.h */
	const struct snapshot_source *source;
	uint64_t masked; /* secrets that were made unreadable */
	struct snapshot_task *tasks;
	size_t n_tasks;
	struct snapshot_task *oom_tasks; /* at the last OOM kill, the largest first */
	size_t n_oom_tasks;
	struct snapshot_fd *fds;
	size_t n_fds;
	struct snapshot_vital *vitals;
	size_t n_vitals;
	struct snapshot_sample *samples; /* by time */
	size_t n_samples;
	char *log_file;		  /* where the lines are from; NULL: there was none, or it is off */
	struct snapshot_log *log; /* the last lines, the oldest first */
	size_t n_log;
};
void snapshot_free(struct snapshot *snapshot);
void snapshot_task_done(struct snapshot_task *task);
/* Of the records of all lanes. */
size_t snapshot_tape_bytes(const struct snapshot *snapshot);

#endif
