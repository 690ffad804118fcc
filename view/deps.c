/* SPDX-License-Identifier: Apache-2.0 */
/* view deps: who talked to whom: programs of the container, and peers by address and name. */
#include <errno.h>
#include <stdlib.h>

#include "common/grow.h"
#include "decode/names.h"
#include "replay/call_object.h"
#include "replay/number.h"
#include "replay/payload.h"
#include "view/names.h"
#include "view/sockets.h"
#include "view/views.h"

enum {
	DEPS_SOURCE,
	DEPS_TARGET,
	DEPS_NAME,
	DEPS_DIRECTION,
	DEPS_PROTOCOL,
	DEPS_TIMES,
	DEPS_FAILED,
	DEPS_SENT,
	DEPS_RECEIVED,
	DEPS_ERRORS,
	DEPS_FIRST,
	DEPS_LAST,
	DEPS_COLUMNS,
};

static const struct view_column columns[DEPS_COLUMNS] = {
	[DEPS_SOURCE] = VIEW_COLUMN("source", "FROM", VIEW_TEXT),
	[DEPS_TARGET] = VIEW_COLUMN("target", "TO", VIEW_TEXT),
	[DEPS_NAME] = VIEW_COLUMN("peer_name", "NAME", VIEW_TEXT),
	[DEPS_DIRECTION] = VIEW_COLUMN("direction", "HOW", VIEW_TEXT),
	[DEPS_PROTOCOL] = VIEW_COLUMN("protocol", "PROTOCOL", VIEW_TEXT),
	[DEPS_TIMES] = VIEW_COLUMN("times", "TIMES", VIEW_INT, .right = true),
	[DEPS_FAILED] = VIEW_COLUMN("failed", "FAILED", VIEW_INT, .right = true),
	[DEPS_SENT] = VIEW_COLUMN("sent_bytes", "SENT", VIEW_BYTES, .right = true),
	[DEPS_RECEIVED] = VIEW_COLUMN("received_bytes", "RECEIVED", VIEW_BYTES, .right = true),
	[DEPS_ERRORS] = VIEW_COLUMN("errors", "ERRORS", VIEW_LIST),
	[DEPS_FIRST] =
		VIEW_COLUMN("first_time_ns", "FIRST", VIEW_TIME_NS, .right = true, .wide = true),
	[DEPS_LAST] =
		VIEW_COLUMN("last_time_ns", "LAST", VIEW_TIME_NS, .right = true, .wide = true),
};

enum direction { DIRECTION_CONNECTED, DIRECTION_ACCEPTED, DIRECTION_SENT };
static const char *const directions[] = {
	[DIRECTION_CONNECTED] = "connect",
	[DIRECTION_ACCEPTED] = "accept",
	[DIRECTION_SENT] = "datagrams",
};

#define ERRORS_KEPT 8

struct dependency {
	enum direction direction;
	const char *protocol; /* NULL: not known */
	uint64_t times, failed, sent, received;
	uint64_t first_ns, last_ns;
	bool uncounted; /* of some, bytes are not known */
	bool sent_only;
	int errors[ERRORS_KEPT]; /* different ones, the first met first */
};

struct dependencies {
	struct keys keys; /* direction, comm, NUL, peer, NUL, protocol */
	struct dependency *all;
	size_t room;
	struct sockets sockets;
	struct names names;
	struct buf key, peer;
};

static void deps_done(struct dependencies *deps)
{
	keys_done(&deps->keys);
	free(deps->all);
	sockets_done(&deps->sockets);
	names_done(&deps->names);
	buf_done(&deps->key);
	buf_done(&deps->peer);
}

/* ---- gathering ------------------------------------------------------------------------------- */

/* Bytes of "10.0.0.1:443", "[::1]:443" that are the host; all of what is no such address. */
static size_t host_bytes(const char *text, size_t bytes)
{
	const char *colon = bytes ? memrchr(text, ':', bytes) : NULL;

	if (!bytes || text[0] == '/' || text[0] == '@' || !colon)
		return bytes;
	return (size_t)(colon - text);
}

