/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes sent to igrecd's socket: one request, and an end to it, however it is cut into pieces.
 * The first byte says where.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "recorder/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define TURNS_MAX 64 /* of the loop; a request takes far fewer */

static unsigned answered;

/* Looks at what the daemon looks at, and says it back. */
static void on_request(void *context, struct control_client *client, const struct json *request)
{
	const char *container = json_get_text(request, "container");
	const char *verb = json_get_text(request, "verb");
	struct json *json = json_new_object();

	answered++;
	json_add_text(json, "verb", verb);
	json_add_text(json, "container", container);
	control_reply(client, json);
	if (!container)
		control_error(client, 1, "unknown verb");
	control_finish(client);
}

static const struct sockaddr_un *address(void)
{
	static struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (!address.sun_path[0])
		snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/igrec-fuzz-%d.sock",
			 (int)getpid());
	return &address;
}

static void turn(uv_loop_t *loop, int times)
{
	for (int i = 0; i < times; i++)
		uv_run(loop, UV_RUN_NOWAIT);
}

/* Sends the input in two pieces, and hangs up. Returns whether there was an answer. */
static bool ask(uv_loop_t *loop, const uint8_t *data, size_t bytes)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	size_t first = bytes ? data[0] % (bytes + 1) : 0;
	char answer[64];

	if (connect(fd, (const struct sockaddr *)address(), sizeof(struct sockaddr_un)))
		abort();
	send(fd, data, first, MSG_NOSIGNAL);
	turn(loop, 3);
	send(fd, data + first, bytes - first, MSG_NOSIGNAL);
	turn(loop, 6);
	return recv(fd, answer, sizeof(answer), 0) > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static uv_loop_t loop;
	struct control *control;
	bool heard;

	uv_loop_init(&loop);
	answered = 0;
	if (control_open(&loop, address()->sun_path, on_request, NULL, &control))
		abort();
	heard = ask(&loop, data, bytes);
	turn(&loop, 3);
	if (answered > 1 || (answered && !heard))
		abort();
	control_close(control);
	for (int i = 0; i < TURNS_MAX && uv_loop_alive(&loop); i++)
		uv_run(&loop, UV_RUN_NOWAIT);
	if (uv_loop_close(&loop))
		abort();
	return 0;
}
