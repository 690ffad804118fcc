/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See waiting.h.  Attempts have a rhythm, and the last lies not much longer before the end than two
 * of them lie apart.  What came in the end, or was no reason to give up, was not waited for.
 */
#include "explain/waiting.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "explain/candidates_build.h"
#include "explain/says.h"
#include "replay/call_object.h"

#define ATTEMPTS_MIN 3
#define SPAN_NS	     1000000000ULL
#define APART_NS     50000000ULL /* calls that lie closer are the same attempt */
#define SLACK_NS     1500000000ULL
#define LOOKED_AT    64 /* different things, from the last on */
#define WEIGHED	     8	/* of them, that were tried up to the end: each reads the tape */
#define DEPTH_MAX    64 /* of processes below the culprit */

struct attempts {
	uint32_t first, last;
	unsigned count;
	bool of_several;     /* processes */
	uint64_t longest_ns; /* between two */
};

static uint64_t time_of(const struct facts *facts, uint32_t failed)
{
	return facts_time_ns(facts, facts->acts[facts->failed[failed].act].entry);
}

/* A file is waited for by the process itself: each new child looks for many in vain. */
static bool is_waited_for(const struct failed_call *failed, const struct act *act, uint32_t culprit)
{
	bool of_peer = act->kind == ACT_CONNECT || act->kind == ACT_OPTION;
	bool of_path = act->kind == ACT_LOOK || act->kind == ACT_OPEN;

	if (!failed->object[0] || failed->routine)
		return false;
	return of_peer || act->kind == ACT_LOCK || act->kind == ACT_BIND ||
	       (of_path && failed->error == ENOENT && act->process == culprit);
}

/* Whether it is the process, or comes from it. */
static bool comes_from(const struct facts *facts, uint32_t process, uint32_t ancestor)
{
	for (unsigned depth = 0; process != PROCESS_NONE && depth < DEPTH_MAX; depth++) {
		if (process == ancestor)
			return true;
		if (facts_start_is_lost(facts, process))
			return facts->chain[0] == ancestor;
		process = facts->processes.all[process].parent;
	}
	return false;
}

static enum act_kind kind_of(const struct facts *facts, const struct failed_call *failed)
{
	return (enum act_kind)facts->acts[failed->act].kind;
}

static bool is_same(const struct facts *facts, const struct failed_call *a,
		    const struct failed_call *b)
{
	return a->error == b->error &&
	       candidate_same_attempt(kind_of(facts, a), kind_of(facts, b)) &&
	       !strcmp(a->object, b->object);
}

/* The attempts that were like the one at `index`, back from it. */
static void count_attempts(const struct facts *facts, uint32_t index, uint32_t culprit,
			   struct attempts *ret)
{
	uint32_t process = facts->acts[facts->failed[index].act].process;
	uint64_t next_ns = time_of(facts, index);

	*ret = (struct attempts){.first = index, .last = index, .count = 1};
	for (uint32_t i = index; i > 0; i--) {
		const struct failed_call *failed = &facts->failed[i - 1];
		uint32_t by = facts->acts[failed->act].process;
		uint64_t at_ns;

		if (!is_same(facts, failed, &facts->failed[index]) ||
		    !comes_from(facts, by, culprit))
			continue;
		at_ns = time_of(facts, i - 1);
		if (next_ns - at_ns < APART_NS)
			continue;
		if (next_ns - at_ns > ret->longest_ns)
			ret->longest_ns = next_ns - at_ns;
		ret->first = i - 1;
		ret->count++;
		ret->of_several = ret->of_several || by != process;
		next_ns = at_ns;
	}
}

static bool lasts_to_the_end(const struct facts *facts, const struct attempts *attempts,
			     uint64_t end_ns)
{
	uint64_t last_ns = time_of(facts, attempts->last);

	return attempts->count >= ATTEMPTS_MIN &&
	       last_ns - time_of(facts, attempts->first) >= SPAN_NS &&
	       last_ns + 2 * attempts->longest_ns + SLACK_NS >= end_ns;
}

/* A server that was stopped did not wait for one of its peers alone. */
static bool is_server(const struct facts *facts, uint32_t process)
{
	for (size_t i = 0; i < facts->n_acts; i++) {
		const struct act *act = &facts->acts[i];

		if (act->process == process && !act->error &&
		    (act->kind == ACT_LISTEN || act->kind == ACT_ACCEPT))
			return true;
	}
	return false;
}

/* ---- what came, or did not matter ------------------------------------------------------------ */

