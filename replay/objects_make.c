/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call makes: names from paths, sockets from their arguments, copies from other
 * descriptors.  Looks at the state as the call began and changes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "replay/objects_build.h"

#define O_TMPFILE_BIT 020000000 /* __O_TMPFILE, the same on x86_64 and arm64 */

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

static bool is_directory_name(const struct object *object)
{
	return object && !object->is_socket && object->name.text[0] == '/';
}

/* The file that a path names, from a directory: NULL if either is not wholly known. */
static struct object *name_of(const struct objects_task *task, const struct event *event,
			      uint8_t path_arg, bool has_dir, uint8_t dir_arg, uint64_t now_ns)
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
	if (!has_dir || (int)event->arg[dir_arg] == AT_FDCWD)
		base = fd_table_find(task->cwd, OBJECTS_CWD, now_ns);
	else
		base = fd_table_find(task->fds, (int)event->arg[dir_arg], now_ns);
	return is_directory_name(base) ? join(base, (const char *)path->data, bytes) : NULL;
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

static struct object *opened(const struct objects_task *task, const struct event *event,
			     const struct fd_call *call, uint64_t now_ns)
{
	bool has_dir = call->dir != FD_CALL_NO_ARG;
	unsigned flags_arg = has_dir ? 2 : 1;
	struct object *name;
	int fd;

	/* A file without a name, in the directory that is named. */
	if (event->args > flags_arg && event->arg[flags_arg] & O_TMPFILE_BIT)
		return NULL;
	name = name_of(task, event, call->path, has_dir, call->dir, now_ns);
	if (!name || !is_link_to_fd(name, &fd))
		return name;
	object_unref(name);
	return object_ref(fd_table_find(task->fds, fd, now_ns));
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
	buf_add_text(&text, " (deleted)");
	if (!text.failed)
		object = object_new_name(text.data, text.bytes);
	buf_done(&text);
	return object;
}

static struct object *plain_name(const char *name)
{
	return name ? object_new_name(name, strlen(name)) : NULL;
}

/* ---- sockets ------------------------------------------------------------------------------ */

static void set_address(struct object_address *address, const struct event_capture *capture)
{
	address->bytes = 0;
	if (!capture || capture->truncated || capture->unreadable ||
	    capture->bytes > sizeof(address->data))
		return;
	memcpy(address->data, capture->data, capture->bytes);
	address->bytes = capture->bytes;
}

static uint16_t family_of(const struct object_address *address)
{
	uint16_t family = AF_UNSPEC;

	if (address->bytes >= sizeof(family))
		memcpy(&family, address->data, sizeof(family));
	return family;
}

/* Port 0 asks for any; which one is then not known. */
static bool has_port(const struct object_address *address)
{
	return address->bytes < 4 || address->data[2] || address->data[3];
}

static bool is_internet(const struct object_address *address)
{
	return family_of(address) == AF_INET || family_of(address) == AF_INET6;
}

/* Of all interfaces: what is accepted there has an address of one of them. */
static bool is_wildcard(const struct object_address *address)
{
	static const unsigned char zeros[16];

	if (family_of(address) == AF_INET)
		return address->bytes < 8 || !memcmp(address->data + 4, zeros, 4);
	if (family_of(address) == AF_INET6)
		return address->bytes < 24 || !memcmp(address->data + 8, zeros, 16);
	return false;
}

static struct object *accepted(const struct objects_task *task, const struct event *event,
			       uint64_t now_ns)
{
	const struct object *from = fd_table_find(task->fds, (int)event->arg[0], now_ns);
	struct object *object;

	if (!from || !from->is_socket)
		return NULL;
	object = object_new_socket(from->socket.family, from->socket.type, from->socket.protocol);
	if (!object)
		return NULL;
	if (from->changed_ns <= now_ns && !is_wildcard(&from->socket.local))
		object->socket.local = from->socket.local;
	set_address(&object->socket.peer, event_capture_of(event, 1));
	return object;
}

/* Whether the peer is still what it was before a connect that failed so. */
static bool keeps_peer(int64_t result)
{
	return result == -EISCONN || result == -EALREADY || result == -EBADF ||
	       result == -ENOTSOCK || result == -EFAULT;
}

/* The kernel goes on connecting, or the task will when the signal is dealt with. */
static bool is_connecting(int64_t result)
{
	return result >= 0 || result == -EINPROGRESS || result == -EINTR || result <= -512;
}

void objects_set_address(struct object *object, const struct fd_call *call,
			 const struct event *event)
{
	struct object_socket *socket = &object->socket;

	if (!object->is_socket || (call->kind == FD_CALL_PEER && keeps_peer(event->result)))
		return;
	object->changed_ns = event->end_ns;
	if (call->kind == FD_CALL_PEER) {
		set_address(&socket->peer,
			    is_connecting(event->result) ? event_capture_of(event, 1) : NULL);
		return;
	}
	set_address(&socket->local, event_capture_of(event, 1));
	if (is_internet(&socket->local) && !has_port(&socket->local))
		socket->local.bytes = 0;
}

/* ---- the call ------------------------------------------------------------------------------ */

static struct object *object_made(const struct objects_task *task, const struct event *event,
				  const struct fd_call *call, uint64_t now_ns)
{
	switch (call->kind) {
	case FD_CALL_OPEN:
		return opened(task, event, call, now_ns);
	case FD_CALL_SOCKET:
		return object_new_socket((uint32_t)event->arg[0], (uint32_t)event->arg[1],
					 (uint32_t)event->arg[2]);
	case FD_CALL_ACCEPT:
		return accepted(task, event, now_ns);
	case FD_CALL_NAMED:
	case FD_CALL_IO_URING:
		return plain_name(call->name);
	case FD_CALL_MEMFD:
		return memory_file(event);
	case FD_CALL_DUP:
		return object_ref(fd_table_find(task->fds, (int)event->arg[0], now_ns));
	case FD_CALL_PAIR:
		return call->name
			       ? plain_name(call->name)
			       : object_new_socket((uint32_t)event->arg[0], (uint32_t)event->arg[1],
						   (uint32_t)event->arg[2]);
	case FD_CALL_CHDIR:
		return name_of(task, event, call->path, false, 0, now_ns);
	case FD_CALL_FCHDIR:
		return object_ref(fd_table_find(task->fds, (int)event->arg[0], now_ns));
	case FD_CALL_GETCWD:
		return working_directory(event);
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
	if (call->kind == FD_CALL_CHDIR || call->kind == FD_CALL_FCHDIR ||
	    call->kind == FD_CALL_GETCWD)
		change->n_made = 1;
	for (unsigned i = 0; i < change->n_made; i++) {
		change->made[i].fd = fds[i];
		change->made[i].object = object_made(task, event, call, now_ns);
	}
}
