/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * What crosses the boundary between the kernel programs and user space, and what a dump holds of
 * it: ring blocks, records, captures, slots, notices.  The only header both sides include.
 *
 * All integers are little endian (x86_64 and arm64 both are), all times CLOCK_MONOTONIC ns as
 * bpf_ktime_get_ns() returns them, all sizes bytes unless a name says otherwise.
 */
#ifndef IGREC_ABI_H
#define IGREC_ABI_H

#include <linux/types.h>
#include <stddef.h>

/* Changes whenever a layout below changes; a pinned set of another version is never re-used. */
#define IGREC_ABI_VERSION 3

#define IGREC_COMM_BYTES   16 /* TASK_COMM_LEN, include/linux/sched.h */
#define IGREC_ARGS_MAX	   6
#define IGREC_SYSCALLS_MAX 512 /* x86_64 ends at 470, arm64 at 470 in Linux 6.18 */

/* ---- ring ------------------------------------------------------------------------------- */

/*
 * A ring is one BPF array map of 4 KiB blocks.  Each lane owns a run of consecutive blocks.  A
 * CPU takes a block of a lane (ticket t: block first + t % blocks), then puts records into it.
 *
 * `reserve` and `commit` count the same way: offset in bits 0-19, number of records in bits
 * 20-31.  `reserve` also holds the low 32 bits of the block's sequence (ticket + 1; 0 = never
 * used) in bits 32-63.  A writer adds to `reserve`, writes, adds the same to `commit`; so the
 * block is at rest exactly when the low 32 bits of both are equal, and its bytes
 * [IGREC_BLOCK_HEADER_BYTES, offset) are then whole records.  The upper half of `commit` is the
 * programs' own.
 */
#define IGREC_BLOCK_BYTES	     4096
#define IGREC_BLOCK_HEADER_BYTES     16
#define IGREC_RESERVE_OFFSET_MASK    0xfffffULL
#define IGREC_RESERVE_RECORD	     (1ULL << 20)
#define IGREC_RESERVE_COUNT(word)    (((word) >> 20) & 0xfff)
#define IGREC_RESERVE_SEQUENCE(word) ((__u32)((word) >> 32))

struct igrec_block {
	__u64 reserve;
	__u64 commit;
	__u8 records[IGREC_BLOCK_BYTES - IGREC_BLOCK_HEADER_BYTES];
};
_Static_assert(sizeof(struct igrec_block) == IGREC_BLOCK_BYTES, "block");

enum igrec_lane {
	IGREC_LANE_START, /* write-once: the first syscalls of the container's life */
	IGREC_LANE_VITAL, /* overwriting: process lifecycle, files and peers opened, failures */
	IGREC_LANE_FLOW,  /* overwriting: all the rest */
	IGREC_LANES,
};

/* ---- records ---------------------------------------------------------------------------- */

enum igrec_record_type {
	IGREC_RECORD_SYSCALL = 1,
	IGREC_RECORD_FORK = 2,
	IGREC_RECORD_EXEC = 3,
	IGREC_RECORD_EXIT = 4,
	IGREC_RECORD_SIGNAL = 5,
	IGREC_RECORD_OOM = 6,
};

/* Bits of igrec_record.meta. */
#define IGREC_META_TYPE(meta)	  ((meta)&0xf)		       /* enum igrec_record_type */
#define IGREC_META_ARGS(meta)	  (((meta) >> 4) & 0x7)	       /* number of u64 arguments, 0-6 */
#define IGREC_META_SHIFT(meta)	  ((((meta) >> 7) & 0x3) * 10) /* duration_ns = duration << shift */
#define IGREC_META_ARGS_SHIFT	  4
#define IGREC_META_DURATION_SHIFT 7
#define IGREC_META_MARK		  (1 << 9)  /* a struct igrec_mark follows the header */
#define IGREC_META_NO_ENTRY	  (1 << 10) /* sys_enter was not seen: no duration */
#define IGREC_META_SETUP	  (1 << 11) /* before the container's first exec: the runtime's init */
#define IGREC_META_COMPAT	  (1 << 12) /* 32-bit entry: nr and arguments are of the compat ABI */
#define IGREC_META_CAPTURES	  (1 << 13) /* captures follow the arguments or the body */

/*
 * Every record: this header, then the mark if flagged, then by type
 *   syscall: s64 result, `args` times u64;   others: struct igrec_{fork,exec,exit,signal,oom};
 * then captures until `bytes` is used up.  Records are 8-byte aligned and padded.
 */
