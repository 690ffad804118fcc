/* SPDX-License-Identifier: Apache-2.0 */
/* One datagram to the service manager. Whether it arrives is the manager's concern. */
#include "recorder/notify.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/cleanup.h"

void notify_ready(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	AUTO_CLOSE int fd = -1;
	size_t bytes;

	if (!path || (path[0] != '/' && path[0] != '@'))
		return;
	bytes = strnlen(path, sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, bytes);
	if (path[0] == '@')
		address.sun_path[0] = 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		sendto(fd, "READY=1", 7, 0, (struct sockaddr *)&address,
		       offsetof(struct sockaddr_un, sun_path) + bytes);
}
