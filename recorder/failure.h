/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What counts as a failure: pure rules over what the kernel reported, so that they can be read
 * and tested without one.
 */
#ifndef RECORDER_FAILURE_H
#define RECORDER_FAILURE_H

#include "dumper/snapshot.h"

struct failure_policy {
	uint64_t kinds;		   /* bit 1 << enum failure_kind: wanted */
	uint64_t stop_signals;	   /* bit 1 << signal: sent from outside they stop, not fail */
	uint64_t child_signals;	   /* bit 1 << signal: a child's death by it is a failure */
	uint64_t ignored_codes[4]; /* bit by exit code: no failure of kind exit */
};

/* A process' end as the kernel reported it. */
struct failure_end {
	int32_t wait_status; /* waitpid(2) */
	bool is_init;	     /* of the container */
	bool oom_victim;     /* the OOM killer had chosen it */
};

/* The kind of failure that an end is, or false: none, or not a wanted one. */
bool failure_judge(const struct failure_policy *policy, const struct failure_end *end,
		   struct failure *ret);

/*
 * True if the end was a stop: the process died by one of the stop signals, or exited with 128 + it,
 * and the last such signal event on the tape for that process was sent from outside the container.
 */
bool failure_is_stop(const struct failure_policy *policy, const struct snapshot *snapshot);

/* Whether it could have been a stop, before there is a snapshot to look at. */
bool failure_may_be_stop(const struct failure_policy *policy, const struct failure *failure);

/* At most `limit` in a window, which begins with the first after the last one ended. */
struct failure_limit {
	uint64_t window_ns;
	uint64_t limit;	   /* 0: none */
	uint64_t begin_ns; /* of the current window */
	uint64_t count;	   /* in it */
	uint64_t refused;  /* in it */
};
/* Takes one, or counts a refusal: refused == 1 is the first of the window, worth a word. */
bool failure_limit_take(struct failure_limit *limit, uint64_t now_ns);
/* Counts one that is not to be refused. */
void failure_limit_note(struct failure_limit *limit, uint64_t now_ns);
/* Whether the next one is the first of its window. */
bool failure_limit_is_new(const struct failure_limit *limit, uint64_t now_ns);

/*
 * A limit for each of many keys, the same for all.  A container that is restarted is a new one to
 * the kernel: its limit lives here, under a key of its name.
 */
#define FAILURE_LIMITS_MAX 1024
struct failure_limits {
	uint64_t window_ns;
	uint64_t limit; /* 0: none */
	size_t count;
	struct {
		uint64_t key;
		struct failure_limit limit;
	} of[FAILURE_LIMITS_MAX];
};
/* The limit of a key. Of more keys than there is room for, the one that began first is let go. */
struct failure_limit *failure_limits_of(struct failure_limits *limits, uint64_t key);

#endif
