/* SPDX-License-Identifier: Apache-2.0 */
/* What is no syscall, in words: for the parameters of a column and for the last line. */
#ifndef REPLAY_WORDS_H
#define REPLAY_WORDS_H

#include "common/buf.h"
#include "replay/timeline.h"

/* "start", "vital", "flow". */
const char *lane_name(enum igrec_lane lane);

/* "syscall", "fork", "exec", "exit", "signal", "oom", "gap", "failure": "type" in JSON. event: of
 * an event. */
const char *entry_type_name(const struct timeline_entry *entry, const struct event *event);

/* "1234 records of lane flow overwritten". */
void gap_words(struct buf *out, const struct timeline_entry *entry);
/* "SIGTERM, SI_USER, sent by 12 (bash)". */
void signal_words(struct buf *out, const struct event *event);
/* "out of memory: ...". */
void oom_words(struct buf *out, const struct timeline *timeline, const struct event *event);
/* "process 12", "thread 13". */
void fork_words(struct buf *out, const struct timeline_task *parent, const struct event *event);
/* How it ended, who sent the signal, which cgroup was out of memory. */
void failure_words(struct buf *out, const struct timeline *timeline);

/* What a thread that ended within exit or exit_group had given to it. */
int exit_argument(const struct event *event);

#endif
