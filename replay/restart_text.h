/* SPDX-License-Identifier: Apache-2.0 */
/* The argument that strace gives to restart_syscall(2): what the kernel goes on with. */
#ifndef REPLAY_RESTART_TEXT_H
#define REPLAY_RESTART_TEXT_H

#include "replay/render.h"

/*
 * Appends "<... resuming interrupted clock_nanosleep ...>" if the entry at render->index is a
 * restart_syscall, and says whether it is. If the tape lacks the interrupted call: "system call".
 */
bool restart_text(struct buf *out, const struct render *render, const struct event *event);

#endif
