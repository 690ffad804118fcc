/* SPDX-License-Identifier: Apache-2.0 */
/* sd_notify(3), by hand. */
#ifndef RECORDER_NOTIFY_H
#define RECORDER_NOTIFY_H

/* Tells the service manager, if $NOTIFY_SOCKET names one, that the service is ready. */
void notify_ready(void);

#endif
