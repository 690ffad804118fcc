/* SPDX-License-Identifier: Apache-2.0 */
/* The list of tables, put together of its sources. */
#include "sql/tables.h"

#include "export/event_columns.h"

bool sql_table_at(size_t index, struct sql_table *ret)
{
	const struct view *const *from = views;

	if (index == 0) {
		*ret = (struct sql_table){"events", "the tape, entry by entry", NULL};
		return true;
	}
	for (index--; *from && index; index--)
		from++;
	if (!*from) {
		for (from = own_tables; *from && index; index--)
			from++;
	}
	if (!*from)
		return false;
	*ret = (struct sql_table){(*from)->table, (*from)->help, *from};
	return true;
}

bool sql_column_at(const struct sql_table *table, unsigned index, struct sql_column *ret)
{
	if (table->view) {
		const struct view_column *column = &table->view->columns[index];

		if (index >= table->view->n_columns)
			return false;
		*ret = (struct sql_column){.name = column->name, .type = column->type};
		return true;
	}
	if (!event_columns[index].name)
		return false;
	*ret = (struct sql_column){
		.name = event_columns[index].name,
		.type = event_columns[index].type,
		.needs_whole = event_columns[index].needs_whole,
	};
	return true;
}
