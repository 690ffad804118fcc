/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One decoded record.  Parsing is total: any bytes give either an event whose pointers stay
 * inside those bytes, or an error; nothing is invented for what is missing.
 */
#ifndef DECODE_EVENT_H
#define DECODE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/igrec_abi.h"

#define EVENT_CAPTURES_MAX 12

struct event_capture {
	uint8_t arg; /* index of an argument, or IGREC_ARG_* */
	bool truncated;
	bool unreadable;
	bool inode;  /* the data are an inode number: IGREC_CAPTURE_INODE */
	bool socket; /* a socket's */
	uint16_t bytes;
	const unsigned char *data; /* borrowed from the record */
};

struct event {
	enum igrec_record_type type;
	enum igrec_lane lane;
	uint64_t time_ns;     /* CLOCK_MONOTONIC; syscalls: when entered if seen, else when left */
	uint64_t end_ns;      /* when the record was made; equals time_ns where nothing lasted */
	uint64_t duration_ns; /* 0 if !entry_seen */
	uint32_t tid;	      /* host ids */
	uint16_t cpu;
	uint16_t nr;
	bool entry_seen; /* syscalls and execs only */
	bool setup;	 /* done by the runtime before the container's first exec */
	bool compat;
	bool has_mark;
	struct igrec_mark mark; /* valid if has_mark: who tid is */
	unsigned args;
	uint64_t arg[IGREC_ARGS_MAX];
	int64_t result;
	union {
		struct igrec_fork fork;
		struct igrec_exec exec;
		struct igrec_exit exit;
		struct igrec_signal signal;
		struct igrec_oom oom;
	};
	unsigned captures;
	struct event_capture capture[EVENT_CAPTURES_MAX];
};

/*
 * Parses the record at data. Returns its size in bytes (a multiple of 8, > 0), or -EBADMSG when
 * the bytes are no record: too short, a size that does not fit, an unknown type, captures that
 * reach outside. *ret is then undefined.
 */
int event_parse(const void *data, size_t bytes, enum igrec_lane lane, struct event *ret);

/* The (first) capture of an argument, or NULL. */
const struct event_capture *event_capture_of(const struct event *event, unsigned arg);
/* What the vectors hold that event_capture_of() gave for `arg`, joined; or NULL. */
const struct event_capture *event_payload_of(const struct event *event, unsigned arg);

#endif
