/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One loop, one thread: notices and timer drive the recorder, snapshots become jobs, requests
 * from the socket are answered.  The only file that puts the parts together.
 */
#include "recorder/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "recorder/control.h"
#include "recorder/dump_queue.h"
#include "recorder/notify.h"
#include "recorder/recorder.h"
#include "recorder/sandbox.h"
#include "recorder/status.h"
#include "recorder/sweeper.h"

#define MS_NS 1000000ULL

struct daemon {
	const struct daemon_settings *settings;
	uv_loop_t loop;
	uv_poll_t notices;
	uv_timer_t tick, sample;
	uv_signal_t terminate, interrupt, hangup;
	uv_work_t refill;
	struct rings_batch batch;
	struct hooks *hooks;
	struct rings *rings;
	struct cgroup_fs *cgroups;
	struct recorder *recorder;
	struct store *store;
	struct container_log_settings logs;
	struct mask *mask;
	struct sweeper sweeper;
	struct control *control;
	struct dump_queue *dumps;
	bool refilling;
	bool stopping;
	struct arrivals_counts told; /* in the log */
	int refill_err;		     /* of the last try; told when it changes, as the next */
};

/* ---- dumps ---- */

static void close_handles(struct daemon *daemon);
static void look_around(struct daemon *daemon);

static void stop_when_idle(struct daemon *daemon)
{
	if (daemon->stopping && !dump_queue_length(daemon->dumps) &&
	    !recorder_pending(daemon->recorder) && !daemon->sweeper.running && !daemon->refilling)
		close_handles(daemon);
}

static void on_idle(void *context)
{
	stop_when_idle(context);
}

/* A failure may have waited for it. */
static void on_dump_room(void *context)
{
	look_around(context);
	stop_when_idle(context);
}

static void on_dump_done(void *context, const struct snapshot *snapshot)
{
	const struct daemon *daemon = context;

	recorder_dumped(daemon->recorder, snapshot);
}

static bool has_room(void *context, uint64_t ring_bytes)
{
	const struct daemon *daemon = context;

	return dump_queue_has_room(daemon->dumps, ring_bytes);
}

static void submit(void *context, struct snapshot *snapshot)
{
	const struct daemon *daemon = context;

	if (dump_queue_add(daemon->dumps, snapshot, NULL))
		log_error("out of memory: a dump is lost");
}

/* ---- events of the loop ---- */

static void tell_unrecorded(struct daemon *daemon)
{
	struct arrivals_counts counts = recorder_arrival_counts(daemon->recorder);

	if (counts.unrecorded != daemon->told.unrecorded)
		log_warning("%llu cgroups are not recorded: all %u rings that the memory limit "
			    "allows are in use; raise [ring] memory-limit or lower [ring] size",
			    (unsigned long long)(counts.unrecorded - daemon->told.unrecorded),
			    rings_max(daemon->rings));
	if (counts.missed != daemon->told.missed)
		log_warning("%llu cgroups came and went before a ring was ready for them; raise "
			    "[ring] pool",
			    (unsigned long long)(counts.missed - daemon->told.missed));
	daemon->told = counts;
}

static void on_tick(uv_timer_t *timer);

static void make_rings(uv_work_t *work)
{
	struct daemon *daemon = work->data;

	rings_batch_make(&daemon->batch);
}

static void on_rings_made(uv_work_t *work, int status)
{
	struct daemon *daemon = work->data;
	int err = rings_batch_end(daemon->rings, &daemon->batch);

	daemon->refilling = false;
	if (err && err != daemon->refill_err)
		log_error("cannot make rings: %s; lower [ring] size or pool, or raise the memory "
			  "limit of igrecd",
			  strerror(-err));
	daemon->refill_err = err;
	arrivals_arm(recorder_arrivals(daemon->recorder));
	if (!err)
		look_around(daemon);
	stop_when_idle(daemon);
}

static void refill(struct daemon *daemon)
{
	if (daemon->refilling || daemon->stopping ||
	    !rings_batch_begin(daemon->rings, recorder_arrivals(daemon->recorder)->n_waiting,
			       &daemon->batch))
		return;
	daemon->refill.data = daemon;
	daemon->refilling = true;
	uv_queue_work(&daemon->loop, &daemon->refill, make_rings, on_rings_made);
}

