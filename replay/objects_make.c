/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call makes: names from paths, copies from other descriptors; sockets: objects_sockets.c.
 * Looks at the state as the call began and changes nothing.
 */
#include <fcntl.h>
#include <string.h>

#include "common/cleanup.h"
#include "replay/objects_build.h"

#define NAMESPACE_BYTES 32	  /* of the name of a namespace, with its NUL */
#define O_TMPFILE_BIT	020000000 /* __O_TMPFILE, the same on x86_64 and arm64 */

/* ---- names ------------------------------------------------------------------------------- */

/* Appends a path without empty and "." components, which change nothing. */
static void add_path(struct buf *out, const char *path, size_t bytes)
{
	size_t at = 0;

	while (at < bytes) {
		const char *slash = memchr(path + at, '/', bytes - at);
		size_t end = slash ? (size_t)(slash - path) : bytes;

		if (end > at && !(end - at == 1 && path[at] == '.')) {
			buf_add_char(out, '/');
			buf_add(out, path + at, end - at);
		}
		at = end + 1;
	}
}

static struct object *join(const struct object *base, const char *path, size_t bytes)
{
	struct buf name = {0};
	struct object *object = NULL;

	if (base)
		add_path(&name, base->name.text, base->name.bytes);
	add_path(&name, path, bytes);
	if (!name.bytes)
		buf_add_char(&name, '/');
	if (!name.failed)
		object = object_new_name(name.data, name.bytes);
	buf_done(&name);
	return object;
}

/* The file that a path names, from a directory: NULL if either is not wholly known. */
static struct object *name_of(const struct objects_task *task, const struct event *event,
			      uint8_t dir_arg, uint8_t path_arg, uint64_t now_ns)
{
	const struct event_capture *path = event_capture_of(event, path_arg);
	const struct object *base;
	size_t bytes;

	if (!path || path->truncated || path->unreadable || !path->bytes)
		return NULL;
	bytes = strnlen((const char *)path->data, path->bytes);
	if (!bytes)
		return NULL;
	if (path->data[0] == '/')
		return join(NULL, (const char *)path->data, bytes);
	if (dir_arg == FD_CALL_NO_ARG || (int)event->arg[dir_arg] == AT_FDCWD)
		base = fd_table_find(task->cwd, OBJECTS_CWD, now_ns);
	else
		base = fd_table_find(task->fds, (int)event->arg[dir_arg], now_ns);
	return object_is_path(base) ? join(base, (const char *)path->data, bytes) : NULL;
}

/* "(unreachable)..." is what getcwd says of a directory outside the root. */
static struct object *working_directory(const struct event *event)
{
	const struct event_capture *path = event_capture_of(event, 0);

	if (!path || path->truncated || path->unreadable || !path->bytes || path->data[0] != '/')
		return NULL;
	return join(NULL, (const char *)path->data, strnlen((const char *)path->data, path->bytes));
}

