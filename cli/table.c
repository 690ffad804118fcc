/* SPDX-License-Identifier: Apache-2.0 */
/* Thin cover of libsmartcols: a column list in, lines of aligned text out. */
#include "cli/table.h"

#include <errno.h>
#include <unistd.h>

#include <libsmartcols.h>

#include "common/buf.h"
#include "common/cleanup.h"
#include "common/escape.h"

struct table {
	struct libscols_table *scols;
	const struct table_column *specs; /* borrowed */
	size_t columns;
	bool failed;
};

static int add_column(struct table *table, const struct table_column *column)
{
	int flags = (column->right ? SCOLS_FL_RIGHT : 0) | (column->shrink ? SCOLS_FL_TRUNC : 0);
	struct libscols_column *added =
		scols_table_new_column(table->scols, column->name, column->shrink ? 0.1 : 0, flags);

	return added ? 0 : -ENOMEM;
}

int table_new(const struct table_column *columns, size_t count, struct table **ret)
{
	struct table *new = calloc(1, sizeof(*new));
	int err = 0;

	if (!new)
		return -ENOMEM;
	new->specs = columns;
	new->columns = count;
	new->scols = scols_new_table();
	if (!new->scols)
		err = -ENOMEM;
	for (size_t i = 0; !err && i < count; i++)
		err = add_column(new, &columns[i]);
	if (err) {
		table_free(new);
		return err;
	}
	*ret = new;
	return 0;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	scols_unref_table(table->scols);
	free(table);
}

static int set_cell(const struct table *table, struct libscols_line *line, size_t column,
		    const char *text)
{
	struct buf escaped = {0};
	int err;

	if (text && table->specs[column].escaped)
		return scols_line_set_data(line, column, text) ? -ENOMEM : 0;

	escape_name_text(&escaped, text ? text : "-");
	text = buf_text(&escaped);
	err = text ? scols_line_set_data(line, column, text) : -ENOMEM;
	buf_done(&escaped);
	return err;
}

void table_add(struct table *table, const char *const *cells)
{
	struct libscols_line *line = scols_table_new_line(table->scols, NULL);

	if (!line)
		table->failed = true;
	for (size_t i = 0; line && i < table->columns; i++) {
		if (set_cell(table, line, i, cells[i]))
			table->failed = true;
	}
}

int table_print(struct table *table, FILE *out)
{
	int err;

	if (table->failed)
		return -ENOMEM;
	scols_table_set_stream(table->scols, out);
	scols_table_set_termforce(table->scols, isatty(fileno(out)) ? SCOLS_TERMFORCE_ALWAYS
								    : SCOLS_TERMFORCE_NEVER);
	err = scols_print_table(table->scols);
	return err < 0 ? err : 0;
}
