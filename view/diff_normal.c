/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event -> normal form, value by value, by what the tables say a value is.  What the kernel filled
 * in is left out, but for wait statuses and socket options: inodes, clocks and buffers are in
 * there.
 */
#include "view/diff_normal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "decode/dns.h"
#include "decode/names.h"
#include "decode/value.h"
#include "decode/vectors.h"
#include "replay/call_object.h"
#include "replay/call_text.h"
#include "replay/number.h"
#include "replay/value_text.h"

#define DEPTH_MAX    3
#define ELEMENTS_MAX 8
#define DATA_MAX     64

struct writer {
	const struct diff_normal *normal;
	const struct walk *walk;
	struct buf *out;
	bool to_socket;
};

/* ---- names of this run alone ----------------------------------------------------------------- */

static bool is_below_temporary(const char *path, size_t bytes)
{
	static const char *const directories[] = {"/tmp/", "/var/tmp/", "/dev/shm/"};

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		size_t head = strlen(directories[i]);

		if (bytes > head && !memcmp(path, directories[i], head))
			return true;
	}
	return false;
}

static bool is_exclusive(const struct walk *walk)
{
	const struct layout *layout = event_layout(walk->query->arch, &walk->event);

	for (unsigned i = 0; i < layout->count; i++) {
		struct value value = event_argument(&walk->event, layout, i);

		if (value.type == VALUE_FLAGS && value.field->set &&
		    !strcmp(value.field->set->name, "open"))
			return (value.number & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
	}
	return false;
}

/* Whether the call made a name that was not there: it did not fail. */
static bool makes_name(const struct walk *walk)
{
	char room[SYSCALL_NAME_BYTES];

	if (walk->error || walk->entry->in_flight || walk->event.type != IGREC_RECORD_SYSCALL)
		return false;
	if (walk->act == ACT_OPEN)
		return is_exclusive(walk);
	return walk->act == ACT_CHANGE && !strncmp(walk_syscall(walk, room), "mkdir", 5);
}

int diff_normal_find(struct diff_normal *normal, const struct view_query *query)
{
	struct walk walk;
	struct buf path = {0};
	int err = walk_init(&walk, query);

	while (!err && walk_next(&walk)) {
		struct call_object call = {0};

		if (!makes_name(&walk))
			continue;
		buf_clear(&path);
		call_object_find(query->arch, &walk.event, walk.objects, &call);
		call_object_text(&path, &call);
		if (path.failed || call.given.failed ||
		    (is_below_temporary(path.data, path.bytes) &&
		     keys_add(&normal->temporary, path.data, path.bytes) == KEYS_NONE))
			err = -ENOMEM;
		call_object_done(&call);
	}
	buf_done(&path);
	walk_done(&walk);
	return err;
}

void diff_normal_done(struct diff_normal *normal)
{
	keys_done(&normal->temporary);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "/proc/12/..": whose it is does not matter. Returns how much of the path was told. */
static size_t proc_text(const char *path, size_t bytes, struct buf *out)
{
	static const char head[] = "/proc/";
	size_t at = strlen(head);

	if (bytes <= at || memcmp(path, head, at) != 0 || !is_digit(path[at]))
		return 0;
	while (at < bytes && is_digit(path[at]))
		at++;
	buf_add_text(out, "/proc/PID");
	return at;
}

/* The longest part of the path that was made for this run. */
static size_t temporary_text(const struct diff_normal *normal, const char *path, size_t bytes,
			     struct buf *out)
{
	if (!normal->temporary.count || !is_below_temporary(path, bytes))
		return 0;
	for (size_t at = bytes; at > 0; at--) {
		uint32_t number;

		if (at < bytes && path[at] != '/')
			continue;
		number = keys_find(&normal->temporary, path, at);
		if (number == KEYS_NONE)
			continue;
		buf_add_text(out, "TEMPORARY-");
		number_unsigned(out, number + 1);
		return at;
	}
	return 0;
}

void diff_normal_path(const struct diff_normal *normal, const void *text, size_t bytes,
		      struct buf *out)
{
	const char *path = text;
	size_t told;

	if (!bytes)
		return;
	told = proc_text(path, bytes, out);
	if (!told)
		told = temporary_text(normal, path, bytes, out);
	buf_add(out, path + told, bytes - told);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* A question without its id; else a run of digits is one "0": counters, dates in messages. */
static void data_text(const struct writer *writer, const void *data, size_t bytes)
{
	struct dns_message message;
	const char *at = data;

	if (dns_parse(data, bytes, &message)) {
		buf_printf(writer->out, "DNS %s %u", message.name, message.type);
		return;
	}
	/* What is said to a peer holds ids, dates and keys of that moment. */
	if (writer->to_socket)
		return;
	buf_add_char(writer->out, '"');
	for (size_t i = 0; i < bytes && i < DATA_MAX; i++) {
		if (!is_digit(at[i]))
			buf_add_char(writer->out, at[i]);
		else if (!i || !is_digit(at[i - 1]))
			buf_add_char(writer->out, '0');
	}
	buf_add_char(writer->out, '"');
}

/* Without a port that the system chose: from 32768 on, net.ipv4.ip_local_port_range. */
static void address_words(const struct writer *writer, const void *data, size_t bytes)
{
	size_t start = writer->out->bytes;
	uint16_t family;

	call_address_text(writer->out, data, bytes);
	if (bytes < 4)
		return;
	memcpy(&family, data, sizeof(family));
	if ((family == AF_INET || family == AF_INET6) && ((const unsigned char *)data)[2] & 0x80) {
		const char *colon =
			memrchr(writer->out->data + start, ':', writer->out->bytes - start);

		if (colon)
			writer->out->bytes = (size_t)(colon - writer->out->data);
	}
}

/* "pipe:[123]" is a pipe. */
static void object_words(const struct writer *writer, const struct object *object)
{
	const char *colon;

	if (!object->is_socket) {
		colon = memmem(object->name.text, object->name.bytes, ":[", 2);
		if (!object_is_path(object) && colon &&
		    colon + 2 < object->name.text + object->name.bytes && is_digit(colon[2]))
			buf_add(writer->out, object->name.text,
				(size_t)(colon - object->name.text));
		else
			diff_normal_path(writer->normal, object->name.text, object->name.bytes,
					 writer->out);
		return;
	}
	buf_add_text(writer->out, object_protocol_name(&object->socket));
	if (object->socket.peer.bytes) {
		buf_add_text(writer->out, "->");
		address_words(writer, object->socket.peer.data, object->socket.peer.bytes);
	}
}

static void fd_words(const struct writer *writer, const struct object *object, int fd)
{
	buf_add_char(writer->out, '<');
	if (object)
		object_words(writer, object);
	else
		number_signed(writer->out, fd);
	buf_add_char(writer->out, '>');
}

static bool is_pid(const struct value *value)
{
	static const char *const names[] = {"pid", "upid", "tgid", "pgid", "tid"};

	for (size_t i = 0; value->field && i < ARRAY_SIZE(names); i++) {
		if (!strcmp(value->field->name, names[i]))
			return true;
	}
	return false;
}

/* "SIG_DFL", or the address of a handler. */
static bool is_address(const struct value *value)
{
	return value->type == VALUE_ENUM && value->bytes == 8 && value->number > UINT16_MAX &&
	       !name_set_find(value->field->set, value->number);
}

static void write_value(const struct writer *writer, const struct value *value, unsigned depth);

static void write_struct(const struct writer *writer, const struct value *value, unsigned depth)
{
	struct value member;

	if (value->data && value->layout && value->layout->name &&
	    !strncmp(value->layout->name, "sockaddr", 8)) {
		address_words(writer, value->data, value->data_bytes);
		return;
	}
	buf_add_char(writer->out, '{');
	for (unsigned i = 0; value->layout && i < value->layout->count && depth < DEPTH_MAX; i++) {
		if (struct_member(value, i, &member))
			write_value(writer, &member, depth + 1);
		buf_add_char(writer->out, ',');
	}
	buf_add_char(writer->out, '}');
}

static void write_array(const struct writer *writer, const struct value *value, unsigned depth)
{
	buf_add_char(writer->out, '[');
	for (size_t i = 0; i < array_elements(value) && i < ELEMENTS_MAX && depth < DEPTH_MAX;
	     i++) {
		struct value element = array_element(value, i);

		write_value(writer, &element, depth + 1);
		buf_add_char(writer->out, ',');
	}
	buf_add_char(writer->out, ']');
}

static void write_iovec(const struct writer *writer, const struct value *value)
{
	for (size_t i = 0; i < iovec_count(value) && i < ELEMENTS_MAX; i++) {
		struct vector vector = iovec_vector(value, i);

		if (vector.captured)
			data_text(writer, vector.data.data, vector.data.data_bytes);
	}
}

static void write_argv(const struct writer *writer, const struct value *value)
{
	const char *at = (const char *)value->data, *end = at ? at + value->data_bytes : NULL;

	while (at < end) {
		size_t bytes = strnlen(at, (size_t)(end - at));

		diff_normal_path(writer->normal, at, bytes, writer->out);
		buf_add_char(writer->out, ' ');
		at += bytes + 1;
	}
}

/* What the kernel filled in says little that is the same twice. */
static bool is_output(const struct value *value)
{
	return value->field && value->field->needs != NEEDS_NOTHING &&
	       value->type != VALUE_WAIT_STATUS && value->type != VALUE_OPTION &&
	       value->type != VALUE_ARRAY;
}

static void write_number(const struct writer *writer, const struct value *value)
{
	if (is_pid(value) && (int64_t)value->number > 0)
		buf_add_text(writer->out, "PID");
	else
		value_text(writer->out, value);
}

static void write_value(const struct writer *writer, const struct value *value, unsigned depth)
{
	const struct objects *objects = writer->walk->objects;

	if (is_output(value))
		return;
	switch (value->type) {
	case VALUE_FD:
	case VALUE_DIRFD:
		if (value->type == VALUE_DIRFD && (int)value->number == AT_FDCWD)
			fd_words(writer, objects_of_cwd(objects), AT_FDCWD);
		else
			fd_words(writer, objects_of_fd(objects, (int)value->number),
				 (int)value->number);
		return;
	case VALUE_POINTER:
	case VALUE_HEX:
	case VALUE_UNREADABLE:
		buf_add_text(writer->out, value->number ? "POINTER" : "NULL");
		return;
	case VALUE_TIME:
	case VALUE_NOTED_TIME:
	case VALUE_TIMESTAMP:
	case VALUE_TICKS:
		buf_add_text(writer->out, "TIME");
		return;
	case VALUE_PATH:
	case VALUE_STRING:
		diff_normal_path(writer->normal, value->data, value->data_bytes, writer->out);
		return;
	case VALUE_DATA:
	case VALUE_SOCKET_DATA:
		data_text(writer, value->data, value->data_bytes);
		return;
	case VALUE_IOVEC:
		write_iovec(writer, value);
		return;
	case VALUE_STRUCT:
		write_struct(writer, value, depth);
		return;
	case VALUE_ARRAY:
		write_array(writer, value, depth);
		return;
	case VALUE_ARGV:
		write_argv(writer, value);
		return;
	case VALUE_COUNTED: /* by its address */
		buf_add(writer->out, value->data, value->data_bytes);
		return;
	case VALUE_NUMBER:
		write_number(writer, value);
		return;
	case VALUE_HIDDEN:
		return;
	default:
		if (is_address(value))
			buf_add_text(writer->out, "POINTER");
		else
			value_text(writer->out, value);
		return;
	}
}

/* ---- events ---------------------------------------------------------------------------------- */

#define MOVES (ACT_BIT(ACT_READ) | ACT_BIT(ACT_RECEIVE) | ACT_BIT(ACT_WRITE) | ACT_BIT(ACT_SEND))
#define TAKES (ACT_BIT(ACT_READ) | ACT_BIT(ACT_RECEIVE))

/* Calls whose number and order depend on the moment, by name between spaces. */
static const char momentary[] =
	" sched_yield restart_syscall rt_sigreturn clock_gettime clock_gettime64 gettimeofday time "
	"getrandom madvise membarrier rt_sigprocmask sigaltstack getcpu times getrusage "
	"set_robust_list rseq munmap ";
/* Calls whose result is a pid. */
static const char gives_pid[] = " clone clone3 fork vfork getpid gettid getppid getpgrp getpgid "
				"setsid getsid wait4 waitpid set_tid_address ";

static bool is_among(const char *names, const char *name)
{
	char word[SYSCALL_NAME_BYTES + 2];

	snprintf(word, sizeof(word), " %s ", name);
	return strstr(names, word);
}

static bool is_momentary(const struct walk *walk, const char *name)
{
	if (walk->entry->in_flight)
		return false;
	if (walk->error == EAGAIN || walk->error == EINTR || walk->error >= 512)
		return true;
	if (walk->act == ACT_FUTEX || walk->act == ACT_SLEEP)
		return true;
	return !walk->error && (walk->act == ACT_MEMORY || is_among(momentary, name));
}

static void write_arguments(struct writer *writer)
{
	const struct walk *walk = writer->walk;
	const struct object *object = objects_of_fd(walk->objects, (int)walk->event.arg[0]);
	const struct layout *layout = event_layout(walk->query->arch, &walk->event);
	bool moves = MOVES & ACT_BIT(walk->act), takes = TAKES & ACT_BIT(walk->act);

	writer->to_socket = walk->act == ACT_SEND || (moves && object && object->is_socket);
	for (unsigned i = 0; i < layout->count; i++) {
		struct value value;

		if (!event_has_argument(&walk->event, layout, i))
			continue;
		value = event_argument(&walk->event, layout, i);
		/* Of what moves bytes: through what, and what; not how much at once. */
		if (moves && value.type != VALUE_FD && (takes || value.type == VALUE_NUMBER))
			continue;
		write_value(writer, &value, 0);
		buf_add_char(writer->out, ';');
	}
}

static void write_result(const struct writer *writer, const char *name)
{
	const struct walk *walk = writer->walk;
	struct result result = event_result(walk->query->arch, &walk->event);
	struct buf *out = writer->out;

	buf_add_text(out, ")=");
	if (walk->entry->in_flight) {
		buf_add_text(out, "IN-FLIGHT");
	} else if (result.kind != RESULT_VALUE) {
		errno_text_short(out, result.error);
	} else if (result.value.type == VALUE_FD) {
		fd_words(writer, objects_of_result(walk->objects, (int)result.value.number), 0);
	} else if (walk->event.result > 0 && (MOVES & ACT_BIT(walk->act))) {
		buf_add_text(out, "BYTES");
	} else if (walk->event.result > 0 && is_among(gives_pid, name)) {
		buf_add_text(out, "PID");
	} else if (result.value.type == VALUE_POINTER || result.value.type == VALUE_HEX) {
		buf_add_text(out, "POINTER");
	} else {
		number_signed(out, walk->event.result);
	}
}

static bool write_call(struct writer *writer)
{
	const struct walk *walk = writer->walk;
	char room[SYSCALL_NAME_BYTES];
	const char *name = walk_syscall(walk, room);

	if (is_momentary(walk, name))
		return false;
	buf_add_text(writer->out, name);
	buf_add_char(writer->out, '(');
	write_arguments(writer);
	write_result(writer, name);
	return true;
}

static bool write_exec(const struct writer *writer)
{
	struct value file = exec_file(&writer->walk->event), argv = exec_argv(&writer->walk->event);

	buf_add_text(writer->out, "exec ");
	diff_normal_path(writer->normal, file.data, file.data ? file.data_bytes : 0, writer->out);
	buf_add_char(writer->out, ' ');
	write_argv(writer, &argv);
	return true;
}

static bool write_exit(const struct writer *writer)
{
	const struct igrec_exit *end = &writer->walk->event.exit;

	buf_add_text(writer->out, end->last ? "end " : "end of a thread ");
	status_text(writer->out, end->last ? end->group_code : end->code);
	return true;
}

/* Children end when they do, and Go's runtime wakes its threads with SIGURG. */
static bool write_signal(const struct writer *writer)
{
	const struct igrec_signal *signal = &writer->walk->event.signal;

	if (signal->signal == SIGCHLD || signal->signal == SIGURG)
		return false;
	buf_add_text(writer->out, "signal ");
	signal_text(writer->out, signal->signal);
	buf_add_char(writer->out, ' ');
	signal_code_text(writer->out, signal->signal, signal->code);
	return true;
}

bool diff_normal_event(const struct diff_normal *normal, const struct walk *walk, struct buf *out)
{
	struct writer writer = {.normal = normal, .walk = walk, .out = out};

	switch (walk->event.type) {
	case IGREC_RECORD_SYSCALL:
		return write_call(&writer);
	case IGREC_RECORD_EXEC:
		return write_exec(&writer);
	case IGREC_RECORD_EXIT:
		return write_exit(&writer);
	case IGREC_RECORD_SIGNAL:
		return write_signal(&writer);
	case IGREC_RECORD_OOM:
		buf_add_text(out, "out of memory");
		return true;
	case IGREC_RECORD_FORK:
		return false;
	}
	return false;
}
