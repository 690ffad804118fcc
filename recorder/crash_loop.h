/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers that end with status 0, or are stopped, and are started again and again: a loop that
 * no single end shows.
 */
#ifndef RECORDER_CRASH_LOOP_H
#define RECORDER_CRASH_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRASH_LOOPS_MAX 256

struct crash_loops {
	uint64_t limit;	    /* ends that make a loop; 0: never */
	uint64_t window_ns; /* each must come within it after the one before */
	size_t count;
	struct crash_loop {
		uint64_t key;
		uint64_t ends; /* one soon after the other */
		uint64_t last_ns;
	} of[CRASH_LOOPS_MAX];
};

enum crash_loop_how {
	CRASH_LOOP_DONE,    /* status 0 */
	CRASH_LOOP_STOPPED, /* a signal from outside told it to end */
};

struct crash_loop_end {
	enum crash_loop_how how;
	uint64_t key; /* of the container: the same after a restart */
	uint64_t started_ns, ended_ns;
	int64_t restart; /* as the runtime counts; -1: it does not tell */
};

/*
 * Notes an end. True if it is to be told as a loop: at the limit, and again each time that the
 * number of ends has doubled, as a loop of this kind may go on for weeks.
 *
 * Where the runtime counts restarts, 0 begins anew; where it does not, so does a container that was
 * started more than CRASH_LOOP_PAUSE_NS after the last end: that is a job, not a restart.
 *
 * A stop is noted only where restarts are counted, and told only after one: Kubernetes starts a
 * container again in its pod if a probe had it stopped, and never if somebody deleted the pod.
 * Elsewhere it is somebody's wish. (The stop that is told may itself be a deletion.)
 */
#define CRASH_LOOP_PAUSE_NS 15000000000ULL
bool crash_loop_note(struct crash_loops *loops, const struct crash_loop_end *end);

#endif
