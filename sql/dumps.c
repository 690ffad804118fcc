/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dumps by path.  A whole one serves all that ask for it or a part of it; parts are for one query,
 * and when one after the other is asked for, as in the inner loop of a join, the whole is read.
 */
#include "sql/dumps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define IDLE_MAX  4 /* dumps that nobody uses and that are kept */
#define PARTS_MAX 4

struct sql_dumps *sql_dumps_new(void)
{
	struct sql_dumps *dumps = calloc(1, sizeof(*dumps));

	if (dumps)
		dumps->users = 1;
	return dumps;
}

static void free_dump(struct sql_dump *dump)
{
	for (size_t i = 0; i < SQL_TABLES_MAX; i++)
		sql_rows_free(dump->rows[i]);
	timeline_free(dump->timeline);
	dump_free(dump->dump);
	free(dump->path);
	free(dump);
}

DEFINE_CLEANUP(sql_dump, struct sql_dump *, free_dump)

void sql_dumps_ref(struct sql_dumps *dumps)
{
	dumps->users++;
}

void sql_dumps_unref(struct sql_dumps *dumps)
{
	if (!dumps || --dumps->users)
		return;
	while (dumps->all) {
		struct sql_dump *dump = dumps->all;

		dumps->all = dump->next;
		free_dump(dump);
	}
	free(dumps);
}

static struct sql_dump *find(const struct sql_dumps *dumps, const char *path)
{
	for (struct sql_dump *dump = dumps->all; dump; dump = dump->next) {
		if (!dump->is_part && !strcmp(dump->path, path))
			return dump;
	}
	return NULL;
}

static int open_file(const char *path, const struct dump_part *part, struct sql_dump **ret,
		     struct dump_fault *ret_why)
{
	CLEANUP(cleanup_sql_dump) struct sql_dump *dump = calloc(1, sizeof(*dump));
	int err;

	if (!dump)
		return -ENOMEM;
	dump->path = strdup(path);
	if (!dump->path)
		return -ENOMEM;
	dump->is_part = part;
	err = part ? dump_open_part(path, part, &dump->dump, ret_why)
		   : dump_open(path, &dump->dump, ret_why);
	if (err)
		return err;
	if (arch_parse(dump_arch(dump->dump), &dump->arch)) {
		snprintf(ret_why->text, sizeof(ret_why->text),
			 "was recorded on %.32s, whose syscalls this igrec does not know",
			 dump_arch(dump->dump));
		return -ENOTSUP;
	}
	err = timeline_new(dump_snapshot(dump->dump), &dump->timeline);
	if (!err)
		*ret = TAKE_PTR(dump);
	return err;
}

int sql_dump_take(struct sql_dumps *dumps, const char *path, const struct dump_part *part,
		  struct sql_dump **ret, struct dump_fault *ret_why)
{
	struct sql_dump *dump = find(dumps, path);
	int err;

	snprintf(ret_why->text, sizeof(ret_why->text), "out of memory");
	dumps->part_opens = part ? dumps->part_opens + 1 : 0;
	if (!dump) {
		err = open_file(path, dumps->part_opens > PARTS_MAX ? NULL : part, &dump, ret_why);
		if (err)
			return err;
		dump->next = dumps->all;
		dumps->all = dump;
		if (dumps->opened)
			dumps->opened(dumps->user, dump->dump);
	}
	dump->users++;
	*ret = dump;
	return 0;
}

void sql_dump_give(struct sql_dumps *dumps, struct sql_dump *dump)
{
	struct sql_dump **at = &dumps->all;
	unsigned idle = 0;

	if (!dump)
		return;
	dump->users--;
	while (*at) {
		struct sql_dump *each = *at;

		if (each->users || (!each->is_part && ++idle <= IDLE_MAX)) {
			at = &each->next;
			continue;
		}
		*at = each->next;
		free_dump(each);
	}
}

int sql_dump_rows(struct sql_dump *dump, size_t table, const struct view *view,
		  const struct sql_rows **ret)
{
	const struct sql_query query = {
		.query = {.timeline = dump->timeline, .arch = dump->arch, .hide_setup = true},
		.dump = dump->dump,
	};
	int err = dump->rows[table] ? 0 : sql_rows_new(view, &query.query, &dump->rows[table]);

	if (!err)
		*ret = dump->rows[table];
	return err;
}
