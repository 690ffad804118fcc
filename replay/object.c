/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects and their text.  A socket's addresses are the bytes that system calls gave; they are
 * read here and nowhere else, within their length.
 */
#include "replay/object.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/escape.h"
#include "decode/names.h"
#include "replay/number.h"

#define SOCKET_TYPE_MASK 0xf /* SOCK_TYPE_MASK, include/linux/net.h */

int object_rename(struct object *object, const void *text, size_t bytes)
{
	char *copy;

	if (!bytes || bytes > OBJECT_NAME_BYTES_MAX)
		return -E2BIG;
	copy = malloc(bytes);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, bytes);
	free(object->name.text);
	object->name.text = copy;
	object->name.bytes = (uint16_t)bytes;
	return 0;
}

struct object *object_new_name(const void *text, size_t bytes)
{
	struct object *object = calloc(1, sizeof(*object));

	if (!object)
		return NULL;
	object->references = 1;
	if (object_rename(object, text, bytes)) {
		free(object);
		return NULL;
	}
	return object;
}

struct object *object_new_socket(uint32_t family, uint32_t type, uint32_t protocol)
{
	struct object *object = calloc(1, sizeof(*object));

	if (!object)
		return NULL;
	object->references = 1;
	object->is_socket = true;
	object->socket.family = family;
	object->socket.type = type & SOCKET_TYPE_MASK;
	object->socket.protocol = protocol;
	return object;
}

struct object *object_ref(struct object *object)
{
	if (object)
		object->references++;
	return object;
}

void object_unref(struct object *object)
{
	if (!object || --object->references)
		return;
	if (!object->is_socket)
		free(object->name.text);
	free(object);
}

/* ---- text -------------------------------------------------------------------------------- */

/* As strace between < and >: these two are escaped as well. */
static void name_text(struct buf *out, const char *text, size_t bytes)
{
	size_t done = 0;

	for (size_t i = 0; i < bytes; i++) {
		if (text[i] != '<' && text[i] != '>')
			continue;
		escape_quoted(out, text + done, i - done);
		buf_add_text(out, text[i] == '<' ? "\\74" : "\\76");
		done = i + 1;
	}
	escape_quoted(out, text + done, bytes - done);
}

static const struct {
	uint32_t family, type, protocol; /* protocol 0: any */
	const char *name;
} protocols[] = {
	{AF_INET, SOCK_STREAM, IPPROTO_TCP, "TCP"},
	{AF_INET, SOCK_DGRAM, IPPROTO_UDP, "UDP"},
	{AF_INET, SOCK_RAW, 0, "RAW"},
	{AF_INET6, SOCK_STREAM, IPPROTO_TCP, "TCPv6"},
	{AF_INET6, SOCK_DGRAM, IPPROTO_UDP, "UDPv6"},
	{AF_INET6, SOCK_RAW, 0, "RAWv6"},
	{AF_UNIX, SOCK_STREAM, 0, "UNIX-STREAM"},
	{AF_UNIX, SOCK_DGRAM, 0, "UNIX-DGRAM"},
	{AF_UNIX, SOCK_SEQPACKET, 0, "UNIX-SEQPACKET"},
	{AF_NETLINK, SOCK_RAW, 0, "NETLINK"},
	{AF_NETLINK, SOCK_DGRAM, 0, "NETLINK"},
	{AF_PACKET, SOCK_RAW, 0, "PACKET"},
	{AF_PACKET, SOCK_DGRAM, 0, "PACKET"},
};

const char *object_protocol_name(const struct object_socket *socket)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (protocols[i].family != socket->family || protocols[i].type != socket->type)
			continue;
		/* 0 is the family's usual protocol for that type, socket(2). */
		if (!protocols[i].protocol || !socket->protocol ||
		    protocols[i].protocol == socket->protocol)
			return protocols[i].name;
	}
	return "socket";
}

static void ipv4_text(struct buf *out, const struct object_address *address)
{
	struct sockaddr_in in;
	char text[INET_ADDRSTRLEN] = "";

	memcpy(&in, address->data, sizeof(in));
	inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
	buf_add_text(out, text);
	buf_add_char(out, ':');
	number_unsigned(out, ntohs(in.sin_port));
}

static void ipv6_text(struct buf *out, const struct object_address *address)
{
	struct sockaddr_in6 in;
	char text[INET6_ADDRSTRLEN] = "";

	memcpy(&in, address->data, sizeof(in));
	inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof(text));
	buf_add_char(out, '[');
	buf_add_text(out, text);
	buf_add_text(out, "]:");
	number_unsigned(out, ntohs(in.sin6_port));
}