static void look_around(struct daemon *daemon)
{
	uint64_t next = recorder_tick(daemon->recorder, uv_hrtime());

	if (recorder_arrivals(daemon->recorder)->n_waiting)
		arrivals_arm(recorder_arrivals(daemon->recorder));
	tell_unrecorded(daemon);
	refill(daemon);
	if (next == UINT64_MAX)
		uv_timer_stop(&daemon->tick);
	else
		uv_timer_start(&daemon->tick, on_tick, next / MS_NS + 1, 0);
}

static void on_tick(uv_timer_t *timer)
{
	look_around(timer->data);
}

static void on_sample(uv_timer_t *timer)
{
	const struct daemon *daemon = timer->data;

	recorder_sample(daemon->recorder, uv_hrtime());
}

static void on_notice(void *context, const struct igrec_notice *notice)
{
	recorder_notice(context, notice);
}

static void take_notices(struct daemon *daemon)
{
	hooks_notices(daemon->hooks, on_notice, daemon->recorder);
	look_around(daemon);
}

static void on_notices(uv_poll_t *poll, int status, int events)
{
	take_notices(poll->data);
}

static void on_stop_signal(uv_signal_t *handle, int signal)
{
	struct daemon *daemon = handle->data;

	if (daemon->stopping)
		return;
	daemon->stopping = true;
	sweeper_stop(&daemon->sweeper);
	log_info("stopping: %u dumps to finish", dump_queue_length(daemon->dumps));
	take_notices(daemon);
	recorder_flush(daemon->recorder);
	stop_when_idle(daemon);
}

static void reload(struct daemon *daemon)
{
	const struct daemon_settings *settings = daemon->settings;
	AUTO_FREE struct config *fresh = malloc(sizeof(*fresh));
	int err;

	if (!fresh || settings->read_config(settings->context, fresh)) {
		log_error("not reloaded: the settings in force stay");
		return;
	}
	err = recorder_reload(daemon->recorder, fresh);
	if (err)
		log_error("cannot look for containers that are wanted now: %s", strerror(-err));
	log_set_level(settings->config->log_level);
	log_info("reloaded %s: %u policies; other sections than [policy], [failure], [payload] "
		 "and [log] are read at start only",
		 fresh->file[0] ? fresh->file : "the defaults", fresh->n_policies);
	look_around(daemon);
}

static void on_reload_signal(uv_signal_t *handle, int signal)
{
	struct daemon *daemon = handle->data;

	if (!daemon->stopping)
		reload(daemon);
}

/* ---- requests ---- */

static void request_dump(struct daemon *daemon, struct control_client *client,
			 const struct json *request)
{
	const char *wanted = json_get_text(request, "container");
	struct snapshot *snapshot;
	int err = wanted ? recorder_request(daemon->recorder, wanted, &snapshot) : -EINVAL;

	if (!err)
		err = dump_queue_add(daemon->dumps, snapshot, client);
	if (!err)
		return; /* the queue answers */
	if (err == -ENOENT)
		control_error(client, 3,
			      "no recorded container has this name or id; run \"igrec ps\"");
	else if (err == -EAGAIN)
		control_error(client, 1,
			      "the snapshots that wait for the disk leave no memory for another: "
			      "try again, or raise [failure] snapshot-memory");
	else
		control_error(client, 1, strerror(-err));
	control_finish(client);
}

static void on_request(void *context, struct control_client *client, const struct json *request)
{
	struct daemon *daemon = context;
	const char *verb = json_get_text(request, "verb");

	if (verb && !strcmp(verb, "dump")) {
		request_dump(daemon, client, request);
		return;
	}
	if (verb && !strcmp(verb, "ps"))
		status_containers(daemon->recorder, daemon->hooks, daemon->rings, daemon->dumps,
				  client);
	else if (verb && !strcmp(verb, "doctor"))
		status_features(daemon->hooks, client);
	else
		control_error(client, 1, "unknown verb: ps, dump and doctor are known");
	control_finish(client);
}

/* ---- setting up and taking down ---- */

static void close_handles(struct daemon *daemon)
{
	uv_handle_t *handles[] = {
		(uv_handle_t *)&daemon->notices,   (uv_handle_t *)&daemon->tick,
		(uv_handle_t *)&daemon->terminate, (uv_handle_t *)&daemon->interrupt,
		(uv_handle_t *)&daemon->hangup,	   (uv_handle_t *)&daemon->sample,
	};

	for (size_t i = 0; i < ARRAY_SIZE(handles); i++)
		if (handles[i]->data && !uv_is_closing(handles[i]))
			uv_close(handles[i], NULL);
	sweeper_stop(&daemon->sweeper);
	control_close(daemon->control);
	daemon->control = NULL;
}

