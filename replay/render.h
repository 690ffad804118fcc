/* SPDX-License-Identifier: Apache-2.0 */
/* The renderers behind replay_render(): each appends what an entry looks like in its format. */
#ifndef REPLAY_RENDER_H
#define REPLAY_RENDER_H

#include "common/buf.h"
#include "common/json.h"
#include "decode/value.h"
#include "replay/objects.h"
#include "replay/replay.h"
#include "replay/timeline.h"

/* Of the line that render_columns() made last: where in the buffer these columns stand. */
enum render_cell {
	RENDER_SYSCALL,
	RENDER_PARAMETERS,
	RENDER_RET,
	RENDER_CELLS,
};
struct render_span {
	size_t at, bytes; /* without what fills the column; 0: empty */
};

struct render {
	const struct timeline *timeline;
	const struct replay_options *options;
	size_t index;		 /* of the entry in hand */
	struct objects *objects; /* told or not: options->fds */
	struct buf identity;	 /* wide: the columns that are the same on every line */
	struct buf scratch;
	struct render_span cells[RENDER_CELLS];
	struct json *line; /* JSON: the object in hand, kept for its memory */
};

void render_columns_header(struct render *render, struct buf *out);
void render_columns(struct render *render, const struct timeline_entry *entry, struct buf *out);
void render_strace(struct render *render, const struct timeline_entry *entry, struct buf *out);
void render_json(struct render *render, const struct timeline_entry *entry, struct buf *out);

/* What an exec record says, as members of an object. */
void exec_json(struct json *to, const struct event *event);
/* An argv (exec_argv()) as elements of an array; and so the arguments of a syscall. */
void argv_json(const struct value *argv, struct json *to);
void arguments_json(struct render *render, const struct event *event, struct json *to);

#endif
