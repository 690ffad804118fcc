/* SPDX-License-Identifier: Apache-2.0 */
/* Between the loop and storage/retention: dumps are listed and removed off the loop. */
#include "recorder/sweeper.h"

#include <string.h>

#include "common/log.h"
#include "storage/retention.h"

#define MS_NS 1000000ULL

static void sweep(uv_work_t *work)
{
	struct sweeper *sweeper = work->data;
	struct retention_limits limits;
	int err = retention_limits_of(sweeper->config, sweeper->store, &limits);

	sweeper->swept = err ? err : retention_run(sweeper->store, &limits);
}

static void on_swept(uv_work_t *work, int status)
{
	struct sweeper *sweeper = work->data;
	int err = sweeper->swept < 0 ? sweeper->swept : 0;

	sweeper->running = false;
	if (err && err != sweeper->told)
		log_error("retention in %s failed: %s; dumps stay until it works again, see "
			  "\"igrec gc\"",
			  store_path(sweeper->store), strerror(-err));
	sweeper->told = err;
	sweeper->on_idle(sweeper->context);
}

static void on_timer(uv_timer_t *timer)
{
	struct sweeper *sweeper = timer->data;

	if (!sweeper->running)
		sweeper->running = !uv_queue_work(timer->loop, &sweeper->work, sweep, on_swept);
}

void sweeper_start(struct sweeper *sweeper, uv_loop_t *loop, const struct config *config,
		   struct store *store, void (*on_idle)(void *context), void *context)
{
	uint64_t interval_ms = config->interval_ns / MS_NS;

	sweeper->config = config;
	sweeper->store = store;
	sweeper->on_idle = on_idle;
	sweeper->context = context;
	sweeper->work.data = sweeper;
	uv_timer_init(loop, &sweeper->timer);
	sweeper->timer.data = sweeper;
	uv_timer_start(&sweeper->timer, on_timer, interval_ms, interval_ms);
}

void sweeper_stop(struct sweeper *sweeper)
{
	if (sweeper->timer.data && !uv_is_closing((uv_handle_t *)&sweeper->timer))
		uv_close((uv_handle_t *)&sweeper->timer, NULL);
}