struct igrec_record {
	__u16 bytes; /* of the whole record, a multiple of 8, at least sizeof(this) */
	__u16 meta;
	__u16 cpu;
	__u16 nr;	/* syscall number; of exec and exit: the one it was in; else 0 */
	__u64 time_ns;	/* sys_exit, or when the event happened */
	__u32 tid;	/* in the host's pid namespace; for signal and oom that of the target */
	__u32 duration; /* syscall and exec: time since sys_enter, see IGREC_META_SHIFT */
};
_Static_assert(sizeof(struct igrec_record) == 24, "record");

#define IGREC_NR_NONE 0xffff /* igrec_record.nr of an exit outside any syscall */

/* Who a tid is.  The first record that a task puts into a block carries it. */
struct igrec_mark {
	__u32 tgid;
	__u32 ns_tid; /* ids in the container's pid namespace */
	__u32 ns_tgid;
	__u32 reserved;
	char comm[IGREC_COMM_BYTES];
};
_Static_assert(sizeof(struct igrec_mark) == 32, "mark");

struct igrec_fork {
	__u32 child_tid; /* a thread if child_tgid is the parent's tgid */
	__u32 child_tgid;
	__u32 child_ns_tid;
	__u32 child_ns_tgid;
};
_Static_assert(sizeof(struct igrec_fork) == 16, "fork");

/*
 * Captures: arg 0 the file as execve was given it; arg 1 the new argv, NUL-separated, of a script
 * as it was given; arg 2 a u64, the address of the environment as execve was given it (0 unknown),
 * and a u32, how many strings that has.  The container's first exec also captures the objects of
 * descriptors 0 to 2 and of the working directory, as far as there are any: see IGREC_ARG_OBJECT.
 */
struct igrec_exec {
	__u32 old_tid; /* differs from tid when a thread other than the leader called execve */
	__u32 reserved;
};
_Static_assert(sizeof(struct igrec_exec) == 8, "exec");

/* A thread is gone. Codes are wait statuses, as waitpid(2) gives them. */
struct igrec_exit {
	__s32 code;	  /* of this thread */
	__s32 group_code; /* of the process; valid if last */
	__u32 last;	  /* 1: it was the last thread of its process */
	__s32 given; /* the argument of the exit or exit_group it is in, which `code` has 8 bits of;
			0 if it is not known */
};
_Static_assert(sizeof(struct igrec_exit) == 16, "exit");

/*
 * A signal was generated for a task of the container (trace/events/signal.h). Capture: arg 0 the
 * first IGREC_CAPTURE_SIGINFO_BYTES of its siginfo (include/uapi/asm-generic/siginfo.h), if it has
 * one; pids in it are the target's namespace's.
 */
#define IGREC_CAPTURE_SIGINFO_BYTES 48
struct igrec_signal {
	__s32 signal;
	__s32 code;   /* si_code, include/uapi/asm-generic/siginfo.h */
	__u32 result; /* TRACE_SIGNAL_DELIVERED, 0: no other is recorded */
	__u32 group;  /* 1: sent to the process, 0: to the thread */
	__u32 target_tgid;
	__u32 target_ns_tid;
	__u32 sender_tid; /* the task that was running; the sender if code <= 0 */
	__u32 sender_tgid;
	__u32 sender_ns_tgid;
	__u32 sender_outside; /* 1: not a task of this container */
	__u64 sender_cgroup_id;
	__u64 fault_address; /* si_addr for SEGV, BUS, ILL, FPE, TRAP; else 0 */
	char target_comm[IGREC_COMM_BYTES];
	char sender_comm[IGREC_COMM_BYTES];
};
_Static_assert(sizeof(struct igrec_signal) == 88, "signal");

/* The kernel's OOM killer chose a victim in this container (trace/events/oom.h). */
struct igrec_oom {
	__u32 victim_tgid;
	__u32 victim_ns_tgid;
	__u32 trigger_tid; /* the task whose allocation failed */
	__u32 reserved;
	char victim_comm[IGREC_COMM_BYTES];
	char trigger_comm[IGREC_COMM_BYTES];
};
_Static_assert(sizeof(struct igrec_oom) == 48, "oom");

/* ---- captures --------------------------------------------------------------------------- */

/* Header of `bytes` captured bytes; header and bytes together are padded to 8. */
struct igrec_capture {
	__u8 arg; /* index of the argument whose memory this is */
	__u8 flags;
	__u16 bytes;
};
_Static_assert(sizeof(struct igrec_capture) == 4, "capture");