/* The number that a text is, wholly; -1 if it is none that a descriptor may have. */
static int fd_number(const char *text, size_t bytes)
{
	int number = 0;

	if (!bytes || bytes > 6)
		return -1;
	for (size_t i = 0; i < bytes; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

static bool begins_with(const struct object *name, const char *head)
{
	size_t bytes = strlen(head);

	return name->name.bytes >= bytes && !memcmp(name->name.text, head, bytes);
}

/* Names that lead to whatever a descriptor of the task refers to. */
static bool is_link_to_fd(const struct object *name, int *ret_fd)
{
	static const char *const directories[] = {"/dev/fd/", "/proc/self/fd/",
						  "/proc/thread-self/fd/"};
	static const char *const standard[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		size_t head = strlen(directories[i]);

		if (!begins_with(name, directories[i]))
			continue;
		*ret_fd = fd_number(name->name.text + head, name->name.bytes - head);
		return true;
	}
	for (int fd = 0; fd < (int)ARRAY_SIZE(standard); fd++) {
		*ret_fd = fd;
		if (begins_with(name, standard[fd]))
			return true;
	}
	return false;
}

/* The file that the arguments name. */
static struct object *opened_by_name(const struct objects_task *task, const struct event *event,
				     const struct fd_call *call, uint64_t now_ns)
{
	struct object *name = name_of(task, event, call->dir, call->path, now_ns);
	int fd;

	if (!name || !is_link_to_fd(name, &fd))
		return name;
	object_unref(name);
	return object_ref(fd_table_find(task->fds, fd, now_ns));
}

/* The kind of a namespace's file: "/proc/1/ns/pid_for_children" is of a "pid". NULL: it is none. */
static const char *namespace_kind(const struct object *name, char room[NAMESPACE_BYTES])
{
	size_t bytes = name ? name->name.bytes : 0, at = bytes, end;

	while (at && name->name.text[at - 1] != '/')
		at--;
	if (at < 4 || memcmp(name->name.text + at - 4, "/ns/", 4) != 0 ||
	    bytes - at >= NAMESPACE_BYTES)
		return NULL;
	for (end = at; end < bytes && name->name.text[end] != '_'; end++)
		room[end - at] = name->name.text[end];
	room[end - at] = '\0';
	return room;
}

static bool has_captured_inode(const struct event *event)
{
	const struct event_capture *capture = event_capture_of(event, IGREC_ARG_OBJECT);

	return capture && capture->inode;
}

/* A capture tells where symbolic links led; where a descriptor's did, the descriptor tells. */
static struct object *opened(const struct objects_task *task, const struct event *event,
			     const struct fd_call *call, uint64_t now_ns)
{
	unsigned flags_arg = call->dir != FD_CALL_NO_ARG ? 2 : 1;
	bool has_name = event->args <= flags_arg || !(event->arg[flags_arg] & O_TMPFILE_BIT);
	struct object *name = opened_by_name(task, event, call, now_ns), *captured;
	char room[NAMESPACE_BYTES];

	captured = objects_captured(event, 0, namespace_kind(name, room));
	if (captured) {
		object_unref(name);
		captured->name.deleted = !has_name;
		return captured;
	}
	/* A file without a name, in the directory that is named; a file that is in none. */
	if (!has_name ||
	    (has_captured_inode(event) && object_is_path(name) && !name->name.deleted)) {
		object_unref(name);
		return NULL;
	}
	return name;
}

static struct object *message_queue(const struct event *event)
{
	const struct event_capture *name = event_capture_of(event, 0);

	if (!name || name->truncated || name->unreadable || !name->bytes)
		return NULL;
	return join(NULL, (const char *)name->data, strnlen((const char *)name->data, name->bytes));
}

static struct object *memory_file(const struct event *event)
{
	const struct event_capture *name = event_capture_of(event, 0);
	struct object *object = NULL;
	struct buf text = {0};

	if (!name || name->truncated || name->unreadable)
		return NULL;
	buf_add_text(&text, "/memfd:");
	buf_add(&text, name->data, strnlen((const char *)name->data, name->bytes));
	if (!text.failed)
		object = object_new_name(text.data, text.bytes);
	if (object)
		object->name.deleted = true;
	buf_done(&text);
	return object;
}

static struct object *plain_name(const char *name)
{
	return object_new_name(name, strlen(name));
}

static struct object *directory(const struct objects_task *task, const struct event *event,
				const struct fd_call *call, uint64_t now_ns)
{
	struct object *captured = objects_captured(event, IGREC_OBJECT_CWD, NULL);

	if (captured)
		return captured;
	if (call->kind == FD_CALL_FCHDIR)
		return object_ref(fd_table_find(task->fds, (int)event->arg[0], now_ns));
	return name_of(task, event, FD_CALL_NO_ARG, call->path, now_ns);
}

/* ---- the call ------------------------------------------------------------------------------ */

static struct object *object_made(const struct objects_task *task, const struct event *event,
				  const struct fd_call *call, unsigned which, uint64_t now_ns)
{
	switch (call->kind) {
	case FD_CALL_OPEN:
		return opened(task, event, call, now_ns);
	case FD_CALL_QUEUE:
		return message_queue(event);
	case FD_CALL_SOCKET:
		return objects_socket(event);
	case FD_CALL_ACCEPT:
		return objects_accepted(task, event, now_ns);
	case FD_CALL_NAMED:
	case FD_CALL_IO_URING:
		return plain_name(call->name);
	case FD_CALL_MEMFD:
		return memory_file(event);
	case FD_CALL_DUP:
		return object_ref(fd_table_find(task->fds, (int)event->arg[0], now_ns));
	case FD_CALL_UNNAMED:
		return objects_captured(event, 0, NULL);
	case FD_CALL_PAIR:
		return objects_end_of_pair(event, call, which);
	case FD_CALL_CHDIR:
	case FD_CALL_FCHDIR:
		return directory(task, event, call, now_ns);
	case FD_CALL_GETCWD:
		return working_directory(event);
	case FD_CALL_UNLINK:
		return name_of(task, event, call->dir, call->path, now_ns);
	case FD_CALL_RENAME:
		return which ? name_of(task, event,
				       call->dir == FD_CALL_NO_ARG ? call->dir : call->dir + 2,
				       call->dir == FD_CALL_NO_ARG ? 1 : call->path + 2, now_ns)
			     : name_of(task, event, call->dir, call->path, now_ns);
	default:
		return NULL;
	}
}

void objects_make(const struct objects_task *task, const struct event *event, uint64_t now_ns,
		  struct objects_change *change)
{
	const struct fd_call *call = &change->call;
	int fds[2] = {OBJECTS_CWD, OBJECTS_CWD};

	change->n_made = fd_call_changes(call, event, fds);
	change->cloexec = call->cloexec;
	if (objects_is_of_cwd(call->kind))
		change->n_made = 1;
	if (call->kind == FD_CALL_UNLINK || call->kind == FD_CALL_RENAME) {
		change->n_made = call->kind == FD_CALL_RENAME ? 2 : 1;
		fds[0] = fds[1] = OBJECTS_MADE_NONE;
	}
	for (unsigned i = 0; i < change->n_made; i++) {
		change->made[i].fd = fds[i];
		change->made[i].object = object_made(task, event, call, i, now_ns);
	}
}
