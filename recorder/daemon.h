/* SPDX-License-Identifier: Apache-2.0 */
/* igrecd at work: the loop with its sources (notices, clock, signals, socket) and jobs. */
#ifndef RECORDER_DAEMON_H
#define RECORDER_DAEMON_H

#include "common/config.h"
#include "recorder/identity.h"

struct daemon_settings {
	const struct config *config;
	struct identity_roots roots;
	bool no_task_storage;
};

/* Sets up, says "ready", records until SIGTERM or SIGINT, finishes its dumps. Exit status. */
int daemon_run(const struct daemon_settings *settings);

#endif
