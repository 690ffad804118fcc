/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the recorder's decisions and the jobs that write.  Runs on the loop's thread.  At most
 * WRITTEN_AT_ONCE jobs are with libuv, so that retention and new rings find a worker thread, too.
 */
#include "recorder/dump_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/log.h"

#define WRITTEN_AT_ONCE 2
#define MINUTE_NS	60000000000ULL
#define REASONS		16

/* One snapshot, and who waits for its dump. */
struct waiter {
	struct dump_queue *queue;
	struct waiter *next; /* in the order of arrival */
	struct snapshot *snapshot;
	uint64_t bytes;
	struct control_client *client; /* NULL: a failure, nobody waits */
};

/* What was told in the last minute, so that a full disk does not fill the log as well. */
struct reason {
	int err;
	uint64_t told_ns;
	uint64_t silent; /* times since */
};

struct dump_queue {
	struct dump_queue_settings settings;
	struct dump_counts counts;
	struct reason reasons[REASONS];
	struct waiter *first, **last; /* not started yet */
	unsigned length, running;
};

struct dump_queue *dump_queue_new(const struct dump_queue_settings *settings)
{
	struct dump_queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		return NULL;
	queue->settings = *settings;
	queue->counts.bytes_most = settings->budget_bytes;
	queue->last = &queue->first;
	return queue;
}

void dump_queue_free(struct dump_queue *queue)
{
	free(queue);
}

bool dump_queue_has_room(const struct dump_queue *queue, uint64_t ring_bytes)
{
	return !queue->length || queue->counts.bytes + ring_bytes <= queue->settings.budget_bytes;
}

unsigned dump_queue_length(const struct dump_queue *queue)
{
	return queue->length;
}

struct dump_counts dump_queue_counts(const struct dump_queue *queue)
{
	return queue->counts;
}

/* ---- what became of it ------------------------------------------------------------------ */

/* True once a minute for each error; *ret_silent is how often it was false since. */
static bool is_news(struct dump_queue *queue, int err, uint64_t *ret_silent)
{
	uint64_t now_ns = clock_monotonic_ns();
	struct reason *reason = &queue->reasons[0];

	for (size_t i = 0; i < REASONS; i++) {
		struct reason *other = &queue->reasons[i];

		if (other->err == err || !other->err) {
			reason = other;
			break;
		}
		if (other->told_ns < reason->told_ns)
			reason = other;
	}
	if (reason->err == err && now_ns - reason->told_ns < MINUTE_NS) {
		reason->silent++;
		return false;
	}
	*ret_silent = reason->err == err ? reason->silent : 0;
	*reason = (struct reason){.err = err, .told_ns = now_ns};
	return true;
}

static const char *next_step(int err)
{
	switch (-err) {
	case ENOSPC:
	case EDQUOT:
		return "free space there, or lower [retention] total-size";
	case EROFS:
		return "mount its filesystem for writing";
	case ENOMEM:
		return "raise the memory limit of igrecd";
	default:
		return "look at the directory and its filesystem";
	}
}

static void log_failed(struct dump_queue *queue, const char *who, const char *kind, int err)
{
	const char *path = store_path(queue->settings.job.store);
	uint64_t silent;

	if (!is_news(queue, err, &silent))
		return;
	if (silent)
		log_error("dump of %s (%s) failed, and %llu more for the same reason since: %s; "
			  "%s: %s",
			  who, kind, (unsigned long long)silent, strerror(-err), path,
			  next_step(err));
	else
		log_error("dump of %s (%s) failed: %s; %s: %s", who, kind, strerror(-err), path,
			  next_step(err));
}

static void log_dump(struct dump_queue *queue, const struct snapshot *snapshot,
		     const struct dump_job_result *result)
{
	const struct container_identity *identity = &snapshot->identity;
	const char *who = identity->pod ? identity->pod : identity->container;
	const char *kind = failure_kind_name(snapshot->failure.kind);

	if (result->err)
		log_failed(queue, who, kind, result->err);
	else if (snapshot->failure.kind == FAILURE_REQUESTED)
		log_info("%s dumped on request: %s", who, result->fit.file);
	else
		log_info("%s failed (%s): %s", who, kind, result->fit.file);
	if (!result->err && result->fit.left_out)
		log_warning("the disk is full: %s lacks %llu records", result->fit.file,
			    (unsigned long long)result->fit.left_out);
}

static void count(struct dump_counts *counts, const struct dump_job_result *result)
{
	counts->made_room += result->fit.removed;
	if (result->err) {
		counts->failed++;
		return;
	}
	counts->written++;
	counts->smaller += result->fit.left_out > 0;
	counts->left_out += result->fit.left_out;
}

static void answer(const struct dump_queue *queue, struct control_client *client,
		   const struct dump_job_result *result)
{
	const char *file = result->fit.file;
	const char *id = file ? strrchr(file, '_') : NULL;
	AUTO_FREE char *path = NULL;
	struct json *json;
	int err = result->err;

	if (!err && asprintf(&path, "%s/%s", store_path(queue->settings.job.store), file) < 0)
		err = -ENOMEM;
	if (err) {
		control_error(client, 1, strerror(-err));
		return;
	}
	json = json_new_object();
	if (id)
		json_add_bytes(json, "id", id + 1, strcspn(id + 1, "."));
	json_add_text(json, "file", file);
	json_add_text(json, "path", path);
	control_reply(client, json);
}

/* ---- one after the other ---------------------------------------------------------------- */

static void start_next(struct dump_queue *queue);

static void finish(struct waiter *waiter, const struct snapshot *snapshot,
		   const struct dump_job_result *result)
{
	struct dump_queue *queue = waiter->queue;

	count(&queue->counts, result);
	log_dump(queue, snapshot, result);
	if (waiter->client) {
		answer(queue, waiter->client, result);
		control_finish(waiter->client);
	}
	queue->counts.bytes -= waiter->bytes;
	queue->length--;
	free(waiter);
}

static void on_job_done(void *context, const struct snapshot *snapshot,
			const struct dump_job_result *result)
{
	struct waiter *waiter = context;
	struct dump_queue *queue = waiter->queue;

	queue->running--;
	finish(waiter, snapshot, result);
	queue->settings.on_done(queue->settings.context, snapshot);
	start_next(queue);
	queue->settings.on_room(queue->settings.context);
}

static void start_next(struct dump_queue *queue)
{
	const struct dump_queue_settings *settings = &queue->settings;

	while (queue->first && queue->running < WRITTEN_AT_ONCE) {
		struct waiter *waiter = queue->first;

		queue->first = waiter->next;
		if (!queue->first)
			queue->last = &queue->first;
		/* Out of memory, this still tells on_job_done(). */
		queue->running++;
		dump_job_start(&settings->job, waiter->snapshot, on_job_done, waiter);
	}
}

int dump_queue_add(struct dump_queue *queue, struct snapshot *snapshot,
		   struct control_client *client)
{
	struct waiter *waiter = calloc(1, sizeof(*waiter));

	if (!waiter) {
		queue->counts.failed++;
		queue->settings.on_done(queue->settings.context, snapshot);
		snapshot_free(snapshot);
		return -ENOMEM;
	}
	*waiter = (struct waiter){
		.queue = queue,
		.snapshot = snapshot,
		.bytes = snapshot->ring_bytes,
		.client = client,
	};
	queue->counts.bytes += waiter->bytes;
	queue->length++;
	*queue->last = waiter;
	queue->last = &waiter->next;
	start_next(queue);
	return 0;
}