static int fail(int err, const char *what, const char *object, const char *next)
{
	log_error("%s %s: %s; %s", what, object, strerror(-err), next);
	return err;
}

static int open_store(struct daemon *daemon)
{
	const char *path = daemon->settings->config->store;
	int err = store_open(path, true, &daemon->store);

	if (err == -EPERM)
		return fail(err, "all may write to the store", path,
			    "take that right away (chmod o-w), or name another with --store");
	if (!err && access(path, W_OK))
		err = -errno;
	if (err)
		return fail(err, "cannot write to the store", path,
			    "make the directory writable, or name another with --store");
	return 0;
}

static int make_mask(struct daemon *daemon)
{
	const struct config *config = daemon->settings->config;
	int err;

	daemon->mask = mask_new(config->mask);
	err = daemon->mask ? mask_add_list(daemon->mask, config->mask_patterns) : -ENOMEM;
	return err ? fail(err, "cannot make", "the patterns of [privacy]", "use fewer") : 0;
}

static int open_dumps(struct daemon *daemon)
{
	const struct config *config = daemon->settings->config;
	const struct dump_queue_settings settings = {
		.job = {&daemon->loop, daemon->store, &daemon->logs, daemon->mask},
		.budget_bytes = config->snapshot_bytes,
		.on_done = on_dump_done,
		.on_room = on_dump_room,
		.context = daemon,
	};

	identity_roots_of(config, &daemon->logs.roots);
	daemon->logs.lines = config->log_lines;
	daemon->logs.bytes = config->log_bytes;
	daemon->dumps = dump_queue_new(&settings);
	return daemon->dumps ? 0 : fail(-ENOMEM, "cannot make", "the dumps' queue", "free memory");
}

static int open_kernel(struct daemon *daemon)
{
	const struct config *config = daemon->settings->config;
	char load_log[PATH_MAX + 16];
	struct hooks_settings settings = {
		.bpffs = config->bpffs,
		.slots = config->ring_memory_bytes / config->ring_bytes,
		.ring_blocks = config->ring_bytes / IGREC_BLOCK_BYTES,
		.load_log = load_log,
	};
	struct rings_settings ring = {
		.ring_bytes = config->ring_bytes,
		.memory_bytes = config->ring_memory_bytes,
		.pool = config->ring_pool,
		.start_percent = config->start_percent,
		.vital_percent = config->vital_percent,
		.payload = config->payload,
		.payload_bytes = config->payload_bytes,
	};
	struct hooks_why why = {0};
	int err;

	snprintf(load_log, sizeof(load_log), "%s/verifier.log", config->store);
	err = hooks_open(&settings, &daemon->hooks, &why);

	if (err) {
		log_error("%s", why.text);
		return err;
	}
	if (why.text[0])
		log_warning("what an igrecd left recording in %s %s: it is replaced, its tapes are "
			    "lost",
			    config->bpffs, why.text);
	err = rings_new(daemon->hooks, &ring, &daemon->rings);
	if (err)
		return fail(err, "cannot make", "the rings",
			    "lower [ring] pool or size, or raise the memory limit of igrecd");
	err = hooks_attach(daemon->hooks, &why);
	if (err)
		log_error("%s", why.text);
	return err;
}

static int open_recorder(struct daemon *daemon)
{
	struct recorder_settings settings = {
		.config = daemon->settings->config,
		.hooks = daemon->hooks,
		.rings = daemon->rings,
		.has_room = has_room,
		.submit = submit,
		.context = daemon,
	};
	int err = cgroup_fs_open(&daemon->cgroups);

	if (err)
		return fail(err, "cannot find", "a cgroup2 hierarchy",
			    "mount one; run \"igrec doctor\"");
	settings.cgroups = daemon->cgroups;
	daemon->recorder = recorder_new(&settings);
	return daemon->recorder ? 0 : fail(-ENOMEM, "cannot make", "the recorder", "free memory");
}

