/* SPDX-License-Identifier: Apache-2.0 */
/* view file: the files that were read and written, by whom, how often, how much, how long. */
#include <errno.h>
#include <stdlib.h>

#include "common/grow.h"
#include "view/keys.h"
#include "view/views.h"

enum {
	FILE_PID,
	FILE_COMM,
	FILE_OPENS,
	FILE_READS,
	FILE_WRITES,
	FILE_READ_BYTES,
	FILE_WRITE_BYTES,
	FILE_TIME,
	FILE_ERRORS,
	FILE_PATH,
	FILE_COLUMNS,
};

static const struct view_column columns[FILE_COLUMNS] = {
	[FILE_PID] = VIEW_COLUMN("pid", "PID", VIEW_INT, .right = true),
	[FILE_COMM] = VIEW_COLUMN("comm", "COMM", VIEW_TEXT),
	[FILE_OPENS] = VIEW_COLUMN("opens", "OPENS", VIEW_INT, .right = true),
	[FILE_READS] = VIEW_COLUMN("reads", "READS", VIEW_INT, .right = true),
	[FILE_WRITES] = VIEW_COLUMN("writes", "WRITES", VIEW_INT, .right = true),
	[FILE_READ_BYTES] = VIEW_COLUMN("read_bytes", "READ", VIEW_BYTES, .right = true),
	[FILE_WRITE_BYTES] = VIEW_COLUMN("write_bytes", "WRITTEN", VIEW_BYTES, .right = true),
	[FILE_TIME] = VIEW_COLUMN("total_ns", "TIME", VIEW_DURATION_NS, .right = true),
	[FILE_ERRORS] = VIEW_COLUMN("errors", "ERRORS", VIEW_INT, .right = true),
	[FILE_PATH] = VIEW_COLUMN("path", "PATH", VIEW_TEXT),
};

/* What a process did with a file. */
struct file_use {
	uint32_t pid;
	char comm[IGREC_COMM_BYTES + 1]; /* the last */
	uint64_t opens, reads, writes, read_bytes, write_bytes, total_ns, errors;
};

struct files {
	struct keys keys; /* the host's tgid, then the path */
	struct file_use *all;
	size_t room;
	struct buf key;
};

static struct file_use *use_of(struct files *files, const struct walk *walk,
			       const struct object *object)
{
	size_t before = files->keys.count;
	struct file_use *use;
	uint32_t number;

	buf_clear(&files->key);
	buf_add(&files->key, &walk->task->tgid, sizeof(walk->task->tgid));
	buf_add(&files->key, object->name.text, object->name.bytes);
	if (files->key.failed)
		return NULL;
	number = keys_add(&files->keys, files->key.data, files->key.bytes);
	if (number == KEYS_NONE)
		return NULL;
	if (number == before) {
		if (grow_array((void **)&files->all, before, &files->room, sizeof(*files->all)))
			return NULL;
		files->all[number] = (struct file_use){.pid = walk->task->ns_tgid};
	}
	use = &files->all[number];
	memcpy(use->comm, walk->task->comm, sizeof(use->comm));
	return use;
}

enum use_kind { USE_OPEN, USE_READ, USE_WRITE, USE_OTHER };

static int use(struct files *files, const struct walk *walk, const struct object *object,
	       enum use_kind kind)
{
	const struct filter *filter = walk->query->filter;
	uint64_t bytes = walk->event.result > 0 ? (uint64_t)walk->event.result : 0;
	struct file_use *of;

	if (!object_is_path(object) ||
	    (filter && !filter_fits_path(filter, object->name.text, object->name.bytes)))
		return 0;
	of = use_of(files, walk, object);
	if (!of)
		return -ENOMEM;
	of->errors += walk->error != 0;
	if (walk->event.entry_seen && !walk->entry->in_flight)
		of->total_ns += walk->event.duration_ns;
	if (walk->error || walk->entry->in_flight)
		bytes = 0;
	of->opens += kind == USE_OPEN;
	of->reads += kind == USE_READ;
	of->writes += kind == USE_WRITE;
	if (kind == USE_READ)
		of->read_bytes += bytes;
	else if (kind == USE_WRITE)
		of->write_bytes += bytes;
	return 0;
}

static int use_of_fd(struct files *files, const struct walk *walk, int fd, enum use_kind kind)
{
	return use(files, walk, objects_of_fd(walk->objects, fd), kind);
}

