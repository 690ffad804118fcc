/* SPDX-License-Identifier: Apache-2.0 */
/* Between snapshot and dumper: the slow part (compress, write, sync) off the loop. */
#include "recorder/dump_job.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "dumper/scrub.h"
#include "recorder/cause.h"

struct dump_job {
	uv_work_t work;
	struct snapshot *snapshot;
	struct dump_job_settings settings;
	dump_job_fn fn;
	void *context;
	struct dump_job_result result;
};

static void write_it(uv_work_t *work)
{
	struct dump_job *job = work->data;
	struct cause cause;

	/* Without memory for the log there may still be enough for the dump. */
	container_log_read(job->settings.log, job->snapshot);
	scrub_mask(job->snapshot, ARCH_HOST, job->settings.mask);
	cause_find(job->snapshot, &cause); /* which so quotes no secret */
	job->result.err =
		dump_fit_write(job->snapshot, &cause.found, job->settings.store, &job->result.fit);
}

static void finish(uv_work_t *work, int status)
{
	struct dump_job *job = work->data;

	if (status)
		job->result.err = status;
	job->fn(job->context, job->snapshot, &job->result);
	snapshot_free(job->snapshot);
	dump_fit_done(&job->result.fit);
	free(job);
	malloc_trim(0); /* between failures igrecd is small */
}

void dump_job_start(const struct dump_job_settings *settings, struct snapshot *snapshot,
		    dump_job_fn fn, void *context)
{
	struct dump_job *job = calloc(1, sizeof(*job));

	if (!job) {
		fn(context, snapshot, &(struct dump_job_result){.err = -ENOMEM});
		snapshot_free(snapshot);
		return;
	}
	job->work.data = job;
	job->snapshot = snapshot;
	job->settings = *settings;
	job->fn = fn;
	job->context = context;
	uv_queue_work(settings->loop, &job->work, write_it,
		      finish); /* fails for want of a callback only */
}
