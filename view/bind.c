/* SPDX-License-Identifier: Apache-2.0 */
/* view bind: addresses that sockets were bound to, or could not be. */
#include "replay/call_object.h"
#include "view/views.h"

enum {
	BIND_PROTOCOL = TASK_COLUMNS,
	BIND_ADDRESS,
	BIND_FD,
	BIND_ERROR,
	BIND_DURATION,
	BIND_COLUMNS,
};

static const struct view_column columns[BIND_COLUMNS] = {
	TASK_COLUMN_ROWS,
	[BIND_PROTOCOL] = VIEW_COLUMN("protocol", "PROTOCOL", VIEW_TEXT),
	[BIND_ADDRESS] = VIEW_COLUMN("address", "ADDRESS", VIEW_TEXT),
	[BIND_FD] = VIEW_COLUMN("fd", "FD", VIEW_INT, .right = true),
	[BIND_ERROR] = VIEW_COLUMN("error", "ERROR", VIEW_TEXT),
	[BIND_DURATION] = VIEW_COLUMN("duration_ns", "LATENCY", VIEW_DURATION_NS, .right = true),
};

static int make_row(const struct walk *walk, struct view_rows *rows)
{
	const struct object *object = objects_of_fd(walk->objects, (int)walk->event.arg[0]);
	const struct event_capture *address = event_capture_of(&walk->event, 1);

	walk_set_task(walk, rows);
	if (object && object->is_socket)
		rows_set_string(rows, BIND_PROTOCOL, object_protocol_name(&object->socket));
	if (address && !address->unreadable) {
		call_address_text(rows_begin_text(rows, BIND_ADDRESS), address->data,
				  address->bytes);
		rows_end_text(rows, BIND_ADDRESS);
	}
	rows_set_int(rows, BIND_FD, (int)walk->event.arg[0]);
	walk_set_outcome(walk, rows, BIND_ERROR, BIND_DURATION);
	return rows_put(rows);
}

static int make(const struct view_query *query, struct view_rows *rows)
{
	struct walk walk;
	int err = walk_init(&walk, query);

	while (!err && walk_next(&walk)) {
		if (walk.act == ACT_BIND && walk_wants(&walk))
			err = make_row(&walk, rows);
	}
	walk_done(&walk);
	return err;
}

const struct view view_bind = {
	.name = "bind",
	.table = "binds",
	.help = "addresses that sockets were bound to, or could not be",
	.columns = columns,
	.n_columns = BIND_COLUMNS,
	.make = make,
};
