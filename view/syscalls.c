/* SPDX-License-Identifier: Apache-2.0 */
/* view syscalls: how often, how often in vain and with which errors, how long: strace -c. */
#include <errno.h>
#include <stdlib.h>

#include "common/grow.h"
#include "decode/names.h"
#include "replay/number.h"
#include "view/keys.h"
#include "view/views.h"

enum {
	SYSCALLS_NAME,
	SYSCALLS_CALLS,
	SYSCALLS_ERRORS,
	SYSCALLS_TOTAL,
	SYSCALLS_MEAN,
	SYSCALLS_MAX,
	SYSCALLS_ERRNOS,
	SYSCALLS_COLUMNS,
};

static const struct view_column columns[SYSCALLS_COLUMNS] = {
	[SYSCALLS_NAME] = VIEW_COLUMN("syscall", "SYSCALL", VIEW_TEXT),
	[SYSCALLS_CALLS] = VIEW_COLUMN("calls", "CALLS", VIEW_INT, .right = true),
	[SYSCALLS_ERRORS] = VIEW_COLUMN("errors", "ERRORS", VIEW_INT, .right = true),
	[SYSCALLS_TOTAL] = VIEW_COLUMN("total_ns", "TOTAL", VIEW_DURATION_NS, .right = true),
	[SYSCALLS_MEAN] = VIEW_COLUMN("mean_ns", "MEAN", VIEW_DURATION_NS, .right = true),
	[SYSCALLS_MAX] = VIEW_COLUMN("max_ns", "MAX", VIEW_DURATION_NS, .right = true),
	[SYSCALLS_ERRNOS] = VIEW_COLUMN("errnos", "ERRNOS", VIEW_LIST),
};

struct call_total {
	uint16_t nr;
	bool compat;
	uint64_t calls, errors, timed, total_ns, max_ns;
};

/* How often a syscall (index of its total) failed with an errno. */
struct error_key {
	uint32_t total, error;
};

/* A syscall, as a key. */
struct call_key {
	uint16_t nr, compat;
};

struct totals {
	struct keys calls; /* struct call_key */
	struct call_total *all;
	size_t room;
	struct keys errors; /* struct error_key */
	uint64_t *failed;
	size_t failed_room;
};

static struct call_total *total_of(struct totals *totals, const struct event *event)
{
	const struct call_key key = {event->nr, event->compat};
	size_t before = totals->calls.count;
	uint32_t number = keys_add(&totals->calls, &key, sizeof(key));

	if (number == KEYS_NONE)
		return NULL;
	if (number == before) {
		if (grow_array((void **)&totals->all, before, &totals->room, sizeof(*totals->all)))
			return NULL;
		totals->all[number] = (struct call_total){.nr = event->nr, .compat = event->compat};
	}
	return &totals->all[number];
}

static int count_error(struct totals *totals, const struct call_total *total, int error)
{
	const struct error_key key = {(uint32_t)(total - totals->all), (uint32_t)error};
	size_t before = totals->errors.count;
	uint32_t number = keys_add(&totals->errors, &key, sizeof(key));

	if (number == KEYS_NONE)
		return -ENOMEM;
	if (number == before) {
		if (grow_array((void **)&totals->failed, before, &totals->failed_room,
			       sizeof(*totals->failed)))
			return -ENOMEM;
		totals->failed[number] = 0;
	}
	totals->failed[number]++;
	return 0;
}

static int take(struct totals *totals, const struct walk *walk)
{
	const struct event *event = &walk->event;
	struct call_total *total;

	if (event->type != IGREC_RECORD_SYSCALL && event->type != IGREC_RECORD_EXEC)
		return 0;
	total = total_of(totals, event);
	if (!total)
		return -ENOMEM;
	total->calls++;
	if (event->entry_seen) {
		total->timed++;
		total->total_ns += event->duration_ns;
		if (event->duration_ns > total->max_ns)
			total->max_ns = event->duration_ns;
	}
	if (!walk->error)
		return 0;
	total->errors++;
	return count_error(totals, total, walk->error);
}

/* ---- rows -------------------------------------------------------------------------------------
 */

static int by_time(const void *a, const void *b, void *user)
{
	const struct totals *totals = user;
	const struct call_total *x = &totals->all[*(const uint32_t *)a];
	const struct call_total *y = &totals->all[*(const uint32_t *)b];

	if (x->total_ns != y->total_ns)
		return x->total_ns > y->total_ns ? -1 : 1;
	if (x->calls != y->calls)
		return x->calls > y->calls ? -1 : 1;
	return (x->nr > y->nr) - (x->nr < y->nr);
}

/* "ENOENT:3", the first met first. */
static void set_errors(const struct totals *totals, uint32_t total, struct view_rows *rows)
{
	struct buf *out = rows_begin_text(rows, SYSCALLS_ERRNOS);

	for (uint32_t i = 0; i < totals->errors.count; i++) {
		struct error_key key;
		size_t bytes;

		memcpy(&key, keys_at(&totals->errors, i, &bytes), sizeof(key));
		if (key.total != total)
			continue;
		buf_add_text(out, errno_name((int)key.error) ? errno_name((int)key.error) : "?");
		buf_add_char(out, ':');
		number_unsigned(out, totals->failed[i]);
		buf_add_char(out, '\0');
	}
	rows_end_text(rows, SYSCALLS_ERRNOS);
}

static int make_row(const struct totals *totals, uint32_t index, const struct view_query *query,
		    struct view_rows *rows)
{
	const struct call_total *total = &totals->all[index];
	char room[SYSCALL_NAME_BYTES];

	rows_set_string(rows, SYSCALLS_NAME,
			syscall_name(query->arch, total->nr, total->compat, room));
	rows_set_int(rows, SYSCALLS_CALLS, (int64_t)total->calls);
	rows_set_int(rows, SYSCALLS_ERRORS, (int64_t)total->errors);
	if (total->timed) {
		rows_set_int(rows, SYSCALLS_TOTAL, (int64_t)total->total_ns);
		rows_set_int(rows, SYSCALLS_MEAN, (int64_t)(total->total_ns / total->timed));
		rows_set_int(rows, SYSCALLS_MAX, (int64_t)total->max_ns);
	}
	set_errors(totals, index, rows);
	return rows_put(rows);
}

static int make_rows(struct totals *totals, const struct view_query *query, struct view_rows *rows)
{
	uint32_t *order = keys_sorted(&totals->calls, by_time, totals);
	int err = order ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < totals->calls.count; i++)
		err = make_row(totals, order[i], query, rows);
	free(order);
	return err;
}

static int make(const struct view_query *query, struct view_rows *rows)
{
	struct totals totals = {0};
	struct walk walk;
	int err = 0;

	walk_init_plain(&walk, query);
	while (!err && walk_next(&walk)) {
		if (walk_wants(&walk))
			err = take(&totals, &walk);
	}
	if (!err)
		err = make_rows(&totals, query, rows);
	keys_done(&totals.calls);
	keys_done(&totals.errors);
	free(totals.failed);
	free(totals.all);
	return err;
}

const struct view view_syscalls = {
	.name = "syscalls",
	.table = "syscall_totals",
	.help = "syscalls by time: counts, errors, total and longest: strace -c",
	.columns = columns,
	.n_columns = SYSCALLS_COLUMNS,
	.make = make,
};
