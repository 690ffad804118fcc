/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dump file, opened for reading.  Whatever is in the file is hostile until checked: bounds on
 * every size, checksums on every chunk, SQLite opened read-only, immutable and defensive.
 */
#ifndef REPLAY_DUMP_H
#define REPLAY_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dumper/snapshot.h"

struct dump;

/* What one damaged part is: for `igrec verify` and the warnings of the other verbs. */
struct dump_fault {
	char text[256]; /* one line: which part, what is wrong with it */
};

/*
 * Opens a file and reads all of it. 0, or: -errno of open; -EISDIR, -EINVAL no regular file;
 * -EBADMSG not SQLite at all; -EMEDIUMTYPE a database but not a dump; -EPROTONOSUPPORT a newer
 * schema; -EFBIG larger than any dump; -EUCLEAN its dump row cannot be read; -ENOMEM. A line for
 * the user, without the path, goes to `ret_why` (may be NULL) on failure. Damaged parts beyond
 * the dump row do not fail it, nor does a file that ends early: what cannot be read is missing
 * from the snapshot and listed as faults. Texts of faults are printable.
 */
int dump_open(const char *path, struct dump **ret, struct dump_fault *ret_why);

/*
 * The same, but where it can, it leaves chunks packed until a timeline needs them: the lanes of the
 * snapshot are then without blocks, and it is good for timelines alone. A chunk that turns out not
 * to hold blocks, although its checksum is right, is among the faults from then on.
 */
int dump_open_lazily(const char *path, struct dump **ret, struct dump_fault *ret_why);

/*
 * The same, but reads only what lists show: the snapshot has identity, failure, the figures of
 * dump row and lanes, and no blocks, tasks, descriptors or vitals. Faults are those of the parts
 * that were read.
 */
int dump_open_header(const char *path, struct dump **ret, struct dump_fault *ret_why);

/* A part of a tape: what is not in it need not be read. */
struct dump_part {
	unsigned lanes;	   /* 1 << enum igrec_lane */
	uint64_t since_ns; /* CLOCK_MONOTONIC; records that were made before: not in it */
	uint64_t until_ns; /* or behind */
};

/*
 * The same as dump_open(), but leaves out chunks that have nothing of the part: the records of it
 * are all there, and some others; gaps are told as of the whole. What follows from records
 * elsewhere does not: what descriptors refer to, and which calls were in flight.
 */
int dump_open_part(const char *path, const struct dump_part *part, struct dump **ret,
		   struct dump_fault *ret_why);
void dump_free(struct dump *dump);

/* All that could be read; lanes hold the blocks of the chunks that check out. Owned by the dump. */
const struct snapshot *dump_snapshot(const struct dump *dump);
/* The same, for a caller that changes it. Still the dump's. */
struct snapshot *dump_snapshot_to_change(struct dump *dump);
const char *dump_path(const struct dump *dump);
const char *dump_id(const struct dump *dump);	 /* 12 hex digits, unique per dump */
const char *dump_arch(const struct dump *dump);	 /* "x86_64" or "aarch64": whose syscall table */
const char *dump_cause(const struct dump *dump); /* best finding's sentence; "" if none */
/* Layout of its records: at most IGREC_ABI_VERSION. */
uint32_t dump_abi(const struct dump *dump);
/* The igrec that wrote it. */
const char *dump_version(const struct dump *dump);
size_t dump_faults(const struct dump *dump, const struct dump_fault **ret);

/*
 * Checks what opening leaves out: SQLite's own integrity check, and every record. 0 if the whole
 * dump is sound, -EUCLEAN if not; dump_faults() then lists what is wrong. -EINVAL for a dump that
 * was not opened as a whole, -ENOMEM.
 */
int dump_verify(struct dump *dump);

#endif
