/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What igrecd may still do once it is set up: a few capabilities, a list of system calls, nothing
 * new by execve.  The one home of libseccomp in the programs.
 */
#ifndef RECORDER_SANDBOX_H
#define RECORDER_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * To be called before the first worker thread is started, as capabilities are a thread's own; the
 * filter holds for threads that are there, too. foreign_store: the store is another user's, which
 * takes a capability more. What cannot be had is left out: recording matters
 * more. 0, or the first -errno, with *ret_what saying what failed.
 */
int sandbox_enter(bool foreign_store, const char **ret_what);

/* For a child that looks at what containers wrote: no capability at all. */
void sandbox_drop_capabilities(void);

/* What holds for the calling thread, as the kernel tells. */
struct sandbox_state {
	uint64_t capabilities; /* bit 1 << CAP_* */
	bool filtered, no_new_privileges;
};
/* 0 or -errno. */
int sandbox_look(struct sandbox_state *ret);

/* The names of capabilities, separated by spaces; "none". */
void sandbox_capability_names(uint64_t capabilities, char *ret, size_t room);

#endif
