/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events -> connections.  A descriptor's object is the same for all that were copied from it: who
 * holds the only reference to it knows that the last one was closed.
 */
#include "view/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/grow.h"
#include "replay/call_object.h"

/* A socket: its latest connection, and how many of them hold a reference. */
struct socket_known {
	uint32_t latest, references;
};

/* A call that may close what it names, or all that its task has. */
struct socket_closing {
	uint64_t end_ns;
	uint32_t connection;
};

const char *socket_state_name(enum socket_state state)
{
	static const char *const names[] = {
		[SOCKET_CONNECTING] = "connecting",
		[SOCKET_OPEN] = "open",
		[SOCKET_FAILED] = "failed",
		[SOCKET_CLOSED] = "closed",
	};

	return names[state];
}

void sockets_done(struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++)
		object_unref(sockets->all[i].object);
	free(sockets->all);
	free(sockets->known);
	free(sockets->closings);
	keys_done(&sockets->objects);
	*sockets = (struct sockets){0};
}

/* ---- finding -----------------------------------------------------------------------------------
 */

/* The latest connection of a socket; NULL. */
static struct connection *connection_of(const struct sockets *sockets, const struct object *object)
{
	uint32_t number;

	if (!object || !object->is_socket)
		return NULL;
	number = keys_find(&sockets->objects, &object, sizeof(object));
	return number == KEYS_NONE ? NULL : &sockets->all[sockets->known[number].latest];
}

static int remember(struct sockets *sockets, const struct object *object, size_t connection)
{
	size_t before = sockets->objects.count;
	uint32_t number = keys_add(&sockets->objects, &object, sizeof(object));

	if (number == KEYS_NONE)
		return -ENOMEM;
	if (number == before) {
		if (grow_array((void **)&sockets->known, before, &sockets->known_room,
			       sizeof(*sockets->known)))
			return -ENOMEM;
		sockets->known[number].references = 0;
	}
	sockets->known[number].latest = (uint32_t)connection;
	sockets->known[number].references++;
	return 0;
}

/* ---- beginning ---------------------------------------------------------------------------------
 */

static void set_address(struct object_address *address, const struct event_capture *capture)
{
	if (!capture || capture->truncated || capture->unreadable ||
	    capture->bytes > sizeof(address->data))
		return;
	memcpy(address->data, capture->data, capture->bytes);
	address->bytes = capture->bytes;
}

/* The kernel goes on without the call. */
static bool goes_on(int error)
{
	return error == EINPROGRESS || error == EINTR || error >= 512;
}

static int add(struct sockets *sockets, const struct walk *walk, const struct object *object,
	       struct connection **ret)
{
	struct connection *connection;
	unsigned except = 1U << FILTER_FAILED | 1U << FILTER_ERRNO;

	if (grow_array((void **)&sockets->all, sockets->count, &sockets->room,
		       sizeof(*sockets->all)))
		return -ENOMEM;
	if (object && remember(sockets, object, sockets->count))
		return -ENOMEM;
	connection = &sockets->all[sockets->count++];
	*connection = (struct connection){
		.entry = walk->index,
		.in_flight = walk->entry->in_flight,
		.wanted = walk_wants_except(walk, except),
		/* A reference more; nothing else of it is changed. */
		.object = object_ref((struct object *)object),
	};
	set_address(&connection->peer, event_capture_of(&walk->event, 1));
	*ret = connection;
	return 0;
}

static int begin_connect(struct sockets *sockets, const struct walk *walk)
{
	const struct event *event = &walk->event;
	const struct object *object = objects_of_fd(walk->objects, (int)event->arg[0]);
	struct connection *connection = connection_of(sockets, object);
	bool again =
		connection && !connection->was_made && !connection->error && !connection->accepted;

	/* Asked again how it went. */
	if (again && walk->error == EALREADY)
		return 0;
	if (!again) {
		if (connection && !connection->was_closed) {
			connection->was_closed = true;
			connection->end_ns = event->time_ns;
		}
		if (add(sockets, walk, object, &connection))
			return -ENOMEM;
		connection->fd = (int)event->arg[0];
		connection->start_ns = event->time_ns;
		if (!walk->error && !connection->in_flight && event->entry_seen)
			connection->latency_ns = event->duration_ns;
	}
	if (connection->in_flight || goes_on(walk->error))
		return 0;
	connection->was_made = !walk->error || walk->error == EISCONN;
	connection->error = connection->was_made ? 0 : walk->error;
	return 0;
}

static int begin_accept(struct sockets *sockets, const struct walk *walk)
{
	const struct event *event = &walk->event;
	struct connection *connection;

	if (walk->error || walk->entry->in_flight)
		return 0;
	if (add(sockets, walk, objects_of_result(walk->objects, (int)event->result), &connection))
		return -ENOMEM;
	connection->accepted = connection->was_made = true;
	connection->fd = (int)event->result;
	connection->start_ns = event->end_ns;
	return 0;
}

