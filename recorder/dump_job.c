/* SPDX-License-Identifier: Apache-2.0 */
/* Between snapshot and dumper: the slow part (compress, write, sync) off the loop. */
#include "recorder/dump_job.h"

#include <errno.h>
#include <stdlib.h>

#include "dumper/dump_writer.h"

struct dump_job {
	uv_work_t work;
	struct snapshot *snapshot;
	struct store *store;
	dump_job_fn fn;
	void *context;
	char *file;
	int err;
};

static void write_it(uv_work_t *work)
{
	struct dump_job *job = work->data;

	job->err = dump_write(job->snapshot, NULL, job->store, &job->file);
}

static void finish(uv_work_t *work, int status)
{
	struct dump_job *job = work->data;

	job->fn(job->context, job->snapshot, status ? status : job->err, job->file);
	snapshot_free(job->snapshot);
	free(job->file);
	free(job);
}

int dump_job_start(uv_loop_t *loop, struct snapshot *snapshot, struct store *store, dump_job_fn fn,
		   void *context)
{
	struct dump_job *job = calloc(1, sizeof(*job));

	if (!job) {
		snapshot_free(snapshot);
		return -ENOMEM;
	}
	job->work.data = job;
	job->snapshot = snapshot;
	job->store = store;
	job->fn = fn;
	job->context = context;
	return uv_queue_work(loop, &job->work, write_it, finish);
}