#define IGREC_CAPTURE_TRUNCATED	 (1 << 0) /* there was more than the limit */
#define IGREC_CAPTURE_UNREADABLE (1 << 1) /* user memory could not be read; bytes = 0 */
#define IGREC_CAPTURE_INODE	 (1 << 2) /* see IGREC_ARG_OBJECT */
#define IGREC_CAPTURE_SOCKET	 (1 << 3) /* with INODE: it is a socket's */
#define IGREC_CAPTURE_PAD	 0xff	  /* as `arg`: what follows in the record is unused */

#define IGREC_CAPTURE_PATH_BYTES    256 /* of one string, with its NUL (not stored) */
#define IGREC_CAPTURE_PAYLOAD_BYTES 256 /* the highest payload limit that can be set */
#define IGREC_CAPTURE_ARGV_BYTES    1024
#define IGREC_CAPTURE_SHORT_BYTES   32	/* of the first of STRINGS, with its NUL (not stored) */
#define IGREC_CAPTURE_SECOND_BYTES  216 /* of the second */
#define IGREC_CAPTURE_IOVECS	    8	/* vectors looked at */
#define IGREC_CAPTURE_RULES	    3	/* per syscall */
/* Room that one capture, and all of one syscall record, may take with their headers. */
#define IGREC_CAPTURE_ROOM   272
#define IGREC_CAPTURE_BUDGET 1040

enum igrec_capture_kind {
	IGREC_CAPTURE_NONE,
	IGREC_CAPTURE_STRING,  /* NUL-terminated at args[arg] */
	IGREC_CAPTURE_FIXED,   /* `unit` bytes at args[arg] */
	IGREC_CAPTURE_ARG,     /* args[length_arg] * unit bytes */
	IGREC_CAPTURE_RESULT,  /* result * unit bytes */
	IGREC_CAPTURE_POINTER, /* *(u32 *)args[length_arg] bytes: a socklen_t given and returned */
	/* args[length_arg] struct iovec at args[arg]: the bytes they hold. Takes the room of two
	 * rules, so the rule behind it is IGREC_CAPTURE_NONE, and counted. */
	IGREC_CAPTURE_IOVEC,
	IGREC_CAPTURE_IOVEC_RESULT, /* the same, filled by the kernel: at most `result` bytes */
	/* A char *[] at args[arg] that ends with NULL: its first strings, each with its NUL, at
	 * most IGREC_CAPTURE_PAYLOAD_BYTES together. Takes the room of two rules like IOVEC. */
	IGREC_CAPTURE_ARGV,
	/* A struct msghdr at args[arg]: the parts below, each a capture of its own. The only rule
	 * of its syscall, padded with NONE to IGREC_CAPTURE_RULES. With ON_SUCCESS the kernel fills
	 * it, and `result` bytes are its data. Data alone are subject to the payload policy. With
	 * unit 64 an array of args[length_arg] (ON_SUCCESS: `result`) struct mmsghdr, of which the
	 * first IGREC_CAPTURE_MESSAGES are taken. */
	IGREC_CAPTURE_MSGHDR,
	/* A char *[] at args[arg] that ends with NULL: a u32, how many there are. */
	IGREC_CAPTURE_COUNT,
	/* The task's signal mask after the call, a u64; `arg` only names the capture. */
	IGREC_CAPTURE_BLOCKED,
	/* `result` bytes of struct linux_dirent or linux_dirent64: a u32, how many there are. */
	IGREC_CAPTURE_DIRENTS,
	/* A pointer and a size at args[arg], as pselect6 takes them, and the u64 of a signal mask
	 * that is there: 24 bytes. */
	IGREC_CAPTURE_SIGMASK,
	/* Two strings in the room of one: a short one at args[arg] and one at args[length_arg],
	 * each a capture of its own. */
	IGREC_CAPTURE_STRINGS,
};

/* igrec_capture.arg of a msghdr's parts; the struct itself has the argument's index. Those of the
 * second message are IGREC_ARG_MSG_PARTS higher. */
#define IGREC_ARG_MSG_NAME	     8
#define IGREC_ARG_MSG_IOV	     9	/* the struct iovec array */
#define IGREC_ARG_MSG_DATA	     10 /* what the vectors hold, joined */
#define IGREC_ARG_MSG_CONTROL	     11
#define IGREC_ARG_MSG_PARTS	     4
#define IGREC_CAPTURE_MESSAGES	     2
#define IGREC_CAPTURE_MSG_PART_BYTES 128 /* at most of name, iovec array and control */
#define IGREC_CAPTURE_COUNT_MAX	     256 /* a COUNT beyond is TRUNCATED */