/* Whom deps->peer names. */
static struct dependency *dependency_of(struct dependencies *deps, const struct walk *walk,
					enum direction direction, const char *protocol)
{
	size_t before = deps->keys.count;
	unsigned char head = (unsigned char)direction;
	uint32_t number;

	buf_clear(&deps->key);
	buf_add(&deps->key, &head, 1);
	buf_add_text(&deps->key, walk->task->comm);
	buf_add_char(&deps->key, '\0');
	buf_add(&deps->key, deps->peer.data, deps->peer.bytes);
	buf_add_char(&deps->key, '\0');
	buf_add_text(&deps->key, protocol ? protocol : "");
	if (deps->key.failed || deps->peer.failed)
		return NULL;
	number = keys_add(&deps->keys, deps->key.data, deps->key.bytes);
	if (number == KEYS_NONE)
		return NULL;
	if (number == before) {
		if (grow_array((void **)&deps->all, before, &deps->room, sizeof(*deps->all)))
			return NULL;
		deps->all[number] = (struct dependency){
			.direction = direction,
			.protocol = protocol,
			.first_ns = walk->event.time_ns,
		};
	}
	deps->all[number].last_ns = walk->event.time_ns;
	deps->all[number].times++;
	return &deps->all[number];
}

static void note_error(struct dependency *dependency, int error)
{
	if (!error)
		return;
	dependency->failed++;
	for (unsigned i = 0; i < ERRORS_KEPT; i++) {
		if (dependency->errors[i] == error)
			return;
		if (!dependency->errors[i]) {
			dependency->errors[i] = error;
			return;
		}
	}
}

static int take_connection(struct dependencies *deps, const struct walk *walk,
			   const struct connection *connection)
{
	const char *protocol =
		connection->object ? object_protocol_name(&connection->object->socket) : NULL;
	struct dependency *dependency;

	buf_clear(&deps->peer);
	call_address_text(&deps->peer, connection->peer.data, connection->peer.bytes);
	/* Its port says nothing about who it is. */
	if (connection->accepted)
		deps->peer.bytes = host_bytes(deps->peer.data, deps->peer.bytes);
	dependency = dependency_of(deps, walk,
				   connection->accepted ? DIRECTION_ACCEPTED : DIRECTION_CONNECTED,
				   protocol);
	if (!dependency)
		return -ENOMEM;
	note_error(dependency, connection->error);
	dependency->uncounted |= !connection->counted;
	dependency->sent += connection->sent;
	dependency->received += connection->received;
	return 0;
}

static int take_connections(struct dependencies *deps, const struct view_query *query)
{
	struct walk walk;
	int err = 0;

	walk_init_plain(&walk, query);
	for (size_t i = 0; !err && i < deps->sockets.count; i++) {
		if (!deps->sockets.all[i].wanted)
			continue;
		walk_go(&walk, deps->sockets.all[i].entry);
		err = take_connection(deps, &walk, &deps->sockets.all[i]);
	}
	return err;
}

/* What is sent to an address that the call itself names. */
static int take_sent(struct dependencies *deps, const struct walk *walk)
{
	const struct object *object = objects_of_fd(walk->objects, (int)walk->event.arg[0]);
	struct dependency *dependency;
	struct payload payload;

	if (walk->act != ACT_SEND || !walk_wants(walk) ||
	    !payload_peer(walk->query->arch, &walk->event, &payload))
		return 0;
	buf_clear(&deps->peer);
	call_address_text(&deps->peer, payload.peer, payload.peer_bytes);
	if (!deps->peer.bytes)
		return 0;
	dependency = dependency_of(
		deps, walk, DIRECTION_SENT,
		object && object->is_socket ? object_protocol_name(&object->socket) : NULL);
	if (!dependency)
		return -ENOMEM;
	dependency->sent_only = true;
	note_error(dependency, walk->error);
	dependency->uncounted |= walk_counts_messages(walk) || walk->entry->in_flight;
	if (!walk->error && walk->event.result > 0)
		dependency->sent += (uint64_t)walk->event.result;
	return 0;
}

