/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Syscalls by what a program wants with them: the rules speak of opening and connecting, not of
 * openat2 and sendmmsg.
 */
#ifndef REPLAY_ACT_H
#define REPLAY_ACT_H

#include "decode/event.h"
#include "decode/syscall_table.h"

enum act_kind {
	ACT_OTHER,
	ACT_OPEN,
	ACT_LOOK,      /* stat, access, readlink: whether and what a path is */
	ACT_CHANGE,    /* of a path: mkdir, unlink, rename, chmod, chown, link, mknod, truncate */
	ACT_DIRECTORY, /* chdir, chroot */
	ACT_EXEC,
	ACT_FORK,
	ACT_CONNECT,
	ACT_BIND,
	ACT_LISTEN,
	ACT_ACCEPT,
	ACT_SOCKET,
	ACT_SEND,
	ACT_RECEIVE,
	ACT_OPTION, /* getsockopt, setsockopt */
	ACT_READ,
	ACT_WRITE,
	ACT_SYNC,
	ACT_ALLOCATE, /* fallocate, ftruncate: room in a file */
	ACT_LOCK,
	ACT_MEMORY,
	ACT_WAIT,  /* for a process */
	ACT_SLEEP, /* for a time, a signal, or whatever descriptor is ready */
	ACT_FUTEX,
	ACT_DESCRIPTOR, /* makes one more: dup, pipe, epoll_create, eventfd */
	ACT_PRIVILEGE,	/* what takes a capability: setuid, mount, settimeofday */
	ACT_LIMIT,
	ACT_KILL,
	ACT_TIDY, /* what any program does while it ends: close, munmap, sigaction */
	ACT_KINDS,
};
#define ACT_BIT(kind) (1U << (kind))

/* Kinds by number, for one architecture. */
struct act_table {
	uint8_t kind[2][IGREC_SYSCALLS_MAX]; /* native, compat */
};
void act_table_init(struct act_table *table, enum arch arch);

/*
 * Of a syscall or exec record; fcntl is a lock only if its command says so. Of 32-bit programs,
 * whose numbers are others', the second tells alone; the first says ACT_OTHER.
 */
enum act_kind act_kind_of(const struct act_table *table, enum arch arch, const struct event *event);

enum act_kind act_kind_of_any(const struct act_table *table, enum arch arch,
			      const struct event *event);

/* "open", "connect to": what the program tried, before the object; NULL if there is no word. */
const char *act_verb(enum act_kind kind);

/* A positive errno, or 0 for a call that did not fail. */
int act_error(const struct event *event);

#endif