static int take_copy(struct files *files, const struct walk *walk, int from, int to)
{
	int err = use_of_fd(files, walk, from, USE_READ);

	return err ? err : use_of_fd(files, walk, to, USE_WRITE);
}

static int take_write(struct files *files, const struct walk *walk)
{
	char room[SYSCALL_NAME_BYTES];
	const char *name = walk_syscall(walk, room);
	int first = (int)walk->event.arg[0];

	if (!strcmp(name, "sendfile"))
		return take_copy(files, walk, (int)walk->event.arg[1], first);
	if (!strcmp(name, "splice") || !strcmp(name, "copy_file_range"))
		return take_copy(files, walk, first, (int)walk->event.arg[2]);
	return use_of_fd(files, walk, first, USE_WRITE);
}

static int take(struct files *files, const struct walk *walk)
{
	bool done = !walk->error && !walk->entry->in_flight;
	char room[SYSCALL_NAME_BYTES];

	switch (walk->act) {
	case ACT_OPEN:
		return done ? use(files, walk,
				  objects_of_result(walk->objects, (int)walk->event.result),
				  USE_OPEN)
			    : 0;
	case ACT_READ:
		if (!strncmp(walk_syscall(walk, room), "getdents", 8))
			return use_of_fd(files, walk, (int)walk->event.arg[0], USE_OTHER);
		return use_of_fd(files, walk, (int)walk->event.arg[0], USE_READ);
	case ACT_WRITE:
		return take_write(files, walk);
	case ACT_SYNC:
	case ACT_ALLOCATE:
	case ACT_LOCK:
		return use_of_fd(files, walk, (int)walk->event.arg[0], USE_OTHER);
	default:
		return 0;
	}
}

static int by_bytes(const void *a, const void *b, void *user)
{
	const struct files *files = user;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	const struct file_use *x = &files->all[i], *y = &files->all[j];
	uint64_t left = x->read_bytes + x->write_bytes, right = y->read_bytes + y->write_bytes;

	if (left != right)
		return left > right ? -1 : 1;
	if (x->total_ns != y->total_ns)
		return x->total_ns > y->total_ns ? -1 : 1;
	return (i > j) - (i < j);
}

static int make_row(const struct files *files, uint32_t number, struct view_rows *rows)
{
	const struct file_use *of = &files->all[number];
	size_t bytes;
	const char *key = keys_at(&files->keys, number, &bytes);

	rows_set_id(rows, FILE_PID, of->pid);
	if (of->comm[0])
		rows_set_string(rows, FILE_COMM, of->comm);
	rows_set_int(rows, FILE_OPENS, (int64_t)of->opens);
	rows_set_int(rows, FILE_READS, (int64_t)of->reads);
	rows_set_int(rows, FILE_WRITES, (int64_t)of->writes);
	rows_set_int(rows, FILE_READ_BYTES, (int64_t)of->read_bytes);
	rows_set_int(rows, FILE_WRITE_BYTES, (int64_t)of->write_bytes);
	rows_set_int(rows, FILE_TIME, (int64_t)of->total_ns);
	rows_set_int(rows, FILE_ERRORS, (int64_t)of->errors);
	rows_set_text(rows, FILE_PATH, key + sizeof(uint32_t), bytes - sizeof(uint32_t));
	return rows_put(rows);
}

static int make_rows(struct files *files, struct view_rows *rows)
{
	uint32_t *order = keys_sorted(&files->keys, by_bytes, files);
	int err = order ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < files->keys.count; i++)
		err = make_row(files, order[i], rows);
	free(order);
	return err;
}

static int make(const struct view_query *query, struct view_rows *rows)
{
	struct files files = {0};
	struct walk walk;
	int err = walk_init(&walk, query);

	while (!err && walk_next(&walk)) {
		if (walk_wants_except(&walk, 1U << FILTER_PATH))
			err = take(&files, &walk);
	}
	if (!err)
		err = make_rows(&files, rows);
	walk_done(&walk);
	keys_done(&files.keys);
	buf_done(&files.key);
	free(files.all);
	return err;
}

const struct view view_file = {
	.name = "file",
	.table = "files",
	.help = "files by what was read and written: counts, bytes, time",
	.columns = columns,
	.n_columns = FILE_COLUMNS,
	.make = make,
};
