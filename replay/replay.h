/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tape as text: what `igrec replay` prints.
 */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "decode/syscall_table.h"
#include "dumper/snapshot.h"
#include "replay/filter.h"

struct buf;

enum replay_format {
	REPLAY_COLUMNS,
	REPLAY_WIDE,
	REPLAY_JSON,
	REPLAY_STRACE,
};
/* "columns", "wide", "json", "strace". 0 or -EINVAL. */
int replay_format_parse(const char *name, enum replay_format *ret);
#define REPLAY_FORMAT_WANTED "columns, wide, json or strace"

/* What is said of descriptors, where the tape tells: the number alone, or what it refers to. */
enum replay_fds {
	REPLAY_FDS_NUMBERS,
	REPLAY_FDS_INODES,    /* sockets by inode, as strace -y */
	REPLAY_FDS_ADDRESSES, /* sockets by protocol and addresses, as strace -yy */
};

struct replay_options {
	enum arch arch; /* of the tape, from dump_arch() and arch_parse() */
	enum replay_format format;
	const struct filter *filter; /* NULL: everything */
	bool no_header;		     /* columns, wide */
	bool hide_setup; /* leave out what timeline_is_setup() tells, if there is more */
	enum replay_fds fds;
	bool colour;
};

struct replay_counts {
	size_t shown;	 /* events that matched; gaps and the failure do not count */
	size_t events;	 /* on the tape */
	size_t setup;	 /* of them matched, and hidden as set-up */
	bool incomplete; /* something is torn, dropped, missing or damaged */
};

/*
 * Writes the timeline of a snapshot to out, line by line. 0, -ENOMEM, or -errno of writing
 * (-EPIPE when the reader has gone).
 */
int replay_render(const struct snapshot *snapshot, const struct replay_options *options, FILE *out,
		  struct replay_counts *ret);

/* Text is gathered up to about so much before it is written. */
#define REPLAY_FLUSH_BYTES 65536

/* Writes the text to out and empties it. 0; -ENOMEM if it has failed; -errno of writing. */
int replay_write(struct buf *text, FILE *out);

#endif