/*
 * What a call changes in place, in a syscall record behind the captures of its rules: for each
 * argument in igrec_syscall_info.changed a capture with `arg` IGREC_ARG_CHANGED + index, that holds
 * changed_bytes as they stood at the pointer when the call was made, then as many as they stand
 * after it. Absent if the pointer is NULL or the entry was not seen.
 */
#define IGREC_ARG_CHANGED	32
#define IGREC_CHANGED_BYTES_MAX 16
#define IGREC_CHANGED_MAX	4 /* arguments */

/*
 * The object of a descriptor, as /proc/PID/fd would name it: a capture with `arg` IGREC_ARG_OBJECT
 * + n. In a syscall record n is 0 for the descriptor that the call returned, or 0 and 1 for the
 * pair it made; in the container's first exec n is the descriptor, 0 to 2, or IGREC_OBJECT_CWD. One
 * of 4 bytes, flag IGREC_CAPTURE_INODE: the inode number of a pipe, socket or other file without a
 * path; else a path as seen from the task's root: its components, the last one first, each with its
 * NUL and cut at IGREC_OBJECT_NAME_BYTES - 1 with TRUNCATED; no component is the root itself. Of a
 * file that is not below that root: as seen from the top of its mounts, as the kernel's d_path().
 * TRUNCATED also when there were more than IGREC_OBJECT_NAMES, or no room.
 */
#define IGREC_ARG_OBJECT	40
#define IGREC_OBJECT_CWD	3
#define IGREC_OBJECT_NAMES	24
#define IGREC_OBJECT_NAME_BYTES 128
#define IGREC_OBJECT_BYTES	256 /* no component begins behind so many bytes */

/*
 * The end of a message: of a text written to fd 1 or 2 that is longer than the payload limit, half
 * of the limit is its beginning, TRUNCATED, and the other half a second capture with this `arg`,
 * the text's last bytes. (A trace that is written at once ends with the error.)
 */
#define IGREC_ARG_TAIL 44

enum igrec_object_of {
	IGREC_OBJECT_OF_NONE,
	IGREC_OBJECT_OF_RESULT, /* the call returns a descriptor */
	IGREC_OBJECT_OF_PAIR,	/* it writes two, to args[object_arg] */
	IGREC_OBJECT_OF_CWD,	/* it changes the working directory: n is IGREC_OBJECT_CWD */
};

#define IGREC_CAPTURE_ON_SUCCESS (1 << 0) /* only if result >= 0: the kernel filled it */
#define IGREC_CAPTURE_IS_PAYLOAD (1 << 1) /* subject to the payload policy */
#define IGREC_CAPTURE_ON_SOCKET	 (1 << 2) /* args[0] is a socket: DNS datagrams are wanted */
#define IGREC_CAPTURE_ON_FD	 (1 << 3) /* args[0] is another descriptor: 1 and 2 are wanted */

struct igrec_capture_rule {
	__u8 kind;
	__u8 arg;
	__u8 length_arg;
	__u8 flags;
	__u16 unit; /* 1-IGREC_CAPTURE_PAYLOAD_BYTES */
	/* Applies only if args[1] is one of these, both 0: always. What fcntl's third argument is
	 * depends on the second. */
	__u8 only_from, only_to;
};

/* One per syscall number, made from decode/'s table before load. */
struct igrec_syscall_info {
	__u8 args;  /* how many the syscall has */
	__u8 vital; /* 1: always to the vital lane */
	__u8 rules;
	__u8 changed;	    /* bit n: what args[n] points to is changed, see IGREC_ARG_CHANGED */
	__u8 changed_bytes; /* 4, 8 or 16 */
	__u8 object;	    /* enum igrec_object_of */
	__u8 object_arg;
	__u8 payload_only; /* 1: the payload of args[0] is all there is to capture */
	struct igrec_capture_rule rule[IGREC_CAPTURE_RULES];
};
_Static_assert(sizeof(struct igrec_syscall_info) == 32, "syscall info");

enum igrec_payload_policy {
	IGREC_PAYLOAD_NONE,
	IGREC_PAYLOAD_STDIO, /* fd 1 and 2, and DNS datagrams */
	IGREC_PAYLOAD_ALL,
};

/* ---- slots: one per recorded container -------------------------------------------------- */

