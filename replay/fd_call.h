/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record does to the descriptors and the working directory of its task, by the syscall's
 * number and arguments alone.
 */
#ifndef REPLAY_FD_CALL_H
#define REPLAY_FD_CALL_H

#include "decode/event.h"
#include "decode/syscall_table.h"
#include "replay/fd_table.h"

enum fd_call_kind {
	FD_CALL_NONE, /* nothing */
	/* The result is a new descriptor: */
	FD_CALL_OPEN,	/* of a path */
	FD_CALL_QUEUE,	/* of a message queue's name */
	FD_CALL_SOCKET, /* of family, type and protocol */
	FD_CALL_ACCEPT,
	FD_CALL_NAMED, /* of something that has only a kind */
	FD_CALL_MEMFD,
	FD_CALL_DUP,
	FD_CALL_UNNAMED, /* of what its capture says */
	/* Descriptors: */
	FD_CALL_PAIR, /* two new ones, in memory */
	FD_CALL_SET_CLOEXEC,
	FD_CALL_BPF,	     /* its command says of what */
	FD_CALL_MULTIPLEXED, /* its first argument says which of the others */
	FD_CALL_CLOSE,
	FD_CALL_CLOSE_RANGE,
	FD_CALL_RECEIVE,   /* some, perhaps */
	FD_CALL_IO_URING,  /* from here on without syscalls; the result is the ring */
	FD_CALL_IO_SUBMIT, /* operations of which nothing is known */
	/* Sockets: */
	FD_CALL_LOCAL,
	FD_CALL_PEER,
	/* The task: */
	FD_CALL_CHDIR,
	FD_CALL_FCHDIR,
	FD_CALL_GETCWD,
	/* Names of files: */
	FD_CALL_UNLINK,
	FD_CALL_RENAME, /* `dir` and `path` of the old one, those of the new one behind */
	FD_CALL_MOUNT,
	FD_CALL_ROOT, /* paths mean something else from here on */
	FD_CALL_UNSHARE,
	FD_CALL_CLONE,
	FD_CALL_FORKED,
	FD_CALL_EXEC,
	FD_CALL_EXIT,
};

#define FD_CALL_NO_ARG 0xff

struct fd_call {
	enum fd_call_kind kind;
	uint8_t dir;  /* open: argument that is the directory; FD_CALL_NO_ARG: the working one */
	uint8_t path; /* open, chdir: argument that is the path */
	uint8_t pair; /* argument whose memory has the two descriptors */
	enum cloexec cloexec; /* of what is new */
	const char *name;     /* FD_CALL_NAMED, and pairs that are no sockets */
};

/* The same for each arch: what rows of the table mean. Filled once. */
struct fd_calls {
	uint8_t row[2][IGREC_SYSCALLS_MAX]; /* native, compat */
};
void fd_calls_init(struct fd_calls *calls, enum arch arch);

/* Whether a syscall of that number may be more than FD_CALL_NONE. */
bool fd_calls_has(const struct fd_calls *calls, unsigned nr, bool compat);
/* What a record does. Calls that failed do nothing, but for a close. */
struct fd_call fd_call_of(const struct fd_calls *calls, const struct event *event);

/* Descriptors that a call makes anew or closes. Returns how many, 0-2. */
unsigned fd_call_changes(const struct fd_call *call, const struct event *event, int ret_fds[2]);

/* Flags of the clone that a FD_CALL_CLONE is; false if they are not known. */
bool fd_call_clone_flags(const struct event *event, enum arch arch, uint64_t *ret);

#endif
