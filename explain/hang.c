/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the calls that threads were in at the end to what kept the process.  A server that waits for
 * clients hangs as little as a program that sleeps: only waits that should have ended count.
 */
#include "explain/hang.h"

#include <errno.h>
#include <string.h>

#include "replay/object.h"

#define WAIT_MIN_NS (1500 * 1000000ULL)
#define LOOP_ACTS   400 /* that are looked at, from the last on */
#define LOOP_CALLS  4	/* different ones, at most */
#define LOOP_GAP_NS 2000000ULL

struct threads {
	unsigned in_flight, futex, idle;
	const struct act *blocked; /* in a wait that should have ended; the longest */
	uint64_t blocked_ns, futex_ns;
	const struct act *futex_act;
	uint64_t last_ns; /* of the last act that was no wait */
};

/* FUTEX_WAIT without a timeout; one with a timeout comes back by itself. */
static bool waits_forever(const struct event *event)
{
	return event->args >= 4 && !event->arg[3];
}

/* Waits that a healthy program is in at any time. */
static bool is_idle(const struct act *act, const struct event *event)
{
	switch (act->kind) {
	case ACT_SLEEP:
	case ACT_ACCEPT:
	case ACT_WAIT:
		return true;
	case ACT_READ:
		return event->arg[0] == 0;
	case ACT_FUTEX:
		return !waits_forever(event);
	default:
		return false;
	}
}

static bool should_have_ended(const struct act *act)
{
	switch (act->kind) {
	case ACT_LOCK:
	case ACT_CONNECT:
	case ACT_RECEIVE:
	case ACT_SEND:
	case ACT_WRITE:
	case ACT_SYNC:
	case ACT_OPEN:
	case ACT_READ:
	case ACT_LOOK:
		return true;
	default:
		return false;
	}
}

static void look_at_thread(const struct facts *facts, const struct act *act,
			   struct threads *threads)
{
	uint64_t end_ns = timeline_zero_ns(facts->timeline), for_ns;
	struct event event;

	facts_event(facts, act, &event);
	for_ns = end_ns > event.time_ns ? end_ns - event.time_ns : 0;
	threads->in_flight++;
	if (is_idle(act, &event)) {
		threads->idle++;
	} else if (act->kind == ACT_FUTEX) {
		threads->futex++;
		if (!threads->futex_act || for_ns < threads->futex_ns) {
			threads->futex_ns = for_ns;
			threads->futex_act = act;
		}
	} else if (should_have_ended(act) && for_ns >= WAIT_MIN_NS &&
		   for_ns > threads->blocked_ns) {
		threads->blocked_ns = for_ns;
		threads->blocked = act;
	}
}

static void look_at_threads(const struct facts *facts, uint32_t process, struct threads *threads)
{
	for (size_t i = 0; i < facts->n_acts; i++) {
		const struct act *act = &facts->acts[i];
		struct event event;

		if (act->process != process)
			continue;
		if (act->in_flight) {
			look_at_thread(facts, act, threads);
			continue;
		}
		facts_event(facts, act, &event);
		/* What only the kill brought to an end. */
		if (event.end_ns >= timeline_zero_ns(facts->timeline) &&
		    event.end_ns - event.time_ns >= WAIT_MIN_NS) {
			look_at_thread(facts, act, threads);
			continue;
		}
		if (event.end_ns > threads->last_ns)
			threads->last_ns = event.end_ns;
	}
}

/* Whether the last acts are a few calls in quick succession. */
static bool is_loop(const struct facts *facts, uint32_t process, struct hang *ret)
{
	unsigned calls[LOOP_CALLS], n_calls = 0, seen = 0;
	uint64_t first_ns = 0, last_ns = 0;

	for (size_t i = facts->n_acts; i > 0 && seen < LOOP_ACTS; i--) {
		const struct act *act = &facts->acts[i - 1];
		struct event event;
		unsigned known = 0;

		if (act->process != process || act->in_flight)
			continue;
		facts_event(facts, act, &event);
		while (known < n_calls && calls[known] != event.nr)
			known++;
		if (known == LOOP_CALLS)
			return false;
		if (known == n_calls)
			calls[n_calls++] = event.nr;
		if (!seen++) {
			last_ns = event.end_ns;
			ret->entry = act->entry;
		}
		first_ns = event.time_ns;
	}
	return seen == LOOP_ACTS && last_ns - first_ns < LOOP_ACTS * LOOP_GAP_NS &&
	       timeline_zero_ns(facts->timeline) - last_ns < WAIT_MIN_NS;
}

static void name_object(const struct facts *facts, const struct act *act, struct hang *ret)
{
	struct objects *objects = NULL;
	const struct object *object;
	struct event event;

	if (objects_new(facts->timeline, facts->arch, OBJECT_STYLE_ADDRESS, &objects))
		return;
	objects_seek(objects, act->entry);
	facts_event(facts, act, &event);
	object = objects_of_fd(objects, (int)event.arg[0]);
	if (object && act->kind != ACT_OPEN && act->kind != ACT_LOOK)
		object_text(&ret->object, object, OBJECT_STYLE_ADDRESS);
	objects_free(objects);
}

/* Neither in a call nor at the end of one: it computed. */
static bool is_busy(const struct facts *facts, uint32_t process, const struct threads *threads)
{
	const struct process *of = &facts->processes.all[process];

	return threads->in_flight < 1 + of->n_threads && !threads->in_flight && threads->last_ns &&
	       timeline_zero_ns(facts->timeline) >= threads->last_ns + WAIT_MIN_NS;
}

int hang_of(const struct facts *facts, uint32_t process, struct hang *ret)
{
	struct threads threads = {0};
	struct hang hang = {0};

	*ret = hang;
	if (process == PROCESS_NONE)
		return 0;
	look_at_threads(facts, process, &threads);
	hang.threads = threads.in_flight;
	if (threads.blocked) {
		hang.kind = HANG_WAITING;
		hang.since_ns = threads.blocked_ns;
		hang.entry = threads.blocked->entry;
		hang.has_entry = true;
		name_object(facts, threads.blocked, &hang);
	} else if (threads.futex && threads.futex == threads.in_flight &&
		   threads.futex_ns >= WAIT_MIN_NS) {
		hang.kind = HANG_DEADLOCK;
		hang.since_ns = threads.futex_ns;
		hang.entry = threads.futex_act->entry;
		hang.has_entry = true;
	} else if (is_busy(facts, process, &threads)) {
		hang.kind = HANG_BUSY;
		hang.since_ns = timeline_zero_ns(facts->timeline) - threads.last_ns;
	} else if (is_loop(facts, process, &hang)) {
		hang.kind = HANG_LOOP;
		hang.has_entry = true;
	}
	*ret = hang;
	return hang.object.failed ? -ENOMEM : 0;
}

void hang_done(struct hang *hang)
{
	buf_done(&hang->object);
}