/* ---- going on ----------------------------------------------------------------------------------
 */

static bool is_fatal(int error)
{
	return error == ECONNRESET || error == EPIPE || error == ETIMEDOUT ||
	       error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
	       error == ECONNABORTED;
}

/* Descriptors that a call reads from and writes to; -1: none. */
static void ends_of(const struct walk *walk, int *ret_from, int *ret_to)
{
	char room[SYSCALL_NAME_BYTES];
	const char *name = walk_syscall(walk, room);
	bool reads = walk->act == ACT_READ || walk->act == ACT_RECEIVE;

	*ret_from = reads ? (int)walk->event.arg[0] : -1;
	*ret_to = reads ? -1 : (int)walk->event.arg[0];
	if (!strcmp(name, "splice") || !strcmp(name, "copy_file_range")) {
		*ret_from = (int)walk->event.arg[0];
		*ret_to = (int)walk->event.arg[2];
	} else if (!strcmp(name, "sendfile")) {
		*ret_from = (int)walk->event.arg[1];
	}
}

static bool only_peeks(const struct walk *walk)
{
	char room[SYSCALL_NAME_BYTES];
	const char *name = walk_syscall(walk, room);

	if (!strcmp(name, "recvfrom"))
		return walk->event.arg[3] & MSG_PEEK;
	return !strcmp(name, "recvmsg") && walk->event.arg[2] & MSG_PEEK;
}

static void move(struct sockets *sockets, const struct walk *walk, int fd, bool sent)
{
	struct connection *connection =
		fd < 0 ? NULL : connection_of(sockets, objects_of_fd(walk->objects, fd));

	if (!connection)
		return;
	if (walk->error) {
		if (is_fatal(walk->error))
			connection->error = walk->error;
		return;
	}
	if (walk->event.result <= 0 || only_peeks(walk))
		return;
	connection->was_made = true;
	if (walk_counts_messages(walk))
		connection->uncounted = true;
	if (sent)
		connection->sent += (uint64_t)walk->event.result;
	else
		connection->received += (uint64_t)walk->event.result;
}

static void ask_option(struct sockets *sockets, const struct walk *walk)
{
	const struct event *event = &walk->event;
	int error = call_socket_error(event);
	struct connection *connection;

	if (walk->error || event->args < 5 || event->arg[1] != SOL_SOCKET ||
	    event->arg[2] != SO_ERROR)
		return;
	connection = connection_of(sockets, objects_of_fd(walk->objects, (int)event->arg[0]));
	if (!connection)
		return;
	if (error)
		connection->error = error;
	else
		connection->was_made = true;
}

/* ---- ending ------------------------------------------------------------------------------------
 */

static int add_closing(struct sockets *sockets, const struct walk *walk, size_t connection)
{
	if (grow_array((void **)&sockets->closings, sockets->n_closings, &sockets->closings_room,
		       sizeof(*sockets->closings)))
		return -ENOMEM;
	sockets->closings[sockets->n_closings++] =
		(struct socket_closing){walk->event.end_ns, (uint32_t)connection};
	return 0;
}

/* Whether descriptors refer to it yet. */
static bool is_held(const struct sockets *sockets, const struct connection *connection)
{
	const struct object *object = connection->object;
	uint32_t number =
		object ? keys_find(&sockets->objects, &object, sizeof(object)) : KEYS_NONE;

	return number != KEYS_NONE && object->references > sockets->known[number].references;
}

static int may_close_all(struct sockets *sockets, const struct walk *walk)
{
	for (size_t i = 0; i < sockets->count; i++) {
		const struct connection *connection = &sockets->all[i];

		if (!connection->was_closed && is_held(sockets, connection) &&
		    add_closing(sockets, walk, i))
			return -ENOMEM;
	}
	return 0;
}

static int may_close(struct sockets *sockets, const struct walk *walk)
{
	char room[SYSCALL_NAME_BYTES];
	const char *name = walk_syscall(walk, room);
	const struct connection *connection;
	int fd = (int)walk->event.arg[0];

	if (walk->event.type == IGREC_RECORD_EXEC)
		return may_close_all(sockets, walk);
	if (walk->event.type == IGREC_RECORD_EXIT)
		return walk->event.exit.last ? may_close_all(sockets, walk) : 0;
	if (walk->event.type != IGREC_RECORD_SYSCALL)
		return 0;
	if (!strcmp(name, "close_range"))
		return may_close_all(sockets, walk);
	if (!strcmp(name, "dup2") || !strcmp(name, "dup3"))
		fd = (int)walk->event.arg[1];
	else if (strcmp(name, "close") != 0)
		return 0;
	connection = connection_of(sockets, objects_of_fd(walk->objects, fd));
	if (!connection || connection->was_closed)
		return 0;
	return add_closing(sockets, walk, (size_t)(connection - sockets->all));
}

