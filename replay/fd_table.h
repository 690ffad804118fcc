/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The descriptors of a process (or of several that share them) at one moment, as far as the tape
 * tells.  A call that changes a descriptor is told twice, when it begins and when it has ended:
 * in between, and whenever two such calls overlap, nobody knows what the descriptor refers to.
 */
#ifndef REPLAY_FD_TABLE_H
#define REPLAY_FD_TABLE_H

#include "replay/object.h"

#define FD_TABLE_MAX 16384 /* descriptors from here on are not tracked */

struct fd_table;

/*
 * Nothing is known of any descriptor. One reference, for the caller; NULL without memory. The
 * budget is that of all tables: descriptors that there is still room for. It outlives them.
 * A table that finds no room, or no memory, knows nothing from then on.
 */
struct fd_table *fd_table_new(size_t *budget);
struct fd_table *fd_table_ref(struct fd_table *table);
void fd_table_unref(struct fd_table *table);

/*
 * A table of its own for a task that left this one at some moment since `since_ns`: what changed
 * since then is unknown in it. NULL without memory.
 */
struct fd_table *fd_table_copy(const struct fd_table *table, uint64_t since_ns);

/* Borrowed; NULL if it is not known what fd was at that moment, at or before the present one. */
struct object *fd_table_find(const struct fd_table *table, int fd, uint64_t time_ns);

enum cloexec {
	CLOEXEC_UNKNOWN,
	CLOEXEC_OFF,
	CLOEXEC_ON,
};

/* A call that changes fd begins, and has ended. object: NULL if it is closed, or not known. */
void fd_table_begin(struct fd_table *table, int fd);
void fd_table_end(struct fd_table *table, int fd, struct object *object, enum cloexec cloexec,
		  uint64_t end_ns);
/* A call that changes the flag alone. */
void fd_table_set_cloexec(struct fd_table *table, int fd, enum cloexec cloexec);

/* execve closed what is marked so. */
void fd_table_exec(struct fd_table *table);
/* Nothing is known any longer; of files, which have paths. */
void fd_table_forget(struct fd_table *table);
void fd_table_forget_files(struct fd_table *table);
/* Nothing is known, nor ever will be: the tape does not tell what happens to it. */
void fd_table_blind(struct fd_table *table);
/* All descriptors that it knows anything of are below. */
int fd_table_room(const struct fd_table *table);

#endif
