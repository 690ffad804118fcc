/* SPDX-License-Identifier: Apache-2.0 */
/* view tcp: connections made and accepted, what became of them, and what was moved. */
#include "decode/names.h"
#include "replay/call_object.h"
#include "view/sockets.h"
#include "view/views.h"

enum {
	TCP_OPERATION = TASK_COLUMNS,
	TCP_LOCAL,
	TCP_PEER,
	TCP_STATE,
	TCP_ERROR,
	TCP_LATENCY,
	TCP_SENT,
	TCP_RECEIVED,
	TCP_DURATION,
	TCP_FD,
	TCP_PROTOCOL,
	TCP_COLUMNS,
};

static const struct view_column columns[TCP_COLUMNS] = {
	TASK_COLUMN_ROWS,
	[TCP_OPERATION] = VIEW_COLUMN("operation", "OPERATION", VIEW_TEXT),
	[TCP_LOCAL] = VIEW_COLUMN("local", "LOCAL", VIEW_TEXT),
	[TCP_PEER] = VIEW_COLUMN("peer", "PEER", VIEW_TEXT),
	[TCP_STATE] = VIEW_COLUMN("state", "STATE", VIEW_TEXT),
	[TCP_ERROR] = VIEW_COLUMN("error", "ERROR", VIEW_TEXT),
	[TCP_LATENCY] = VIEW_COLUMN("latency_ns", "LATENCY", VIEW_DURATION_NS, .right = true),
	[TCP_SENT] = VIEW_COLUMN("sent_bytes", "SENT", VIEW_BYTES, .right = true),
	[TCP_RECEIVED] = VIEW_COLUMN("received_bytes", "RECEIVED", VIEW_BYTES, .right = true),
	[TCP_DURATION] = VIEW_COLUMN("duration_ns", "DURATION", VIEW_DURATION_NS, .right = true),
	[TCP_FD] = VIEW_COLUMN("fd", "FD", VIEW_INT, .right = true, .wide = true),
	[TCP_PROTOCOL] = VIEW_COLUMN("protocol", "PROTOCOL", VIEW_TEXT, .wide = true),
};

static void set_address(struct view_rows *rows, unsigned column,
			const struct object_address *address)
{
	call_address_text(rows_begin_text(rows, column), address->data, address->bytes);
	rows_end_text(rows, column);
}

static int make_row(const struct walk *walk, const struct connection *connection,
		    struct view_rows *rows)
{
	walk_set_task(walk, rows);
	rows_set_string(rows, TCP_OPERATION, connection->accepted ? "accept" : "connect");
	set_address(rows, TCP_LOCAL, &connection->local);
	set_address(rows, TCP_PEER, &connection->peer);
	rows_set_string(rows, TCP_STATE, socket_state_name(connection->state));
	if (connection->error)
		rows_set_string(rows, TCP_ERROR, errno_name(connection->error));
	if (connection->latency_ns)
		rows_set_int(rows, TCP_LATENCY, (int64_t)connection->latency_ns);
	if (connection->counted) {
		rows_set_int(rows, TCP_SENT, (int64_t)connection->sent);
		rows_set_int(rows, TCP_RECEIVED, (int64_t)connection->received);
	}
	if (connection->end_ns && connection->was_made)
		rows_set_int(rows, TCP_DURATION,
			     (int64_t)(connection->end_ns - connection->start_ns));
	rows_set_int(rows, TCP_FD, connection->fd);
	if (connection->object)
		rows_set_string(rows, TCP_PROTOCOL,
				object_protocol_name(&connection->object->socket));
	return rows_put(rows);
}

static int make_rows(const struct sockets *sockets, const struct view_query *query,
		     struct view_rows *rows)
{
	struct walk walk;
	int err = 0;

	walk_init_plain(&walk, query);
	for (size_t i = 0; !err && i < sockets->count; i++) {
		const struct connection *connection = &sockets->all[i];

		if (!connection->wanted || !connection_is_tcp(connection))
			continue;
		walk_go(&walk, connection->entry);
		err = make_row(&walk, connection, rows);
	}
	return err;
}

static int make(const struct view_query *query, struct view_rows *rows)
{
	struct sockets sockets = {0};
	int err = sockets_find(&sockets, query);

	if (!err)
		err = make_rows(&sockets, query, rows);
	sockets_done(&sockets);
	return err;
}

const struct view view_tcp = {
	.name = "tcp",
	.table = "connections",
	.help = "connections made and accepted: peers, errors, bytes, how long",
	.columns = columns,
	.n_columns = TCP_COLUMNS,
	.make = make,
};