/* What has come to an end before the event in hand, or by the end of the tape. */
static void finish_closings(struct sockets *sockets, uint64_t now_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < sockets->n_closings; i++) {
		const struct socket_closing *closing = &sockets->closings[i];
		struct connection *connection = &sockets->all[closing->connection];

		if (closing->end_ns >= now_ns) {
			sockets->closings[kept++] = *closing;
		} else if (!connection->was_closed && !is_held(sockets, connection)) {
			connection->was_closed = true;
			connection->end_ns = closing->end_ns;
		}
	}
	sockets->n_closings = kept;
}

/* ---- all ---------------------------------------------------------------------------------------
 */

static void note_blindness(struct sockets *sockets, const struct walk *walk)
{
	char room[SYSCALL_NAME_BYTES];

	if (walk->event.type != IGREC_RECORD_SYSCALL)
		return;
	if (walk->act == ACT_PRIVILEGE && !walk->error &&
	    !strcmp(walk_syscall(walk, room), "io_uring_setup"))
		sockets->blind = true;
	/* One number for many calls, whose arguments are not on the tape. */
	if (walk->event.compat && !strcmp(walk_syscall(walk, room), "socketcall"))
		sockets->blind = true;
}

int sockets_take(struct sockets *sockets, const struct walk *walk)
{
	int from, to;

	if (sockets->n_closings)
		finish_closings(sockets, walk->entry->time_ns);
	note_blindness(sockets, walk);
	switch (walk->act) {
	case ACT_CONNECT:
		return begin_connect(sockets, walk);
	case ACT_ACCEPT:
		return begin_accept(sockets, walk);
	case ACT_OPTION:
		ask_option(sockets, walk);
		return 0;
	case ACT_READ:
	case ACT_RECEIVE:
	case ACT_WRITE:
	case ACT_SEND:
		ends_of(walk, &from, &to);
		move(sockets, walk, from, false);
		move(sockets, walk, to, true);
		return 0;
	default:
		return sockets->count ? may_close(sockets, walk) : 0;
	}
}

static bool is_whole(const struct sockets *sockets, const struct timeline *timeline,
		     const struct connection *connection)
{
	struct timeline_whole whole = timeline_whole(timeline);
	uint64_t end_ns = connection->was_closed ? connection->end_ns : timeline_zero_ns(timeline);

	if (sockets->blind || !connection->object)
		return false;
	return connection->start_ns >= whole.since_ns ||
	       (connection->start_ns >= whole.start_from_ns && end_ns <= whole.start_to_ns);
}

static enum socket_state state_of(const struct connection *connection, bool whole)
{
	if (connection->in_flight)
		return SOCKET_CONNECTING;
	if (connection->error && !connection->was_made)
		return SOCKET_FAILED;
	if (!whole)
		return SOCKET_UNKNOWN;
	if (connection->was_closed)
		return SOCKET_CLOSED;
	return connection->was_made ? SOCKET_OPEN : SOCKET_CONNECTING;
}

void sockets_end(struct sockets *sockets, const struct walk *walk)
{
	const struct timeline *timeline = walk->query->timeline;
	const struct filter *filter = walk->query->filter;

	/* To the failure itself. */
	objects_seek(walk->objects, timeline_count(timeline) - 1);
	finish_closings(sockets, UINT64_MAX);
	for (size_t i = 0; i < sockets->count; i++) {
		struct connection *connection = &sockets->all[i];
		const struct object *object = connection->object;
		/* Not held and not closed: its descriptors were lost sight of. */
		bool whole = is_whole(sockets, timeline, connection) &&
			     (connection->was_closed || is_held(sockets, connection));

		connection->state = state_of(connection, whole);
		connection->counted = whole && !connection->uncounted;
		if (!whole)
			connection->end_ns = 0;
		if (object && object->socket.local.bytes)
			connection->local = object->socket.local;
		if (filter && !filter_fits_error(filter, connection->error))
			connection->wanted = false;
	}
}

int sockets_find(struct sockets *sockets, const struct view_query *query)
{
	struct walk walk;
	int err = walk_init(&walk, query);

	while (!err && walk_next(&walk))
		err = sockets_take(sockets, &walk);
	if (!err)
		sockets_end(sockets, &walk);
	walk_done(&walk);
	return err;
}

unsigned connection_family(const struct connection *connection)
{
	uint16_t family = AF_UNSPEC;

	if (connection->object)
		return connection->object->socket.family;
	if (connection->peer.bytes >= sizeof(family))
		memcpy(&family, connection->peer.data, sizeof(family));
	return family;
}

int connection_is_tcp(const struct connection *connection)
{
	unsigned family = connection_family(connection);
	const struct object *object = connection->object;

	if (family != AF_INET && family != AF_INET6)
		return family == AF_UNSPEC ? -1 : 0;
	if (!object)
		return -1;
	return object->socket.type == SOCK_STREAM &&
	       (!object->socket.protocol || object->socket.protocol == IPPROTO_TCP);
}
