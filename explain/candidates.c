/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failed calls -> candidates.  A failed call counts if the program ended because of it, and the
 * tape can show that in two ways: the program said so, or it did nothing else before it ended.
 */
#include "explain/candidates_build.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "common/cleanup.h"
#include "explain/routine.h"
#include "explain/says.h"

#define MESSAGES_BACK 256 /* that are looked at, from the last on */
#define MS	      1000000ULL

/* ---- alike ----------------------------------------------------------------------------------- */

bool candidate_same_attempt(enum act_kind a, enum act_kind b)
{
	return a == b || (is_path_act(a) && is_path_act(b)) || (is_peer_act(a) && is_peer_act(b));
}

static bool is_alike(const struct facts *facts, const struct candidate *candidate,
		     const struct failed_call *failed, const struct act *act)
{
	if (candidate->process != act->process || candidate->error != failed->error ||
	    !candidate_same_attempt(candidate->kind, (enum act_kind)act->kind))
		return false;
	if (!strcmp(candidate->object, failed->object))
		return true;
	return is_path_act(candidate->kind) && failed->error == ENOENT &&
	       !strcmp(candidate_base(candidate->object), candidate_base(failed->object));
}

static struct candidate *find_alike(const struct facts *facts, struct candidates *candidates,
				    const struct failed_call *failed, const struct act *act)
{
	for (size_t i = candidates->count; i > 0; i--) {
		if (is_alike(facts, &candidates->all[i - 1], failed, act))
			return &candidates->all[i - 1];
	}
	return NULL;
}

/* Of more groups than there is room for, the earliest goes. */
static struct candidate *add_group(struct candidates *candidates)
{
	if (candidates->count == CANDIDATES_MAX) {
		memmove(candidates->all, candidates->all + 1,
			(CANDIDATES_MAX - 1) * sizeof(candidates->all[0]));
		candidates->count--;
	}
	return &candidates->all[candidates->count++];
}

static void group(const struct facts *facts, struct candidates *candidates)
{
	for (size_t i = 0; i < facts->n_failed; i++) {
		const struct failed_call *failed = &facts->failed[i];
		const struct act *act = &facts->acts[failed->act];
		struct candidate *candidate = find_alike(facts, candidates, failed, act);

		if (!candidate) {
			candidate = add_group(candidates);
			*candidate = (struct candidate){.first = (uint32_t)i,
							.process = act->process,
							.kind = (enum act_kind)act->kind,
							.error = failed->error,
							.message = NO_MESSAGE};
		} else if (strcmp(candidate->object, failed->object) != 0) {
			candidate->is_search = true;
		}
		candidate->last = (uint32_t)i;
		candidate->count++;
		candidate->object = failed->object;
		candidate->given = failed->given;
		/* What opens or runs says more than what looks. */
		if (act->kind == ACT_OPEN || act->kind == ACT_EXEC)
			candidate->kind = (enum act_kind)act->kind;
	}
}

/* ---- weighed --------------------------------------------------------------------------------- */

static int work_points(unsigned work)
{
	if (work <= 2)
		return 20;
	if (work <= 10)
		return 10;
	if (work <= 40)
		return 0;
	return work <= 400 ? -20 : -50;
}

/* Tried again and again, up to the end. */
static bool is_retried(const struct facts *facts, const struct candidate *candidate)
{
	return candidate->count >= 3 &&
	       (is_peer_act(candidate->kind) || candidate->kind == ACT_LOCK ||
		candidate->kind == ACT_BIND) &&
	       facts_time_ns(facts, entry_of(facts, candidate->last)) -
			       facts_time_ns(facts, entry_of(facts, candidate->first)) >=
		       500 * MS;
}

/* Nothing was said: only that nothing else followed speaks for it. */
static int silent_points(const struct facts *facts, const struct candidate *candidate)
{
	uint64_t end_ns = facts_end_ns(facts, candidate->process), since_ns;
	struct event event;
	const struct message *said = facts_last_words(facts, candidate->process);
	int points = is_retried(facts, candidate) ? 25 : 0;

	facts_event(facts, &facts->acts[facts->failed[candidate->last].act], &event);
	since_ns = end_ns > event.end_ns ? end_ns - event.end_ns : 0;
	if (candidate->routine || candidate->work > 10 || since_ns > 2000 * MS)
		return -1;
	/* Who says what went wrong would have said this. */
	if (!said || said->tone < TONE_ERROR)
		points += 15;
	return points + (candidate->work <= 2 ? 15 : 5);
}

