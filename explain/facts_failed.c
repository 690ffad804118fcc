/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that failed, and what they were about: a path, an address, or what a descriptor refers to.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/cleanup.h"
#include "decode/value.h"
#include "explain/facts_build.h"

/* Errors that say "not yet": a program that meets them goes on. */
static bool is_routine_errno(int error)
{
	return error == EAGAIN || error == EINTR || error == EINPROGRESS || error >= 512;
}

/* EAGAIN is the answer of a lock that is held and of a limit of processes. */
static bool counts_as_failed(enum act_kind kind, int error)
{
	if (error == EAGAIN && (kind == ACT_LOCK || kind == ACT_FORK || kind == ACT_MEMORY))
		return true;
	return error && !is_routine_errno(error);
}

/* What getsockopt(SO_ERROR) fetched: the result of a connect that did not wait. */
static int socket_error(const struct event *event)
{
	const struct event_capture *value;
	int error = 0;

	if (event->result != 0 || event->args < 5 || event->arg[1] != SOL_SOCKET ||
	    event->arg[2] != SO_ERROR)
		return 0;
	value = event_capture_of(event, 3); /* the option's value, whatever its layout is */
	if (value && value->bytes >= sizeof(error))
		memcpy(&error, value->data, sizeof(error));
	return error > 0 && error < 4096 ? error : 0;
}

/* ---- what it is about -------------------------------------------------------------------- */

void facts_address_text(struct buf *out, const void *data, size_t bytes)
{
	struct object_address address = {0};
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {0};

	address.bytes = (uint16_t)(bytes < sizeof(address.data) ? bytes : sizeof(address.data));
	memcpy(address.data, data, address.bytes);
	memcpy(&in6, data, bytes < sizeof(in6) ? bytes : sizeof(in6));
	if (in6.sin6_family == AF_INET6 && bytes >= offsetof(struct sockaddr_in6, sin6_scope_id) &&
	    IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
		in.sin_port = in6.sin6_port;
		memcpy(&in.sin_addr, in6.sin6_addr.s6_addr + 12, sizeof(in.sin_addr));
		address.bytes = sizeof(in);
		memcpy(address.data, &in, sizeof(in));
	}
	object_address_text(out, &address);
}

static void add_address(struct buf *out, const struct value *value)
{
	size_t path = offsetof(struct sockaddr_un, sun_path);
	uint16_t family;

	if (value->data_bytes < sizeof(family))
		return;
	memcpy(&family, value->data, sizeof(family));
	if (family != AF_UNIX) {
		facts_address_text(out, value->data, value->data_bytes);
		return;
	}
	if (value->data_bytes > path) {
		const char *name = (const char *)value->data + path;
		size_t bytes = value->data_bytes - path;

		if (!name[0])
			buf_add_char(out, '@');
		buf_add(out, name + !name[0], strnlen(name + !name[0], bytes - !name[0]));
	}
}

/* A name is kept as it is; a socket is told by its peer, or its own address. */
static void add_object(struct buf *out, const struct object *object)
{
	const struct object_address *address;

	if (!object)
		return;
	if (!object->is_socket) {
		buf_add(out, object->name.text, object->name.bytes);
		return;
	}
	address = object->socket.peer.bytes ? &object->socket.peer : &object->socket.local;
	if (address->bytes) {
		struct value value = {.data = address->data, .data_bytes = address->bytes};

		add_address(out, &value);
	}
}

static bool is_sockaddr(const struct value *value)
{
	return value->type == VALUE_STRUCT && value->data && value->layout && value->layout->name &&
	       !strncmp(value->layout->name, "sockaddr", 8);
}

struct call_object {
	struct buf given;
	const struct object *directory; /* of a relative path; NULL: not known, or none */
	const struct object *object;	/* of a descriptor */
	bool has_path, has_address;
};

static void take_directory(struct call_object *ret, const struct objects *objects, int fd)
{
	ret->directory = fd == AT_FDCWD ? objects_of_cwd(objects) : objects_of_fd(objects, fd);
}

