/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's log as its runtime keeps it on the node: where it is, and its last lines.  It may
 * wait for the runtime and reads from the disk: for worker threads.
 */
#ifndef RECORDER_CONTAINER_LOG_H
#define RECORDER_CONTAINER_LOG_H

#include "recorder/identity.h"

struct container_log_settings {
	struct identity_roots roots;
	size_t lines; /* at most; 0: logs are not read */
	size_t bytes;
};

/*
 * Adds the last lines to a snapshot that has none, and where they are from. A log that is not there
 * or cannot be read adds nothing. 0 or -ENOMEM.
 */
int container_log_read(const struct container_log_settings *settings, struct snapshot *snapshot);

#endif