/* A path ends with its first NUL, an abstract name, which begins with one, with the address. */
static void unix_text(struct buf *out, const struct object_address *address)
{
	const char *path = (const char *)address->data + offsetof(struct sockaddr_un, sun_path);
	size_t bytes = address->bytes - offsetof(struct sockaddr_un, sun_path);
	bool is_abstract = !path[0];

	if (is_abstract)
		buf_add_char(out, '@');
	buf_add_char(out, '"');
	name_text(out, path + is_abstract, is_abstract ? bytes - 1 : strnlen(path, bytes));
	buf_add_char(out, '"');
}

typedef void (*address_fn)(struct buf *out, const struct object_address *address);

/* What writes it; NULL if it is not known, or says nothing. */
static address_fn address_writer(const struct object_address *address)
{
	uint16_t family;

	if (address->bytes <= sizeof(family))
		return NULL;
	memcpy(&family, address->data, sizeof(family));
	if (family == AF_INET && address->bytes >= sizeof(struct sockaddr_in))
		return ipv4_text;
	/* RFC 2133's struct, without the scope, is shorter. */
	if (family == AF_INET6 && address->bytes >= offsetof(struct sockaddr_in6, sin6_scope_id))
		return ipv6_text;
	return family == AF_UNIX ? unix_text : NULL;
}

/* "ROUTE:123": the protocol and the port, which bind or getsockname told. */
static bool netlink_text(struct buf *out, const struct object_socket *socket)
{
	const char *protocol = netlink_protocol_name(socket->protocol);
	struct sockaddr_nl address;

	if (!protocol || socket->local.bytes < sizeof(address))
		return false;
	memcpy(&address, socket->local.data, sizeof(address));
	if (!address.nl_pid)
		return false;
	buf_add_text(out, protocol + strlen("NETLINK_"));
	buf_add_char(out, ':');
	number_unsigned(out, address.nl_pid);
	return true;
}

/* Both ends are told by inode, if that is known, the own name behind: "1->2,\"/run/x\"". */
static void unix_ends(struct buf *out, const struct object_socket *socket, address_fn local,
		      address_fn peer)
{
	number_unsigned(out, socket->inode);
	if (socket->peer_inode || peer)
		buf_add_text(out, "->");
	if (socket->peer_inode)
		number_unsigned(out, socket->peer_inode);
	else if (peer)
		peer(out, &socket->peer);
	if (local) {
		buf_add_char(out, ',');
		local(out, &socket->local);
	}
}

/* Nothing, if nothing is known. */
static void ends_text(struct buf *out, const struct object_socket *socket)
{
	address_fn local = address_writer(&socket->local), peer = address_writer(&socket->peer);

	if (socket->inode && socket->family == AF_UNIX) {
		unix_ends(out, socket, local, peer);
		return;
	}
	if (socket->family == AF_NETLINK && netlink_text(out, socket))
		return;
	if (!local && !peer && socket->inode)
		number_unsigned(out, socket->inode);
	if (local)
		local(out, &socket->local);
	if (peer) {
		buf_add_text(out, "->");
		peer(out, &socket->peer);
	}
}

void object_address_text(struct buf *out, const struct object_address *address)
{
	address_fn write = address_writer(address);

	if (write)
		write(out, address);
}

static void socket_text(struct buf *out, const struct object_socket *socket,
			enum object_style style)
{
	size_t start, inside;

	if (style == OBJECT_STYLE_INODE && socket->inode) {
		buf_add_text(out, "socket:[");
		number_unsigned(out, socket->inode);
		buf_add_char(out, ']');
		return;
	}
	buf_add_text(out, object_protocol_name(socket));
	start = out->bytes;
	buf_add_text(out, ":[");
	inside = out->bytes;
	ends_text(out, socket);
	if (out->bytes > inside)
		buf_add_char(out, ']');
	else
		out->bytes = start;
}

void object_text(struct buf *out, const struct object *object, enum object_style style)
{
	if (object->is_socket) {
		socket_text(out, &object->socket, style);
		return;
	}
	name_text(out, object->name.text, object->name.bytes);
	if (object->name.deleted)
		buf_add_text(out, " (deleted)");
}

void object_text_enclosed(struct buf *out, const struct object *object, enum object_style style)
{
	if (style == OBJECT_STYLE_NONE)
		return;
	buf_add_char(out, '<');
	if (object->is_socket)
		socket_text(out, &object->socket, style);
	else
		name_text(out, object->name.text, object->name.bytes);
	buf_add_char(out, '>');
	if (!object->is_socket && object->name.deleted)
		buf_add_text(out, "(deleted)");
}
