/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the descriptors of each process refer to at each moment of a timeline: "the file that was
 * opened as /etc/app.conf".  Known from the calls that made them, across dup, fork and exec, and
 * from the descriptors that the snapshot lists, back to the last call that changed them.
 *
 * Nothing is a guess.  What was known before a stretch of time from which records are missing
 * (timeline_whole()) is forgotten behind it, nothing is learned within it, and a descriptor is
 * unknown while a call that changes it is under way, or after two of them overlapped.
 *
 * A file has the path that the kernel found when it was opened, and follows unlink and rename as
 * what /proc says does.  Where the tape lacks that path (too long, or an older tape): the name it
 * was opened with, made absolute by the directory where that is known; symbolic links in it are
 * not followed.
 */
#ifndef REPLAY_OBJECTS_H
#define REPLAY_OBJECTS_H

#include "decode/syscall_table.h"
#include "replay/object.h"
#include "replay/timeline.h"

struct objects;

/* For a timeline that was opened: reads what objects_new() needs of it. 0 or -ENOMEM. */
int objects_read(struct timeline *timeline, enum arch arch);
/* Keeps a pointer to the timeline, which must outlive it. 0 or -ENOMEM. */
int objects_new(const struct timeline *timeline, enum arch arch, enum object_style style,
		struct objects **ret);
void objects_free(struct objects *objects);

/* To the moment at which an entry began that is there. Indices must not fall from call to call. */
void objects_seek(struct objects *objects, size_t index);

/*
 * At that moment and for the entry's task: what a descriptor refers to, the working directory, and
 * what the descriptor fd refers to that the entry's call returns. Borrowed until the next seek;
 * NULL if it is not known.
 */
const struct object *objects_of_fd(const struct objects *objects, int fd);
const struct object *objects_of_cwd(const struct objects *objects);
const struct object *objects_of_result(const struct objects *objects, int fd);

/* How they are to be told. */
enum object_style objects_style(const struct objects *objects);

#endif