/* The last path of a call is the one that is made; of rename and link the first has to be there. */
static void look_at_arguments(enum arch arch, const struct event *event,
			      const struct objects *objects, struct call_object *ret)
{
	const struct layout *layout = event_layout(arch, event);
	int directory = AT_FDCWD;

	for (unsigned i = 0; i < layout->count && !ret->has_path && !ret->has_address; i++) {
		struct value value = event_argument(event, layout, i);

		if (value.type == VALUE_DIRFD) {
			directory = (int)value.number;
			ret->object = objects_of_fd(objects, directory);
		} else if (value.type == VALUE_FD && !ret->object) {
			ret->object = objects_of_fd(objects, (int)value.number);
		} else if (value.type == VALUE_PATH && value.data_bytes) {
			buf_add(&ret->given, value.data, value.data_bytes);
			ret->has_path = true;
			take_directory(ret, objects, directory);
		} else if (is_sockaddr(&value)) {
			add_address(&ret->given, &value);
			ret->has_address = ret->given.bytes > 0;
		}
	}
}

/* "./x" and "../x" are kept as they are: where ".." leads, links decide. */
static void add_absolute(struct buf *out, const struct call_object *call)
{
	const char *given = call->given.data;

	if (given[0] != '/' && call->directory && !call->directory->is_socket) {
		size_t skip = call->given.bytes > 2 && !memcmp(given, "./", 2) ? 2 : 0;

		buf_add(out, call->directory->name.text, call->directory->name.bytes);
		if (out->bytes && out->data[out->bytes - 1] != '/')
			buf_add_char(out, '/');
		buf_add(out, given + skip, call->given.bytes - skip);
		return;
	}
	buf_add(out, given, call->given.bytes);
}

static int keep_object(struct facts *facts, const struct call_object *call,
		       struct failed_call *failed)
{
	struct buf object = {0};
	int err = 0;

	if (call->has_path)
		add_absolute(&object, call);
	else if (call->has_address)
		buf_add(&object, call->given.data, call->given.bytes);
	else
		add_object(&object, call->object);
	failed->object = facts_keep(facts, object.data, object.bytes);
	failed->given = facts_keep(facts, call->given.data, call->given.bytes);
	if (object.failed || call->given.failed || !failed->object || !failed->given)
		err = -ENOMEM;
	buf_done(&object);
	return err;
}

/* ---- keeping ------------------------------------------------------------------------------- */

/* Of a flood, the later half is kept. */
static void drop_half(struct facts *facts)
{
	size_t half = facts->n_failed / 2;

	for (size_t i = 0; i < half; i++) {
		facts->text_bytes -=
			strlen(facts->failed[i].object) + strlen(facts->failed[i].given);
		free(facts->failed[i].object);
		free(facts->failed[i].given);
	}
	facts->n_failed -= half;
	memmove(facts->failed, facts->failed + half, facts->n_failed * sizeof(*facts->failed));
}

static int make_room(struct facts *facts)
{
	size_t room = facts->failed_room ? facts->failed_room * 2 : 256;
	struct failed_call *grown;

	if (facts->n_failed == FACTS_FAILED_MAX)
		drop_half(facts);
	if (facts->n_failed < facts->failed_room)
		return 0;
	grown = reallocarray(facts->failed, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	facts->failed = grown;
	facts->failed_room = room;
	return 0;
}

int facts_add_failed(struct facts *facts, const struct objects *objects, const struct event *event,
		     uint32_t act)
{
	const struct act *of = &facts->acts[act];
	struct failed_call failed = {.act = act, .error = of->error};
	struct call_object call = {0};
	int err;

	if (of->kind == ACT_OPTION && !of->error)
		failed.error = socket_error(event);
	if (of->in_flight || !counts_as_failed(of->kind, failed.error))
		return 0;
	if (make_room(facts))
		return -ENOMEM;
	look_at_arguments(facts->arch, event, objects, &call);
	err = keep_object(facts, &call, &failed);
	buf_done(&call.given);
	if (err) {
		free(failed.object);
		free(failed.given);
		return err;
	}
	facts->failed[facts->n_failed++] = failed;
	return 0;
}
