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
 * A file has the name it was opened with, made absolute by the directory where that is known;
 * symbolic links in it are not followed, and a later rename does not show.
 */
#ifndef REPLAY_OBJECTS_H
#define REPLAY_OBJECTS_H

#include "common/buf.h"
#include "decode/syscall_table.h"
#include "replay/timeline.h"

struct objects;

/* Keeps a pointer to the timeline, which must outlive it. 0 or -ENOMEM. */
int objects_new(const struct timeline *timeline, enum arch arch, struct objects **ret);
void objects_free(struct objects *objects);

/* To the moment at which an entry began. Indices must not fall from call to call. */
void objects_seek(struct objects *objects, size_t index);

/*
 * Each appends what there is to know, as object_text() writes it, at that moment and of the
 * entry's task: of a descriptor, of the working directory, of the descriptor that the entry's
 * call made. False and nothing if it is not known.
 */
bool objects_add_fd(const struct objects *objects, int fd, struct buf *out);
bool objects_add_cwd(const struct objects *objects, struct buf *out);
bool objects_add_result(const struct objects *objects, struct buf *out);

#endif
