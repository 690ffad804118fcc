/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket: one JSON request a connection, NDJSON back, then it closes.
 *
 *   {"verb":"ps"}                      an object per container, then {"type":"node",...}
 *   {"verb":"dump","container":NAME}   {"id":ID,"file":F,"path":P} when the dump is on disk
 *   {"verb":"doctor"}                  {"type":"feature","name":N,"active":B,"text":T} lines
 *   anything else                      {"error":TEXT,"status":1}; 3: nothing matched
 *
 * Only root, and the user that the daemon runs as, get an answer, and only processes of the
 * daemon's own pid namespace: not those of containers.
 */
#ifndef RECORDER_CONTROL_H
#define RECORDER_CONTROL_H

#include <uv.h>

#include "common/json.h"

struct control;
struct control_client;

/* Handles a request: answers with control_reply() any number of times, then control_finish(). */
typedef void (*control_fn)(void *context, struct control_client *client,
			   const struct json *request);

/*
 * Listens on the socket (mode 0600, its directory is made). 0; -EADDRINUSE: someone answers
 * there; -errno.
 */
int control_open(uv_loop_t *loop, const char *path, control_fn fn, void *context,
		 struct control **ret);
/* Stops listening, removes the socket, drops the clients; frees itself once the loop has run. */
void control_close(struct control *control);

/* Queues a line. Takes ownership of json. */
void control_reply(struct control_client *client, struct json *json);
void control_error(struct control_client *client, int status, const char *text);
/* Sends what is queued and closes; the client is not to be used after. */
void control_finish(struct control_client *client);

#endif
