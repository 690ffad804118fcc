/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The socket's side of the control protocol; what the verbs do is the daemon's.  A client lives
 * from its connection until its handle is closed: either side may end it at any time, and a
 * request that is still being worked on then only loses its reader.
 */
#include "recorder/control.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/cleanup.h"

#define REQUEST_BYTES_MAX 4096
#define CLIENTS_MAX	  16

struct control {
	uv_pipe_t listener;
	control_fn fn;
	void *context;
	struct control_client *clients;
	unsigned n_clients;
};

struct control_client {
	uv_pipe_t pipe;
	uv_write_t write;
	struct control *control; /* NULL once that is closed */
	struct control_client *next;
	char request[REQUEST_BYTES_MAX];
	size_t request_bytes;
	struct buf reply;
	bool working; /* handed to fn, control_finish() is still to come */
	bool closing;
};

static void forget(struct control_client *client)
{
	struct control_client **link;

	if (!client->control)
		return;
	for (link = &client->control->clients; *link; link = &(*link)->next)
		if (*link == client)
			break;
	if (*link)
		*link = client->next;
	client->control->n_clients--;
	client->control = NULL;
}

static void free_client(struct control_client *client)
{
	forget(client);
	buf_done(&client->reply);
	free(client);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct control_client *client = handle->data;

	client->closing = true;
	if (!client->working)
		free_client(client);
}

static void close_client(struct control_client *client)
{
	if (!uv_is_closing((uv_handle_t *)&client->pipe))
		uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

static void on_written(uv_write_t *write, int status)
{
	close_client(write->data);
}

void control_reply(struct control_client *client, struct json *json)
{
	json_write(json, &client->reply);
	buf_add_char(&client->reply, '\n');
	json_free(json);
}

void control_error(struct control_client *client, int status, const char *text)
{
	struct json *json = json_new_object();

	json_add_text(json, "error", text);
	json_add_int(json, "status", status);
	control_reply(client, json);
}

void control_finish(struct control_client *client)
{
	uv_buf_t data = uv_buf_init(client->reply.data, client->reply.bytes);

	client->working = false;
	if (client->closing) {
		free_client(client);
		return;
	}
	client->write.data = client;
	if (uv_write(&client->write, (uv_stream_t *)&client->pipe, &data, 1, on_written))
		close_client(client);
}

static void handle_request(struct control_client *client)
{
	struct json *request = NULL;

	client->working = true;
	uv_read_stop((uv_stream_t *)&client->pipe);
	if (json_parse(client->request, client->request_bytes, &request)) {
		control_error(client, 1, "the request is not JSON");
		control_finish(client);
		return;
	}
	client->control->fn(client->control->context, client, request);
	json_free(request);
}

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *ret)
{
	struct control_client *client = handle->data;

	*ret = uv_buf_init(client->request + client->request_bytes,
			   REQUEST_BYTES_MAX - client->request_bytes);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
	struct control_client *client = stream->data;
	char *end;

	if (got < 0) {
		close_client(client);
		return;
	}
	client->request_bytes += got;
	end = memchr(client->request, '\n', client->request_bytes);
	if (end) {
		client->request_bytes = end - client->request;
		handle_request(client);
	} else if (client->request_bytes == REQUEST_BYTES_MAX) {
		close_client(client);
	}
}

/*
 * Root in a container that was given the socket's directory is not the node's root: it lives in
 * another pid namespace than igrecd.
 */
static bool is_neighbour(pid_t pid)
{
	struct stat theirs, ours;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)pid);
	return pid > 0 && !stat(path, &theirs) && !stat("/proc/self/ns/pid", &ours) &&
	       theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
}

static bool is_allowed(const uv_pipe_t *pipe)
{
	struct ucred peer;
	socklen_t bytes = sizeof(peer);
	int fd;

	if (uv_fileno((const uv_handle_t *)pipe, &fd) ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &bytes))
		return false;
	return (peer.uid == 0 || peer.uid == geteuid()) && is_neighbour(peer.pid);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct control *control = listener->data;
	struct control_client *client;

	if (status < 0)
		return;
	client = calloc(1, sizeof(*client));
	if (!client)
		return;
	uv_pipe_init(listener->loop, &client->pipe, 0);
	client->pipe.data = client;
	client->control = control;
	client->next = control->clients;
	control->clients = client;
	control->n_clients++;
	if (uv_accept(listener, (uv_stream_t *)&client->pipe) || !is_allowed(&client->pipe) ||
	    control->n_clients > CLIENTS_MAX ||
	    uv_read_start((uv_stream_t *)&client->pipe, give_room, on_read))
		close_client(client);
}

/* A socket file that nobody answers on is a leftover. */
static int remove_leftover(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	if (fd < 0)
		return -errno;
	memcpy(address.sun_path, path, strnlen(path, sizeof(address.sun_path) - 1));
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return -EADDRINUSE;
	if (errno == ECONNREFUSED && !lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
	return 0;
}

static int make_directory(const char *path)
{
	AUTO_FREE char *parent = strdup(path);
	char *slash = parent ? strrchr(parent, '/') : NULL;

	if (!parent)
		return -ENOMEM;
	if (!slash || slash == parent)
		return 0;
	*slash = 0;
	return mkdir(parent, 0755) && errno != EEXIST ? -errno : 0;
}

static int bind_and_listen(struct control *control, const char *path)
{
	mode_t before = umask(0177);
	int err = uv_pipe_bind(&control->listener, path);

	umask(before);
	if (!err)
		err = uv_listen((uv_stream_t *)&control->listener, CLIENTS_MAX, on_connection);
	return err;
}

static void on_listener_closed(uv_handle_t *handle)
{
	free(handle->data);
}

int control_open(uv_loop_t *loop, const char *path, control_fn fn, void *context,
		 struct control **ret)
{
	struct control *control;
	int err = make_directory(path);

	if (!err)
		err = remove_leftover(path);
	if (err)
		return err;
	control = calloc(1, sizeof(*control));
	if (!control)
		return -ENOMEM;
	control->fn = fn;
	control->context = context;
	uv_pipe_init(loop, &control->listener, 0);
	control->listener.data = control;
	err = bind_and_listen(control, path);
	if (err) {
		uv_close((uv_handle_t *)&control->listener, on_listener_closed);
		return err;
	}
	*ret = control;
	return 0;
}

void control_close(struct control *control)
{
	if (!control)
		return;
	while (control->clients) {
		struct control_client *client = control->clients;

		forget(client);
		close_client(client);
	}
	uv_close((uv_handle_t *)&control->listener, on_listener_closed); /* unlinks the socket */
}