/* A connection was made, a lock taken: not a datagram socket's peer, which is always got. */
static bool is_success(const struct act *act, const struct event *event,
		       const struct call_object *call)
{
	if (act->error || act->in_flight)
		return false;
	if (act->kind == ACT_OPTION && (event->args < 3 || event->arg[1] != SOL_SOCKET ||
					event->arg[2] != SO_ERROR || call_socket_error(event)))
		return false;
	return act->kind == ACT_BIND || !call->object || !call->object->is_socket ||
	       (call->object->socket.type & 0xf) != SOCK_DGRAM;
}

static bool is_success_with(const struct facts *facts, const struct act *act,
			    struct objects *objects, const char *object)
{
	struct call_object call = {0};
	struct buf text = {0};
	struct event event;
	bool is_it;

	facts_event(facts, act, &event);
	objects_seek(objects, act->entry);
	call_object_find(facts->arch, &event, objects, &call);
	call_object_text(&text, &call);
	is_it = !text.failed && is_success(act, &event, &call) && !strcmp(buf_text(&text), object);
	call_object_done(&call);
	buf_done(&text);
	return is_it;
}

/* A later call of the same kind, by whoever comes from the culprit, got what was waited for. */
static bool came_in_the_end(const struct facts *facts, const struct candidate *waiting,
			    uint32_t culprit)
{
	struct objects *objects = NULL;
	bool came = false;

	if (is_path_act(waiting->kind))
		return candidate_is_recovered(facts, waiting);
	if (objects_new(facts->timeline, facts->arch, OBJECT_STYLE_ADDRESS, &objects))
		return true; /* without memory nothing is claimed */
	for (size_t i = facts_first_after(facts, entry_of(facts, waiting->last));
	     !came && i < facts->n_acts; i++) {
		const struct act *act = &facts->acts[i];

		came = !act->error &&
		       candidate_same_attempt(waiting->kind, (enum act_kind)act->kind) &&
		       (act->kind == waiting->kind || act->kind == ACT_CONNECT ||
			act->kind == ACT_OPTION) &&
		       comes_from(facts, act->process, culprit) &&
		       is_success_with(facts, act, objects, waiting->object);
	}
	objects_free(objects);
	return came;
}

/*
 * Programs look again and again for files that they can do without: one that ended by itself and
 * complained of something else did not wait for this.
 */
static bool is_told_otherwise(const struct facts *facts, const struct candidate *waiting,
			      uint32_t culprit)
{
	const struct message *said = facts_last_words(facts, culprit);

	return is_path_act(waiting->kind) && !facts_death_of(facts, culprit) && said &&
	       facts_tone_of(facts, said) >= TONE_ERROR &&
	       !says_object(said->text, waiting->object) && !says_errno(said->text, ETIMEDOUT);
}

/* ---- found ----------------------------------------------------------------------------------- */

static bool is_among(const struct facts *facts, const uint32_t *looked_at, unsigned count,
		     const struct failed_call *failed)
{
	for (unsigned i = 0; i < count; i++) {
		if (is_same(facts, &facts->failed[looked_at[i]], failed))
			return true;
	}
	return false;
}

static struct candidate candidate_of(const struct facts *facts, const struct attempts *attempts)
{
	const struct failed_call *last = &facts->failed[attempts->last];

	return (struct candidate){
		.first = attempts->first,
		.last = attempts->last,
		.count = attempts->count,
		.process = facts->acts[last->act].process,
		.kind = kind_of(facts, last),
		.error = last->error,
		.object = last->object,
		.given = last->given,
		.of_several = attempts->of_several,
		.message = NO_MESSAGE,
	};
}

bool waiting_find(const struct facts *facts, struct candidate *ret)
{
	uint32_t culprit = facts_culprit(facts), looked_at[LOOKED_AT];
	uint64_t end_ns = facts_end_ns(facts, culprit);
	unsigned n_looked_at = 0, weighed = 0;

	if (culprit == PROCESS_NONE ||
	    (facts_death_of(facts, culprit) && is_server(facts, culprit)))
		return false;
	for (size_t i = facts->n_failed; i > 0 && n_looked_at < LOOKED_AT && weighed < WEIGHED;
	     i--) {
		const struct failed_call *failed = &facts->failed[i - 1];
		const struct act *act = &facts->acts[failed->act];
		struct attempts attempts;
		struct candidate waiting;

		if (!is_waited_for(failed, act, culprit) ||
		    is_among(facts, looked_at, n_looked_at, failed) ||
		    !comes_from(facts, act->process, culprit))
			continue;
		looked_at[n_looked_at++] = (uint32_t)i - 1;
		count_attempts(facts, (uint32_t)i - 1, culprit, &attempts);
		if (!lasts_to_the_end(facts, &attempts, end_ns))
			continue;
		weighed++;
		waiting = candidate_of(facts, &attempts);
		if (came_in_the_end(facts, &waiting, culprit) ||
		    is_told_otherwise(facts, &waiting, culprit))
			continue;
		*ret = waiting;
		return true;
	}
	return false;
}
