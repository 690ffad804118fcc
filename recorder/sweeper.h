/* SPDX-License-Identifier: Apache-2.0 */
/* Retention on schedule: a timer, and a job in a worker thread. */
#ifndef RECORDER_SWEEPER_H
#define RECORDER_SWEEPER_H

#include <uv.h>

#include "common/config.h"
#include "storage/store.h"

/* Zero-initialised is not started. */
struct sweeper {
	const struct config *config; /* borrowed, as the store */
	struct store *store;
	uv_timer_t timer;
	uv_work_t work;
	bool running; /* the job */
	int swept;    /* by the job: how many dumps went, or -errno */
	int told;     /* the error that was logged last; 0: none since it worked */
	void (*on_idle)(void *context);
	void *context;
};

/* The first sweep comes after one interval. on_idle is called when a job has ended. */
void sweeper_start(struct sweeper *sweeper, uv_loop_t *loop, const struct config *config,
		   struct store *store, void (*on_idle)(void *context), void *context);
/* Ends the schedule; a job that runs still ends. Also for one that was not started. */
void sweeper_stop(struct sweeper *sweeper);

#endif
