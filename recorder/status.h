/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon says about itself over the control socket. */
#ifndef RECORDER_STATUS_H
#define RECORDER_STATUS_H

#include "recorder/dump_queue.h"
#include "recorder/recorder.h"

/* An object for each recorded container, then one for the node. */
void status_containers(const struct recorder *recorder, const struct hooks *hooks,
		       const struct rings *rings, const struct dump_queue *dumps,
		       struct control_client *client);
/* An object for each feature that was probed. */
void status_features(const struct hooks *hooks, struct control_client *client);

#endif
