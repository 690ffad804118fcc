/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets and pairs as calls make them, with inodes as the kernel programs saw them, and the
 * addresses that calls give them.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "replay/objects_build.h"

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

static struct object *new_socket(const struct event *event, uint32_t family, uint32_t type,
				 uint32_t protocol)
{
	struct object *object = object_new_socket(family, type, protocol);

	if (object)
		object->socket.inode = objects_captured_inode(event, 0);
	return object;
}

struct object *objects_socket(const struct event *event)
{
	return new_socket(event, (uint32_t)event->arg[0], (uint32_t)event->arg[1],
			  (uint32_t)event->arg[2]);
}

/* One end; the other one is known, too. */
struct object *objects_end_of_pair(const struct event *event, const struct fd_call *call,
				   unsigned end)
{
	uint32_t inode = objects_captured_inode(event, end);
	struct object *object;

	if (call->name)
		return inode ? objects_captured(event, end, call->name)
			     : object_new_name(call->name, strlen(call->name));
	object = objects_socket(event);
	if (!object)
		return NULL;
	object->socket.inode = inode;
	object->socket.peer_inode = objects_captured_inode(event, 1 - end);
	return object;
}

struct object *objects_accepted(const struct objects_task *task, const struct event *event,
				uint64_t now_ns)
{
	const struct object *from = fd_table_find(task->fds, (int)event->arg[0], now_ns);
	struct object *object;

	if (!from || !from->is_socket)
		return NULL;
	object = new_socket(event, from->socket.family, from->socket.type, from->socket.protocol);
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