bool candidate_gave_up(const struct facts *facts, uint32_t process)
{
	const struct process *ended = &facts->processes.all[process];

	if (ended->end_ns && WIFSIGNALED(ended->code))
		return WTERMSIG(ended->code) == SIGABRT;
	return ended->end_ns ? ended->code != 0 : facts->snapshot->failure.exit_code != 0;
}

static int place_points(const struct facts *facts, const struct candidate *candidate)
{
	if (candidate->process == PROCESS_NONE)
		return -40;
	if (candidate->process == facts_culprit(facts))
		return 10;
	if (facts_in_chain(facts, candidate->process))
		return 0;
	return -25;
}

/* The program told of it, went on working, and told of something else. */
static bool went_on(const struct facts *facts, const struct candidate *candidate)
{
	const struct message *of = &facts->messages[candidate->message];

	for (size_t i = candidate->message + 1; i < facts->n_messages; i++) {
		const struct message *later = &facts->messages[i];

		if (later->process != candidate->process)
			continue;
		/* One exception led to the next. */
		if (strstr(later->text, "above exception"))
			return false;
		if (later->is_error && facts_tone_of(facts, later) >= TONE_ERROR &&
		    facts_work_after(facts, candidate->process, of->last_entry) >
			    facts_work_after(facts, candidate->process, later->first_entry) + 3)
			return true;
	}
	return false;
}

static void weigh(struct said *said, struct candidate *candidate)
{
	const struct facts *facts = said->facts;
	uint32_t from = entry_of(facts, candidate->last);
	int points;

	candidate->routine = routine_is(candidate->kind, candidate->error, candidate->object);
	points = candidate_find_message(said, candidate);
	if (candidate->message != NO_MESSAGE)
		from = facts->messages[candidate->message].last_entry;
	candidate->work = facts_work_after(facts, candidate->process, from);
	if (!points)
		points = silent_points(facts, candidate);
	else if (candidate->routine && !(candidate->says_object && candidate->says_errno))
		points = -1;
	if (points < 0) {
		candidate->score = -1;
		return;
	}
	points += place_points(facts, candidate);
	if (candidate->message == NO_MESSAGE)
		points += 10;
	else
		points += work_points(candidate->work) - (went_on(facts, candidate) ? 50 : 0);
	if (candidate->process != PROCESS_NONE && !candidate_gave_up(facts, candidate->process))
		points -= 30;
	candidate->score = points;
}

static int by_score(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	if (left->score != right->score)
		return left->score > right->score ? -1 : 1;
	/* Of two that are as good, what came last. */
	return (left->last < right->last) - (left->last > right->last);
}

/* Recovery is looked for where it matters, as it reads the tape. */
static void drop_overcome(const struct facts *facts, struct candidates *candidates)
{
	size_t kept = 0;

	for (size_t i = 0; i < candidates->count; i++) {
		struct candidate *candidate = &candidates->all[i];

		if (candidate->score >= 0 && kept < 32)
			candidate->recovered = candidate_is_recovered(facts, candidate);
		if (candidate->score >= 0 && kept < 32 &&
		    (candidate_is_variant(facts, candidates, candidate) ||
		     candidate_is_tidying(facts, candidates, candidate)))
			candidate->score = -1;
		if (candidate->recovered)
			candidate->score -=
				candidate->says_object && candidate->says_errno ? 40 : 1000;
		if (candidate->score < 0) {
			candidates->dismissed++;
			continue;
		}
		candidates->all[kept++] = *candidate;
	}
	candidates->count = kept;
}

int candidates_new(const struct facts *facts, struct candidates **ret)
{
	AUTO_FREE struct candidates *candidates = calloc(1, sizeof(*candidates));
	size_t messages = facts->n_messages < MESSAGES_BACK ? facts->n_messages : MESSAGES_BACK;
	AUTO_FREE uint8_t *table = calloc(messages + 1, CANDIDATE_ERRNOS);
	struct said said = {facts, table, facts->n_messages - messages};

	if (!candidates || !table)
		return -ENOMEM;
	group(facts, candidates);
	for (size_t i = 0; i < candidates->count; i++)
		weigh(&said, &candidates->all[i]);
	qsort(candidates->all, candidates->count, sizeof(candidates->all[0]), by_score);
	drop_overcome(facts, candidates);
	qsort(candidates->all, candidates->count, sizeof(candidates->all[0]), by_score);
	*ret = TAKE_PTR(candidates);
	return 0;
}
