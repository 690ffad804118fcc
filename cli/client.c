/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talks to igrecd. What it answers is checked like any input: lines are bounded, each must be an
 * object, and silence for too long is an error.
 */
#include "cli/client.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "cli/dumps.h"
#include "common/buf.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"

#define LINE_BYTES_MAX	(1 << 20)
#define TIMEOUT_SECONDS 30 /* a snapshot of a large ring is compressed and synced in that time */

static int connect_to(const char *path, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval timeout = {.tv_sec = TIMEOUT_SECONDS};
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int client_probe(const char *socket_path)
{
	AUTO_CLOSE int fd = -1;

	return connect_to(socket_path, &fd);
}

static void say_not_connected(const char *path, int err)
{
	if (err == -ENOENT || err == -ECONNREFUSED)
		log_error("igrecd does not run here (nothing answers at %s): start it, or name its "
			  "socket with --socket PATH",
			  path);
	else if (err == -EACCES || err == -EPERM)
		log_error("not permitted to talk to igrecd at %s: run as root", path);
	else
		log_error("cannot connect to igrecd at %s: %s", path, strerror(-err));
}

static int send_request(int fd, const char *verb, const char *container)
{
	struct json *request = json_new_object();
	struct buf line = {0};
	size_t sent = 0;
	int err;

	json_add_text(request, "verb", verb);
	if (container)
		json_add_text(request, "container", container);
	err = json_write(request, &line);
	json_free(request);
	buf_add_char(&line, '\n');
	while (!err && sent < line.bytes) {
		ssize_t n = send(fd, line.data + sent, line.bytes - sent, MSG_NOSIGNAL);

		if (n >= 0)
			sent += (size_t)n;
		else if (errno != EINTR)
			err = -errno;
	}
	buf_done(&line);
	return err;
}

/* {"error":TEXT,"status":N} */
static enum cli_status take_error(const struct json *object)
{
	const char *text = json_get_text(object, "error");
	int64_t status = CLI_FAILED;

	if (!text)
		return CLI_DONE;
	log_error("%s", text);
	json_get_int(object, "status", &status);
	return status == CLI_NO_MATCH ? CLI_NO_MATCH : CLI_FAILED;
}

static enum cli_status take_line(const char *line, size_t bytes, client_line_fn *on_line,
				 void *user)
{
	struct json *object = NULL;
	enum cli_status status;

	if (json_parse(line, bytes, &object)) {
		log_error("igrecd answered with something that is no JSON: are igrec and igrecd of "
			  "the same version?");
		return CLI_FAILED;
	}
	status = take_error(object);
	if (!status)
		status = on_line(object, user);
	json_free(object);
	return status;
}

/* Hands out the whole lines that are in the buffer and keeps the rest. */
static enum cli_status take_lines(struct buf *in, client_line_fn *on_line, void *user)
{
	enum cli_status status = CLI_DONE;
	size_t done = 0;
	char *end;

	while (!status && (end = memchr(in->data + done, '\n', in->bytes - done))) {
		size_t bytes = (size_t)(end - in->data) - done;

		if (bytes)
			status = take_line(in->data + done, bytes, on_line, user);
		done += bytes + 1;
	}
	memmove(in->data, in->data + done, in->bytes - done);
	in->bytes -= done;
	return status;
}

static enum cli_status read_answer(int fd, struct buf *in, client_line_fn *on_line, void *user)
{
	char chunk[16384];

	for (;;) {
		ssize_t n = recv(fd, chunk, sizeof(chunk), 0);
		enum cli_status status;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			log_error("igrecd gave no answer: %s",
				  errno == EAGAIN ? "it was silent for too long" : strerror(errno));
			return CLI_FAILED;
		}
		if (!n)
			break;
		buf_add(in, chunk, (size_t)n);
		if (in->failed || in->bytes > LINE_BYTES_MAX) {
			log_error("igrecd's answer has a line that is too long");
			return CLI_FAILED;
		}
		status = take_lines(in, on_line, user);
		if (status)
			return status;
	}
	if (!in->bytes)
		return CLI_DONE;
	log_error("igrecd's answer ended in the middle: see its log");
	return CLI_FAILED;
}

enum cli_status client_request(struct cli *cli, const char *verb, const char *container,
			       client_line_fn *on_line, void *user)
{
	AUTO_CLOSE int fd = -1;
	struct buf in = {0};
	enum cli_status status;
	int err;

	if (cli_load_config(cli))
		return CLI_FAILED;
	err = connect_to(cli->config.socket, &fd);
	if (err) {
		say_not_connected(cli->config.socket, err);
		return CLI_FAILED;
	}
	err = send_request(fd, verb, container);
	if (err) {
		log_error("cannot ask igrecd at %s: %s", cli->config.socket, strerror(-err));
		return CLI_FAILED;
	}
	status = read_answer(fd, &in, on_line, user);
	buf_done(&in);
	return status;
}

enum cli_status client_put(const struct json *object)
{
	struct json *out = json_new_object();

	if (!json_get(object, "schema"))
		json_add_int(out, "schema", 1);
	json_add_members(out, object);
	return dumps_put_json(out, stdout);
}
