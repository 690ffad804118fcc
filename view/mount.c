/* SPDX-License-Identifier: Apache-2.0 */
/* view mount: mounts made, moved, changed and taken away, or not. */
#include <string.h>

#include "decode/value.h"
#include "replay/value_text.h"
#include "view/views.h"

enum {
	MOUNT_SYSCALL = TASK_COLUMNS,
	MOUNT_SOURCE,
	MOUNT_TARGET,
	MOUNT_TYPE,
	MOUNT_FLAGS,
	MOUNT_ERROR,
	MOUNT_DURATION,
	MOUNT_COLUMNS,
};

static const struct view_column columns[MOUNT_COLUMNS] = {
	TASK_COLUMN_ROWS,
	[MOUNT_SYSCALL] = VIEW_COLUMN("syscall", "SYSCALL", VIEW_TEXT),
	[MOUNT_SOURCE] = VIEW_COLUMN("source", "SOURCE", VIEW_TEXT),
	[MOUNT_TARGET] = VIEW_COLUMN("target", "TARGET", VIEW_TEXT),
	[MOUNT_TYPE] = VIEW_COLUMN("fs_type", "TYPE", VIEW_TEXT),
	[MOUNT_FLAGS] = VIEW_COLUMN("flags", "FLAGS", VIEW_TEXT),
	[MOUNT_ERROR] = VIEW_COLUMN("error", "ERROR", VIEW_TEXT),
	[MOUNT_DURATION] = VIEW_COLUMN("duration_ns", "LATENCY", VIEW_DURATION_NS, .right = true),
};

/* Calls, and whether their first path is the source of a second one. */
static const struct {
	const char *name;
	bool has_source;
} calls[] = {
	{"mount", true},	  {"umount", false},	{"umount2", false},   {"move_mount", true},
	{"mount_setattr", false}, {"open_tree", false}, {"pivot_root", true},
};

static void set_value(struct view_rows *rows, unsigned column, const struct value *value)
{
	if (value->data)
		rows_set_text(rows, column, value->data, value->data_bytes);
}

static void set_arguments(const struct walk *walk, bool has_source, struct view_rows *rows)
{
	const struct layout *layout = event_layout(walk->query->arch, &walk->event);
	unsigned paths = !has_source, flags = 0;

	for (unsigned i = 0; i < layout->count; i++) {
		enum value_type type = (enum value_type)layout->fields[i].type;
		struct value value = event_argument(&walk->event, layout, i);

		if (type == VALUE_PATH) {
			set_value(rows, paths++ ? MOUNT_TARGET : MOUNT_SOURCE, &value);
		} else if (type == VALUE_STRING) {
			set_value(rows, MOUNT_TYPE, &value);
		} else if (type == VALUE_FLAGS && !flags++) {
			value_text(rows_begin_text(rows, MOUNT_FLAGS), &value);
			rows_end_text(rows, MOUNT_FLAGS);
		}
	}
}

static int make_row(const struct walk *walk, const char *name, bool has_source,
		    struct view_rows *rows)
{
	walk_set_task(walk, rows);
	rows_set_string(rows, MOUNT_SYSCALL, name);
	set_arguments(walk, has_source, rows);
	walk_set_outcome(walk, rows, MOUNT_ERROR, MOUNT_DURATION);
	return rows_put(rows);
}

static int take(const struct walk *walk, struct view_rows *rows)
{
	char room[SYSCALL_NAME_BYTES];
	const char *name;

	if (walk->event.type != IGREC_RECORD_SYSCALL)
		return 0;
	name = walk_syscall(walk, room);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (!strcmp(name, calls[i].name) && walk_wants(walk))
			return make_row(walk, name, calls[i].has_source, rows);
	}
	return 0;
}

static int make(const struct view_query *query, struct view_rows *rows)
{
	struct walk walk;
	int err = 0;

	walk_init_plain(&walk, query);
	while (!err && walk_next(&walk))
		err = take(&walk, rows);
	return err;
}

const struct view view_mount = {
	.name = "mount",
	.table = "mounts",
	.help = "mounts made, moved, changed and taken away, or not",
	.columns = columns,
	.n_columns = MOUNT_COLUMNS,
	.make = make,
};
