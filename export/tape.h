/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A format's way through a dump: the entries that were asked for one by one, with who did it and
 * what descriptors refer to at that moment; and its way out, gathered text.
 */
#ifndef EXPORT_TAPE_H
#define EXPORT_TAPE_H

#include "common/buf.h"
#include "common/json.h"
#include "export/export.h"
#include "replay/objects.h"
#include "replay/timeline.h"

struct tape {
	const struct export *export;
	struct timeline *timeline;
	struct objects *objects;
	struct export_counts *counts;
	size_t next;
	/* The entry in hand: */
	size_t index;
	const struct timeline_entry *entry;
	const struct timeline_task *task; /* of an event */
	struct event event;		  /* if entry->kind is TIMELINE_EVENT */
	/* What goes out: */
	struct buf text;
	struct buf scratch; /* for words in the making */
};

/* 0 or -ENOMEM; to be given to tape_close() either way. */
int tape_open(struct tape *tape, const struct export *export, struct export_counts *counts);
void tape_close(struct tape *tape);

/* Moves on to the next entry that was asked for; false behind the last. */
bool tape_next(struct tape *tape);
/* To before the first one. */
int tape_rewind(struct tape *tape);

/* Whether the event in hand is one call: a syscall, or an execve that was successful. */
bool tape_is_call(const struct tape *tape);
/* When it ended. */
uint64_t tape_end_ns(const struct tape *tape);
/* When the first entry of all began. */
uint64_t tape_begin_ns(const struct tape *tape);
/* CLOCK_REALTIME of a moment; 0 for one before 1970. */
uint64_t tape_real_ns(const struct tape *tape, uint64_t time_ns);

/* Writes out what was gathered in `text` once it is large, or all. 0, -ENOMEM, -errno of writing.
 */
int tape_flush_some(struct tape *tape);
int tape_flush(struct tape *tape);

#endif
