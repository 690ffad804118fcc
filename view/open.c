/* SPDX-License-Identifier: Apache-2.0 */
/* view open: which files were opened, or could not be. */
#include "decode/value.h"
#include "replay/call_object.h"
#include "replay/number.h"
#include "replay/value_text.h"
#include "view/views.h"

enum {
	OPEN_PATH = TASK_COLUMNS,
	OPEN_GIVEN,
	OPEN_FLAGS,
	OPEN_MODE,
	OPEN_FD,
	OPEN_ERROR,
	OPEN_DURATION,
	OPEN_SYSCALL,
	OPEN_COLUMNS,
};

static const struct view_column columns[OPEN_COLUMNS] = {
	TASK_COLUMN_ROWS,
	[OPEN_PATH] = VIEW_COLUMN("path", "PATH", VIEW_TEXT),
	[OPEN_GIVEN] = VIEW_COLUMN("given", "GIVEN", VIEW_TEXT, .wide = true),
	[OPEN_FLAGS] = VIEW_COLUMN("flags", "FLAGS", VIEW_TEXT),
	[OPEN_MODE] = VIEW_COLUMN("mode", "MODE", VIEW_TEXT, .right = true),
	[OPEN_FD] = VIEW_COLUMN("fd", "FD", VIEW_INT, .right = true),
	[OPEN_ERROR] = VIEW_COLUMN("error", "ERROR", VIEW_TEXT),
	[OPEN_DURATION] = VIEW_COLUMN("duration_ns", "LATENCY", VIEW_DURATION_NS, .right = true),
	[OPEN_SYSCALL] = VIEW_COLUMN("syscall", "SYSCALL", VIEW_TEXT, .wide = true),
};

static bool is_open_flags(const struct value *value)
{
	return value->type == VALUE_FLAGS && value->field && value->field->set &&
	       !strcmp(value->field->set->name, "open");
}

static void set_value(struct view_rows *rows, unsigned column, const struct value *value)
{
	value_text(rows_begin_text(rows, column), value);
	rows_end_text(rows, column);
}

/* Flags and mode: arguments, or members of openat2's struct, whose mode counts with O_CREAT. */
static void set_flags(struct view_rows *rows, const struct value *value, bool is_member)
{
	struct value member;

	if (is_open_flags(value))
		set_value(rows, OPEN_FLAGS, value);
	else if (value->type == VALUE_MODE && (!is_member || value->number))
		set_value(rows, OPEN_MODE, value);
	else if (value->type == VALUE_STRUCT && value->layout && !is_member) {
		for (unsigned i = 0; i < value->layout->count; i++) {
			if (struct_member(value, i, &member))
				set_flags(rows, &member, true);
		}
	}
}

static void set_arguments(const struct walk *walk, struct view_rows *rows)
{
	const struct layout *layout = event_layout(walk->query->arch, &walk->event);
	char room[SYSCALL_NAME_BYTES];

	for (unsigned i = 0; i < layout->count; i++) {
		if (event_has_argument(&walk->event, layout, i)) {
			struct value value = event_argument(&walk->event, layout, i);

			set_flags(rows, &value, false);
		}
	}
	rows_set_string(rows, OPEN_SYSCALL, walk_syscall(walk, room));
	if (!strcmp(walk_syscall(walk, room), "creat")) /* open(2) */
		rows_set_string(rows, OPEN_FLAGS, "O_WRONLY|O_CREAT|O_TRUNC");
}

/* The name that the kernel found, else the one it was given, as seen from its directory. */
static void path_text(const struct walk *walk, const struct call_object *call, struct buf *out)
{
	struct result result = event_result(walk->query->arch, &walk->event);
	const struct object *object = NULL;

	if (!walk->error && !walk->entry->in_flight && result.kind == RESULT_VALUE)
		object = objects_of_result(walk->objects, (int)result.value.number);
	if (object && !object->is_socket)
		buf_add(out, object->name.text, object->name.bytes);
	else if (call->has_path)
		call_object_text(out, call);
}

static int make_row(const struct walk *walk, struct view_rows *rows)
{
	const struct filter *filter = walk->query->filter;
	struct call_object call = {0};
	struct buf path = {0};
	bool fits;
	int err = 0;

	call_object_find(walk->query->arch, &walk->event, walk->objects, &call);
	path_text(walk, &call, &path);
	fits = !filter || filter_fits_path(filter, path.data, path.bytes) ||
	       filter_fits_path(filter, call.given.data, call.given.bytes);
	if (fits) {
		walk_set_task(walk, rows);
		rows_set_text(rows, OPEN_PATH, path.data, path.bytes);
		rows_set_text(rows, OPEN_GIVEN, call.given.data, call.given.bytes);
		set_arguments(walk, rows);
		if (!walk->entry->in_flight && !walk->error)
			rows_set_int(rows, OPEN_FD, walk->event.result);
		walk_set_outcome(walk, rows, OPEN_ERROR, OPEN_DURATION);
		err = rows_put(rows);
	}
	buf_done(&path);
	call_object_done(&call);
	return err;
}

static int make(const struct view_query *query, struct view_rows *rows)
{
	struct walk walk;
	int err = walk_init(&walk, query);

	while (!err && walk_next(&walk)) {
		if (walk.act == ACT_OPEN && walk_wants_except(&walk, 1U << FILTER_PATH))
			err = make_row(&walk, rows);
	}
	walk_done(&walk);
	return err;
}

const struct view view_open = {
	.name = "open",
	.table = "opens",
	.help = "files opened, or not: by whom, how, with which result",
	.columns = columns,
	.n_columns = OPEN_COLUMNS,
	.make = make,
};
