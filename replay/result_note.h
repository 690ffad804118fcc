/* SPDX-License-Identifier: Apache-2.0 */
/* What strace says in parentheses behind a result: which files are ready, what a number means. */
#ifndef REPLAY_RESULT_NOTE_H
#define REPLAY_RESULT_NOTE_H

#include "common/buf.h"
#include "decode/value.h"

/* " ([{fd=3, revents=POLLIN}])", " (in [3], left {tv_sec=0, tv_usec=7})", " (Timeout)", nothing. */
void result_note_text(struct buf *out, enum arch arch, const struct event *event);

#endif
