/* SPDX-License-Identifier: Apache-2.0 */
/* The table of views. */
#include "view/view.h"

#include <string.h>

#include "view/views.h"

/* clang-format off */
const struct view *const views[] = {
	&view_open,
	&view_exec,
	&view_tcp,
	&view_dns,
	&view_bind,
	&view_signal,
	&view_file,
	&view_io,
	&view_process,
	&view_mount,
	&view_syscalls,
	&view_deps,
	NULL,
};
/* clang-format on */

const struct view *view_find(const char *name)
{
	for (size_t i = 0; views[i]; i++) {
		if (!strcmp(views[i]->name, name))
			return views[i];
	}
	return NULL;
}

int view_column_find(const struct view *view, const char *name)
{
	for (unsigned i = 0; i < view->n_columns; i++) {
		if (!strcmp(view->columns[i].name, name))
			return (int)i;
	}
	return -1;
}

int view_each(const struct view *view, const struct view_query *query, view_row_fn row, void *user)
{
	struct view_rows rows;
	int err;

	rows_init(&rows, view, query, row, user);
	err = view->make(query, &rows);
	rows_done(&rows);
	return err;
}
