/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call is about: a path, an address, or what its descriptor refers to.  Between objects,
 * which know the descriptors, and those who speak of calls.
 */
#include "replay/call_object.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "decode/value.h"

int call_socket_error(const struct event *event)
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

static void ip_address_text(struct buf *out, const void *data, size_t bytes)
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

void call_address_text(struct buf *out, const void *data, size_t bytes)
{
	size_t path = offsetof(struct sockaddr_un, sun_path);
	const char *name;
	uint16_t family;

	if (bytes < sizeof(family))
		return;
	memcpy(&family, data, sizeof(family));
	if (family != AF_UNIX) {
		ip_address_text(out, data, bytes);
		return;
	}
	if (bytes <= path)
		return;
	name = (const char *)data + path;
	bytes -= path;
	if (!name[0])
		buf_add_char(out, '@');
	buf_add(out, name + !name[0], strnlen(name + !name[0], bytes - !name[0]));
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
	call_address_text(out, address->data, address->bytes);
}

static bool is_sockaddr(const struct value *value)
{
	return value->type == VALUE_STRUCT && value->data && value->layout && value->layout->name &&
	       !strncmp(value->layout->name, "sockaddr", 8);
}

static void take_directory(struct call_object *ret, const struct objects *objects, int fd)
{
	ret->directory = fd == AT_FDCWD ? objects_of_cwd(objects) : objects_of_fd(objects, fd);
}

/* The last path of a call is the one that is made; of rename and link the first has to be there. */
void call_object_find(enum arch arch, const struct event *event, const struct objects *objects,
		      struct call_object *ret)
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
			call_address_text(&ret->given, value.data, value.data_bytes);
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

void call_object_done(struct call_object *call)
{
	buf_done(&call->given);
}

void call_object_text(struct buf *out, const struct call_object *call)
{
	if (call->has_path)
		add_absolute(out, call);
	else if (call->has_address)
		buf_add(out, call->given.data, call->given.bytes);
	else
		add_object(out, call->object);
}