static int gather(struct dependencies *deps, const struct view_query *query)
{
	struct walk walk;
	int err = walk_init(&walk, query);

	while (!err && walk_next(&walk)) {
		err = sockets_take(&deps->sockets, &walk);
		if (!err)
			err = names_take(&deps->names, &walk);
		if (!err)
			err = take_sent(deps, &walk);
	}
	if (!err)
		sockets_end(&deps->sockets, &walk);
	walk_done(&walk);
	return err ? err : take_connections(deps, query);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void set_name(struct dependencies *deps, const struct dependency *dependency,
		     const char *peer, struct view_rows *rows)
{
	size_t bytes = host_bytes(peer, strlen(peer));
	bool has_brackets = bytes > 2 && peer[0] == '[';
	const char *host;

	buf_clear(&deps->peer);
	buf_add(&deps->peer, peer + has_brackets, bytes - 2 * has_brackets);
	host = buf_text(&deps->peer);
	if (host && bytes)
		rows_set_string(rows, DEPS_NAME,
				names_of_address(&deps->names, host, dependency->last_ns));
}

static void set_errors(const struct dependency *dependency, struct view_rows *rows)
{
	struct buf *out = rows_begin_text(rows, DEPS_ERRORS);

	for (unsigned i = 0; i < ERRORS_KEPT && dependency->errors[i]; i++) {
		const char *name = errno_name(dependency->errors[i]);

		buf_add(out, name ? name : "?", name ? strlen(name) + 1 : 2);
	}
	rows_end_text(rows, DEPS_ERRORS);
}

static int make_row(struct dependencies *deps, uint32_t number, struct view_rows *rows)
{
	const struct dependency *dependency = &deps->all[number];
	bool in = dependency->direction == DIRECTION_ACCEPTED;
	size_t bytes;
	const char *comm = (const char *)keys_at(&deps->keys, number, &bytes) + 1;
	const char *peer = comm + strlen(comm) + 1;

	if (comm[0])
		rows_set_string(rows, in ? DEPS_TARGET : DEPS_SOURCE, comm);
	if (peer[0])
		rows_set_string(rows, in ? DEPS_SOURCE : DEPS_TARGET, peer);
	set_name(deps, dependency, peer, rows);
	rows_set_string(rows, DEPS_DIRECTION, directions[dependency->direction]);
	rows_set_string(rows, DEPS_PROTOCOL, dependency->protocol);
	rows_set_int(rows, DEPS_TIMES, (int64_t)dependency->times);
	rows_set_int(rows, DEPS_FAILED, (int64_t)dependency->failed);
	if (!dependency->uncounted) {
		rows_set_int(rows, DEPS_SENT, (int64_t)dependency->sent);
		if (!dependency->sent_only)
			rows_set_int(rows, DEPS_RECEIVED, (int64_t)dependency->received);
	}
	set_errors(dependency, rows);
	rows_set_time(rows, DEPS_FIRST, dependency->first_ns);
	rows_set_time(rows, DEPS_LAST, dependency->last_ns);
	return rows_put(rows);
}

static int first_first(const void *a, const void *b, void *user)
{
	const struct dependencies *deps = user;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	uint64_t left = deps->all[i].first_ns, right = deps->all[j].first_ns;

	if (left != right)
		return left < right ? -1 : 1;
	return (i > j) - (i < j);
}

static int make(const struct view_query *query, struct view_rows *rows)
{
	struct dependencies deps = {0};
	int err = gather(&deps, query);
	uint32_t *order = err ? NULL : keys_sorted(&deps.keys, first_first, &deps);

	if (!err && !order)
		err = -ENOMEM;
	for (size_t i = 0; !err && i < deps.keys.count; i++)
		err = make_row(&deps, order[i], rows);
	free(order);
	deps_done(&deps);
	return err;
}

const struct view view_deps = {
	.name = "deps",
	.table = "dependencies",
	.help = "who talked to whom: programs, peers, their names; a graph with --dot",
	.columns = columns,
	.n_columns = DEPS_COLUMNS,
	.from = DEPS_SOURCE,
	.to = DEPS_TARGET,
	.label = DEPS_PROTOCOL,
	.make = make,
};
