/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that failed, and what they were about: a path, an address, or what a descriptor refers to.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explain/facts_build.h"
#include "explain/routine.h"
#include "replay/call_object.h"

/* Errors that say "not yet": a program that meets them goes on. */
static bool is_routine_errno(int error)
{
	return error == EAGAIN || error == EINTR || error == EINPROGRESS || error >= 512;
}

/* EAGAIN is the answer of a lock that is held and of a limit of processes. */
static bool counts_as_failed(enum act_kind kind, int error)
{
	if (error == EAGAIN && (kind == ACT_LOCK || kind == ACT_FORK || kind == ACT_MEMORY))
		return true;
	/* A wait for a lock that an alarm ended. */
	if (kind == ACT_LOCK && (error == EINTR || error >= 512))
		return true;
	return error && !is_routine_errno(error);
}

/* ---- keeping ------------------------------------------------------------------------------- */

static int keep_object(struct facts *facts, const struct call_object *call,
		       struct failed_call *failed)
{
	struct buf object = {0};
	int err = 0;

	call_object_text(&object, call);
	failed->object = facts_keep(facts, object.data, object.bytes);
	failed->given = facts_keep(facts, call->given.data, call->given.bytes);
	if (object.failed || call->given.failed || !failed->object || !failed->given)
		err = -ENOMEM;
	buf_done(&object);
	return err;
}

/* Of a flood, the later half is kept. */
static void drop_half(struct facts *facts)
{
	size_t half = facts->n_failed / 2;

	for (size_t i = 0; i < half; i++) {
		facts->text_bytes -=
			strlen(facts->failed[i].object) + strlen(facts->failed[i].given);
		free(facts->failed[i].object);
		free(facts->failed[i].given);
	}
	facts->n_failed -= half;
	memmove(facts->failed, facts->failed + half, facts->n_failed * sizeof(*facts->failed));
}

static int make_room(struct facts *facts)
{
	size_t room = facts->failed_room ? facts->failed_room * 2 : 256;
	struct failed_call *grown;

	if (facts->n_failed == FACTS_FAILED_MAX)
		drop_half(facts);
	if (facts->n_failed < facts->failed_room)
		return 0;
	grown = reallocarray(facts->failed, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	facts->failed = grown;
	facts->failed_room = room;
	return 0;
}

int facts_add_failed(struct facts *facts, const struct objects *objects, const struct event *event,
		     uint32_t act)
{
	const struct act *of = &facts->acts[act];
	struct failed_call failed = {.act = act, .error = of->error};
	struct call_object call = {0};
	int err;

	if (of->kind == ACT_OPTION && !of->error)
		failed.error = call_socket_error(event);
	if (of->in_flight || !counts_as_failed(of->kind, failed.error))
		return 0;
	if (make_room(facts))
		return -ENOMEM;
	call_object_find(facts->arch, event, objects, &call);
	err = keep_object(facts, &call, &failed);
	call_object_done(&call);
	if (err) {
		free(failed.object);
		free(failed.given);
		return err;
	}
	failed.routine = routine_is((enum act_kind)of->kind, failed.error, failed.object);
	facts->failed[facts->n_failed++] = failed;
	return 0;
}