enum igrec_slot_state {
	IGREC_SLOT_FREE,      /* in the pool or spare; not written */
	IGREC_SLOT_TENTATIVE, /* taken by cgroup_mkdir; user space has not looked yet */
	IGREC_SLOT_CONFIRMED, /* a container; cgroups made below it share the slot */
};

struct igrec_lane_state {
	__u64 next;	   /* tickets given out, ever; never reset */
	__u64 base;	   /* `next` when this container's life began */
	__u64 overwritten; /* records in blocks that were taken again */
	__u64 overwritten_bytes;
	__u64 skipped; /* blocks passed over because a writer was still inside */
	__u64 dropped; /* records not written: no block could be taken */
	__u32 first_block;
	__u32 blocks;
	__u64 reserved;
};
_Static_assert(sizeof(struct igrec_lane_state) == 64, "lane state");

struct igrec_slot {
	__u64 cgroup_id;  /* of the container's own cgroup */
	__u32 generation; /* counts uses of the slot; tasks of an older use are let go */
	__u32 state;	  /* enum igrec_slot_state */
	__u32 payload;	  /* enum igrec_payload_policy */
	__u32 payload_bytes;
	__u16 started;	  /* 1 after the container's first exec: the start lane is open */
	__u16 pid_level;  /* depth of its pid namespace; 0: the host's, or not known */
	__u32 start_full; /* 1 when the start lane took its last record */
	__u32 init_tgid;  /* the process of that first exec, host pid; 0 before */
	__u32 tasks;	  /* live threads */
	__u64 taken_ns;	  /* when the cgroup appeared */
	__u64 truncated;  /* captures cut at a limit */
	__u64 unreadable; /* captures whose memory could not be read */
	struct igrec_lane_state lanes[IGREC_LANES];
};
_Static_assert(sizeof(struct igrec_slot) == 256, "slot");

/*
 * What was pinned, so that the next igrecd can tell whether it can go on with it: one entry of the
 * map "igrec_set", written by igrecd when all of it is attached.
 */
struct igrec_set {
	__u32 abi; /* IGREC_ABI_VERSION; 0: not complete */
	__u32 slots;
	__u32 ring_blocks; /* of each ring */
	__u32 oom;
	__u32 legacy; /* 1: the programs for kernels before Linux 5.15 */
	__u32 reserved;
	char version[40]; /* of the igrecd whose programs these are, NUL-terminated */
};
_Static_assert(sizeof(struct igrec_set) == 64, "set");

/* What igrecd knows of the container in a slot, for the next igrecd: text that only it reads. */
struct igrec_ledger {
	__u32 bytes; /* of text; 0: nothing */
	char text[4092];
};
_Static_assert(sizeof(struct igrec_ledger) == 4096, "ledger");

/* ---- notices: kernel to igrecd ---------------------------------------------------------- */

enum igrec_notice_type {
	IGREC_NOTICE_CGROUP_NEW = 1, /* slot taken for it, or IGREC_SLOT_NO_RING */
	IGREC_NOTICE_CGROUP_GONE,
	IGREC_NOTICE_STARTED, /* the container's first exec */
	IGREC_NOTICE_EXIT,    /* a process died that may be a failure */
	IGREC_NOTICE_OOM,     /* victim chosen */
	IGREC_NOTICE_MOVED,   /* a process with more than one thread came in: walk its tasks */
};

#define IGREC_SLOT_NO_RING 0xffffffffU

struct igrec_notice {
	__u32 type;
	__u32 slot;
	__u64 cgroup_id;
	__u64 time_ns;
	__u32 tgid; /* exit, oom, started: the process */
	__u32 ns_tgid;
	__s32 code; /* exit: wait status of the process */
	__u32 init; /* exit, oom: 1 if it is the container's init */
	__u32 generation;
	__u32 path_bytes; /* cgroup_new: length of path without NUL, else 0 */
	__u32 ns_level;	  /* depth of the process' pid namespace; 0: the host's */
	__u32 rss_pages;  /* oom: the victim's resident memory */
	char comm[IGREC_COMM_BYTES];
	char path[512]; /* below the hierarchy's root, NUL-terminated; absent in other types */
};
#define IGREC_NOTICE_SHORT_BYTES offsetof(struct igrec_notice, path)

/* Node-wide counters, one u64 array entry each. */
enum igrec_counter {
	IGREC_COUNTER_NOTICES_DROPPED, /* notice buffer full */
	IGREC_COUNTER_NO_RING,	       /* cgroups that came while the pool was empty */
	IGREC_COUNTER_NO_TASK,	       /* threads that could not be tracked: no place */
	IGREC_COUNTERS,
};

#endif
