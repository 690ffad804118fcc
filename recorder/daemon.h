/* SPDX-License-Identifier: Apache-2.0 */
/* igrecd at work: the loop with its sources (notices, clock, signals, socket) and jobs. */
#ifndef RECORDER_DAEMON_H
#define RECORDER_DAEMON_H

#include "common/config.h"

struct daemon_settings {
	struct config *config; /* a reload changes it */
	/* For SIGHUP: reads all settings anew. 0, or -errno after having said why in the log. */
	int (*read_config)(void *context, struct config *ret);
	void *context;
};

/* Sets up, says "ready", records until SIGTERM or SIGINT, finishes its dumps. Exit status. */
int daemon_run(const struct daemon_settings *settings);

#endif
