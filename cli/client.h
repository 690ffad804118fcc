/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The side of igrecd's socket that asks: one JSON line out, JSON lines back until igrecd closes.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stdbool.h>

#include "cli/cli.h"

struct json;

/* Called for each line; the object is the client's. Not CLI_DONE ends the request. */
typedef enum cli_status client_line_fn(const struct json *object, void *user);

/*
 * Sends {"verb":VERB} or {"verb":VERB,"container":CONTAINER} (container may be NULL).
 * CLI_DONE after the last line; CLI_FAILED or what igrecd's error says, told on stderr.
 */
enum cli_status client_request(struct cli *cli, const char *verb, const char *container,
			       client_line_fn *on_line, void *user);

/* Writes an answer to stdout as a line of JSON with "schema":1 first. */
enum cli_status client_put(const struct json *object);

/* Whether something answers on the socket: 0 or -errno of connecting to it. */
int client_probe(const char *socket_path);

#endif