static int start_loop(struct daemon *daemon)
{
	const struct config *config = daemon->settings->config;
	int err = control_open(&daemon->loop, config->socket, on_request, daemon, &daemon->control);

	if (err == -EADDRINUSE)
		return fail(err, "another igrecd answers on", config->socket,
			    "stop it first, or name another socket with --socket");
	if (err)
		return fail(err, "cannot listen on", config->socket, "name another with --socket");
	uv_poll_init(&daemon->loop, &daemon->notices, hooks_notice_fd(daemon->hooks));
	uv_timer_init(&daemon->loop, &daemon->tick);
	uv_timer_init(&daemon->loop, &daemon->sample);
	uv_signal_init(&daemon->loop, &daemon->terminate);
	uv_signal_init(&daemon->loop, &daemon->interrupt);
	uv_signal_init(&daemon->loop, &daemon->hangup);
	daemon->notices.data = daemon->tick.data = daemon->sample.data = daemon;
	daemon->terminate.data = daemon->interrupt.data = daemon->hangup.data = daemon;
	uv_poll_start(&daemon->notices, UV_READABLE, on_notices);
	sweeper_start(&daemon->sweeper, &daemon->loop, config, daemon->store, on_idle, daemon);
	if (config->samples)
		uv_timer_start(&daemon->sample, on_sample, config->sample_ns / MS_NS,
			       config->sample_ns / MS_NS);
	uv_signal_start(&daemon->terminate, on_stop_signal, SIGTERM);
	uv_signal_start(&daemon->interrupt, on_stop_signal, SIGINT);
	uv_signal_start(&daemon->hangup, on_reload_signal, SIGHUP);
	return 0;
}

/* What an earlier igrecd left, and what happened since it ended. */
static int take_up(struct daemon *daemon)
{
	unsigned containers = 0;
	int err = recorder_restore(daemon->recorder, &containers);

	if (err)
		return fail(err, "cannot go on with", "the containers of the earlier igrecd",
			    "raise the memory limit of igrecd");
	hooks_notices(daemon->hooks, on_notice, daemon->recorder);
	recorder_restored(daemon->recorder);
	if (hooks_adopted(daemon->hooks))
		log_info("going on with what igrecd %s left recording: %u containers, %u failures "
			 "to dump",
			 hooks_version(daemon->hooks), containers,
			 recorder_pending(daemon->recorder));
	look_around(daemon);
	return 0;
}

static void enter_sandbox(const struct daemon *daemon)
{
	const struct config *config = daemon->settings->config;
	struct stat store;
	bool foreign = !stat(config->store, &store) && store.st_uid != geteuid();
	const char *what;
	int err = config->sandbox ? sandbox_enter(foreign, &what) : 0;

	if (err)
		log_warning("cannot %s: %s: recording goes on with more rights than it needs", what,
			    strerror(-err));
}

static int set_up(struct daemon *daemon)
{
	struct hooks_why why = {0};
	int err = hooks_check(&why);

	if (err)
		log_error("%s", why.text);
	else
		err = open_store(daemon);
	if (!err)
		err = make_mask(daemon);
	if (!err)
		err = open_dumps(daemon);
	if (!err)
		err = open_kernel(daemon);
	if (!err)
		err = open_recorder(daemon);
	if (!err)
		err = start_loop(daemon);
	if (err)
		return err;
	store_clean(daemon->store); /* only now: no other igrecd is writing there */
	enter_sandbox(daemon);	    /* only now: from here on there are worker threads */
	err = take_up(daemon);
	if (err)
		return err;
	err = recorder_scan(daemon->recorder);
	if (err)
		return fail(err, "cannot look at", "the running containers",
			    "run \"igrec doctor\"");
	look_around(daemon);
	return 0;
}

int daemon_run(const struct daemon_settings *settings)
{
	struct daemon daemon = {.settings = settings};
	bool adopted;
	int err;

	uv_loop_init(&daemon.loop);
	err = set_up(&daemon);
	if (err) {
		close_handles(&daemon);
	} else {
		log_info("ready: %u rings of %llu KiB at most, %u in use, %u in the pool",
			 rings_max(daemon.rings),
			 (unsigned long long)(settings->config->ring_bytes / 1024),
			 rings_in_use(daemon.rings), rings_ready(daemon.rings));
		notify_ready();
	}
	uv_run(&daemon.loop, UV_RUN_DEFAULT);
	dump_queue_free(daemon.dumps);
	mask_free(daemon.mask);
	recorder_free(daemon.recorder);
	rings_free(daemon.rings);
	cgroup_fs_close(daemon.cgroups);
	adopted = daemon.hooks && hooks_adopted(daemon.hooks); /* then it goes on recording */
	hooks_close(daemon.hooks);
	if (err && daemon.hooks && !adopted)
		hooks_unload(settings->config->bpffs);
	store_close(daemon.store);
	if (uv_loop_close(&daemon.loop))
		log_error("the loop still had handles");
	return err ? 1 : 0;
}
