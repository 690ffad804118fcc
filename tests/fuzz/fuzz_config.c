/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a configuration file: accepted, or refused with a reason.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* A file of the input, and the name it can be opened by. -1 if there is no room. */
static int file_of(const uint8_t *data, size_t bytes, char *ret_path, size_t room)
{
	AUTO_CLOSE int fd = memfd_create("igrec.conf", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes)
		return -1;
	snprintf(ret_path, room, "/proc/self/fd/%d", fd);
	return TAKE_FD(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct config config;
	struct config_error why = {};
	char path[64];
	AUTO_CLOSE int fd = file_of(data, bytes, path, sizeof(path));
	int err;

	if (fd < 0)
		return 0;
	config_init(&config);
	err = config_load(&config, path, &why);
	if (!err)
		err = config_check(&config, &why);
	if (err && !why.text[0])
		abort();
	if (!err && (config.ring_bytes % IGREC_BLOCK_BYTES || !config.ring_bytes ||
		     !config.store[0] || config.start_percent + config.vital_percent > 90))
		abort();
	return 0;
}
