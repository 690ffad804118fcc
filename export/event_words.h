/* SPDX-License-Identifier: Apache-2.0 */
/* An entry of a tape as one line that says all. */
#ifndef EXPORT_EVENT_WORDS_H
#define EXPORT_EVENT_WORDS_H

#include "common/buf.h"
#include "replay/objects.h"
#include "replay/timeline.h"

/*
 * "openat(AT_FDCWD, "/etc/x", O_RDONLY) = -1 ENOENT (No such file or directory)", "killed by
 * SIGKILL". event: of an event; objects: as for arguments_text().
 */
void entry_words(struct buf *out, enum arch arch, const struct timeline *timeline,
		 const struct timeline_entry *entry, const struct event *event,
		 const struct objects *objects);

#endif
