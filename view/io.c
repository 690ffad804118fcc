/* SPDX-License-Identifier: Apache-2.0 */
/* view io: the calls that moved bytes, or waited to, the slowest first. */
#include <errno.h>
#include <stdlib.h>

#include "replay/call_object.h"
#include "view/views.h"

#define CALLS_MAX  1000 /* kept */
#define ROWS_SHOWN 20

enum {
	IO_SYSCALL = TASK_COLUMNS,
	IO_DURATION,
	IO_BYTES,
	IO_ERROR,
	IO_OBJECT,
	IO_FD,
	IO_IN_FLIGHT,
	IO_COLUMNS,
};

static const struct view_column columns[IO_COLUMNS] = {
	TASK_COLUMN_ROWS,
	[IO_SYSCALL] = VIEW_COLUMN("syscall", "SYSCALL", VIEW_TEXT),
	[IO_DURATION] = VIEW_COLUMN("duration_ns", "LATENCY", VIEW_DURATION_NS, .right = true),
	[IO_BYTES] = VIEW_COLUMN("bytes", "BYTES", VIEW_BYTES, .right = true),
	[IO_ERROR] = VIEW_COLUMN("error", "ERROR", VIEW_TEXT),
	[IO_OBJECT] = VIEW_COLUMN("object", "OBJECT", VIEW_TEXT),
	[IO_FD] = VIEW_COLUMN("fd", "FD", VIEW_INT, .right = true, .wide = true),
	[IO_IN_FLIGHT] = VIEW_COLUMN("in_flight", "IN-FLIGHT", VIEW_BOOL, .wide = true),
};

struct io_call {
	uint64_t duration_ns;
	size_t entry;
	char *object; /* owned, unescaped; NULL: not known */
};

/* The slowest calls so far: a heap, the quickest of them at the root. */
struct io_calls {
	struct io_call *all;
	size_t count;
};

static bool is_quicker(const struct io_call *a, const struct io_call *b)
{
	if (a->duration_ns != b->duration_ns)
		return a->duration_ns < b->duration_ns;
	return a->entry > b->entry;
}

static void swap(struct io_call *a, struct io_call *b)
{
	struct io_call between = *a;

	*a = *b;
	*b = between;
}

static void sink(struct io_calls *calls, size_t at)
{
	for (;;) {
		size_t least = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
			if (child < calls->count &&
			    is_quicker(&calls->all[child], &calls->all[least]))
				least = child;
		}
		if (least == at)
			return;
		swap(&calls->all[at], &calls->all[least]);
		at = least;
	}
}

static void rise(struct io_calls *calls, size_t at)
{
	while (at && is_quicker(&calls->all[at], &calls->all[(at - 1) / 2])) {
		swap(&calls->all[at], &calls->all[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
}

static void keep(struct io_calls *calls, const struct io_call *call)
{
	if (calls->count < CALLS_MAX) {
		calls->all[calls->count] = *call;
		rise(calls, calls->count++);
		return;
	}
	free(calls->all[0].object);
	calls->all[0] = *call;
	sink(calls, 0);
}

static bool is_io(enum act_kind act)
{
	static const unsigned kinds = ACT_BIT(ACT_READ) | ACT_BIT(ACT_WRITE) | ACT_BIT(ACT_SEND) |
				      ACT_BIT(ACT_RECEIVE) | ACT_BIT(ACT_SYNC) |
				      ACT_BIT(ACT_ALLOCATE) | ACT_BIT(ACT_OPEN) |
				      ACT_BIT(ACT_CONNECT) | ACT_BIT(ACT_ACCEPT) |
				      ACT_BIT(ACT_LOOK) | ACT_BIT(ACT_CHANGE) | ACT_BIT(ACT_LOCK);

	return kinds & ACT_BIT(act);
}

static int take(struct io_calls *calls, const struct walk *walk)
{
	const struct filter *filter = walk->query->filter;
	struct io_call call = {walk->event.duration_ns, walk->index, NULL};
	struct call_object of = {0};
	struct buf object = {0};
	bool fits;

	if (calls->count == CALLS_MAX && !is_quicker(&calls->all[0], &call))
		return 0;
	call_object_find(walk->query->arch, &walk->event, walk->objects, &of);
	call_object_text(&object, &of);
	fits = !filter || filter_fits_path(filter, object.data, object.bytes);
	if (fits && object.bytes)
		call.object = strndup(object.data, object.bytes);
	if (fits && object.bytes && !call.object)
		object.failed = true;
	if (fits)
		keep(calls, &call);
	fits = !object.failed && !of.given.failed;
	buf_done(&object);
	call_object_done(&of);
	return fits ? 0 : -ENOMEM;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int make_row(const struct walk *walk, const struct io_call *call, struct view_rows *rows)
{
	char room[SYSCALL_NAME_BYTES];
	bool moves = ACT_BIT(walk->act) & (ACT_BIT(ACT_READ) | ACT_BIT(ACT_WRITE) |
					   ACT_BIT(ACT_SEND) | ACT_BIT(ACT_RECEIVE));

	walk_set_task(walk, rows);
	rows_set_string(rows, IO_SYSCALL, walk_syscall(walk, room));
	walk_set_outcome(walk, rows, IO_ERROR, IO_DURATION);
	rows_set_int(rows, IO_DURATION, (int64_t)call->duration_ns);
	if (moves && !walk->error && !walk->entry->in_flight && !walk_counts_messages(walk))
		rows_set_int(rows, IO_BYTES, walk->event.result);
	rows_set_string(rows, IO_OBJECT, call->object);
	if (moves)
		rows_set_int(rows, IO_FD, (int)walk->event.arg[0]);
	rows_set_bool(rows, IO_IN_FLIGHT, walk->entry->in_flight);
	return rows_put(rows);
}

static int slowest_first(const void *a, const void *b)
{
	return is_quicker(a, b) ? 1 : -1;
}

static int make_rows(const struct io_calls *calls, const struct view_query *query,
		     struct view_rows *rows)
{
	struct walk walk;
	int err = 0;

	walk_init_plain(&walk, query);
	qsort(calls->all, calls->count, sizeof(*calls->all), slowest_first);
	for (size_t i = 0; !err && i < calls->count; i++) {
		walk_go(&walk, calls->all[i].entry);
		err = make_row(&walk, &calls->all[i], rows);
	}
	return err;
}

static int make(const struct view_query *query, struct view_rows *rows)
{
	struct io_calls calls = {.all = calloc(CALLS_MAX, sizeof(*calls.all))};
	struct walk walk = {0};
	int err = calls.all ? walk_init(&walk, query) : -ENOMEM;

	while (!err && walk_next(&walk)) {
		if (walk.event.type == IGREC_RECORD_SYSCALL && walk.event.entry_seen &&
		    is_io(walk.act) && walk_wants_except(&walk, 1U << FILTER_PATH))
			err = take(&calls, &walk);
	}
	walk_done(&walk);
	if (!err)
		err = make_rows(&calls, query, rows);
	for (size_t i = 0; i < calls.count; i++)
		free(calls.all[i].object);
	free(calls.all);
	return err;
}

const struct view view_io = {
	.name = "io",
	.table = "slow_calls",
	.help = "the slowest calls on files and sockets, at most 1000",
	.columns = columns,
	.n_columns = IO_COLUMNS,
	.rows_shown = ROWS_SHOWN,
	.make = make,
};
