/* SPDX-License-Identifier: Apache-2.0 */
/* Which process an id meant at a moment: ids are used again. */
#ifndef REPLAY_PROCESS_SPANS_H
#define REPLAY_PROCESS_SPANS_H

#include "replay/processes.h"

struct process_span;

struct process_spans {
	size_t count;
	struct process_span *all; /* by tgid, then by their beginning */
};

/* 0, or -ENOMEM with *ret empty. */
int process_spans_init(const struct processes *processes, struct process_spans *ret);
void process_spans_done(struct process_spans *spans);

/* The index of the process whose tgid it was; PROCESS_NONE. */
uint32_t process_spans_find(const struct process_spans *spans, uint32_t tgid, uint64_t time_ns);

#endif
