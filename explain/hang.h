/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process was in when it was killed: waiting for something that did not come, or busy
 * without end.
 */
#ifndef EXPLAIN_HANG_H
#define EXPLAIN_HANG_H

#include "explain/facts.h"

enum hang_kind {
	HANG_NONE,     /* working, or waiting as servers do */
	HANG_DEADLOCK, /* all threads wait for each other */
	HANG_WAITING,  /* for a lock, a peer, a disk, a reader */
	HANG_BUSY,     /* computing without a system call */
	HANG_LOOP,     /* the same few calls again and again */
};

struct hang {
	enum hang_kind kind;
	uint64_t since_ns; /* for how long, at the end */
	unsigned threads;  /* that are in it */
	size_t entry;	   /* that shows it; valid unless it is busy */
	bool has_entry;
	struct buf object; /* what is waited for, unescaped; empty if that is not known */
};

/* 0 or -ENOMEM. To be freed with hang_done(). */
int hang_of(const struct facts *facts, uint32_t process, struct hang *ret);
void hang_done(struct hang *hang);

#endif
