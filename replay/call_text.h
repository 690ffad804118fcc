/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments and results of syscalls, signals, errnos and wait statuses as text. */
#ifndef REPLAY_CALL_TEXT_H
#define REPLAY_CALL_TEXT_H

#include "common/buf.h"
#include "decode/value.h"

/*
 * The arguments of a syscall record, or file and argv of an exec record, with ", " between.
 * objects: names what descriptors refer to; may be NULL.
 */
void arguments_text(struct buf *out, enum arch arch, const struct event *event,
		    const struct objects *objects);
/* "3", "0x7f...", "-1 ENOENT (No such file or directory)", "? ERESTARTSYS (...)". */
void result_text(struct buf *out, const struct result *result);

/* What a result that is a descriptor refers to; NULL: it is none, or not known. objects: or NULL.
 */
const struct object *result_object(const struct result *result, const struct objects *objects);
/* "</etc/passwd>" behind such a result. */
void result_object_text(struct buf *out, const struct result *result,
			const struct objects *objects);

/* Signals whose siginfo holds the address of the fault. */
bool signal_has_address(int signal);
/* NULL for 0. */
void pointer_text(struct buf *out, uint64_t pointer);

/* Names; of a number without one "SIG99", "77", "E4000". */
void signal_text(struct buf *out, int signal);
void signal_code_text(struct buf *out, int signal, int code);
void errno_text_short(struct buf *out, int error);
/* "exited with 1", "killed by SIGSEGV (core dumped)" of a wait status. */
void status_text(struct buf *out, int status);

#endif
