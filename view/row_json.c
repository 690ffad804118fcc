/* SPDX-License-Identifier: Apache-2.0 */
/* Cells -> JSON, by their columns' types alone. */
#include "view/row_json.h"

#include <stdio.h>
#include <string.h>

#include "common/json.h"

#define TIME_NAME "time_ns"

int64_t view_zero_ns(const struct timeline *timeline)
{
	return (int64_t)timeline_zero_ns(timeline) +
	       timeline_snapshot(timeline)->realtime_offset_ns;
}

static void add_list(struct json *to, const char *name, const struct view_cell *cell)
{
	const char *at = cell->text, *end = at + cell->bytes;

	json_open_array(to, name);
	while (at < end) {
		size_t bytes = strnlen(at, (size_t)(end - at));

		json_add_bytes(to, NULL, at, bytes);
		at += bytes + 1;
	}
	json_close(to);
}

static void add_time(struct json *to, const char *name, const struct view_cell *cell,
		     int64_t zero_ns)
{
	int head = (int)(strlen(name) - strlen(TIME_NAME));
	char relative[64];

	snprintf(relative, sizeof(relative), "%.*srel_ns", head, name);
	if (cell->known) {
		json_add_int(to, name, cell->number);
		json_add_int(to, relative, (int64_t)((uint64_t)cell->number - (uint64_t)zero_ns));
	} else {
		json_add_null(to, name);
		json_add_null(to, relative);
	}
}

void row_json(struct json *to, const struct view *view, const struct view_cell *cells,
	      int64_t zero_ns)
{
	for (unsigned i = 0; i < view->n_columns; i++) {
		const struct view_column *column = &view->columns[i];
		const struct view_cell *cell = &cells[i];

		if (column->type == VIEW_TIME_NS)
			add_time(to, column->name, cell, zero_ns);
		else if (!cell->known)
			json_add_null(to, column->name);
		else if (column->type == VIEW_TEXT)
			json_add_bytes(to, column->name, cell->text, cell->bytes);
		else if (column->type == VIEW_LIST)
			add_list(to, column->name, cell);
		else if (column->type == VIEW_BOOL)
			json_add_bool(to, column->name, cell->number);
		else
			json_add_int(to, column->name, cell->number);
	}
}
