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
#define WENT_ON	      4	 /* acts of work behind a message: facts_work_after() */
#define LOOKED_AT     64 /* candidates, the best first, of which the tape is read again */
/* Too few points for a proposal: it was not looked whether it was overcome. */
#define SCORE_NOT_LOOKED_AT 15

/* ---- alike ----------------------------------------------------------------------------------- */

bool candidate_same_attempt(enum act_kind a, enum act_kind b)
{
	return a == b || (is_path_act(a) && is_path_act(b)) || (is_peer_act(a) && is_peer_act(b));
}

static bool is_alike(const struct candidate *candidate, const struct failed_call *failed,
		     const struct act *act, uint32_t base_hash)
{
	if (candidate->base_hash != base_hash || candidate->process != act->process ||
	    candidate->error != failed->error ||
	    !candidate_same_attempt(candidate->kind, (enum act_kind)act->kind))
		return false;
	if (!strcmp(candidate->object, failed->object))
		return true;
	return is_path_act(candidate->kind) && failed->error == ENOENT &&
	       !strcmp(candidate_base(candidate->object), candidate_base(failed->object));
}

/* FNV-1a: thousands of different names are compared by it. */
static uint32_t hash_of(const char *text)
{
	uint32_t hash = 2166136261U;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619U;
	return hash;
}

static struct candidate *find_alike(struct candidates *candidates, const struct failed_call *failed,
				    const struct act *act, uint32_t base_hash)
{
	for (size_t i = candidates->count; i > 0; i--) {
		if (is_alike(&candidates->all[i - 1], failed, act, base_hash))
			return &candidates->all[i - 1];
	}
	return NULL;
}

/* Of more groups than there is room for, the earliest goes. They are in no order here. */
static struct candidate *add_group(struct candidates *candidates, size_t *groups)
{
	if (candidates->count < CANDIDATES_MAX)
		candidates->count++;
	return &candidates->all[(*groups)++ % CANDIDATES_MAX];
}

static void group(const struct facts *facts, struct candidates *candidates)
{
	size_t groups = 0;

	for (size_t i = 0; i < facts->n_failed; i++) {
		const struct failed_call *failed = &facts->failed[i];
		const struct act *act = &facts->acts[failed->act];
		uint32_t base_hash = hash_of(candidate_base(failed->object));
		struct candidate *candidate = find_alike(candidates, failed, act, base_hash);

		if (!candidate) {
			candidate = add_group(candidates, &groups);
			*candidate = (struct candidate){.first = (uint32_t)i,
							.process = act->process,
							.kind = (enum act_kind)act->kind,
							.error = failed->error,
							.base_hash = base_hash,
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

/* The last words of the process that was asked about last: most are of one. */
static const struct message *last_words(struct said *said, uint32_t process)
{
	if (!said->has_words || said->words_of != process)
		said->words = facts_last_words(said->facts, process);
	said->has_words = true;
	said->words_of = process;
	return said->words;
}

/* Nothing was said: only that nothing else followed speaks for it. */
static int silent_points(struct said *said, const struct candidate *candidate)
{
	const struct facts *facts = said->facts;
	uint64_t end_ns = facts_end_ns(facts, candidate->process), since_ns;
	const struct message *words;
	struct event event;
	int points = is_retried(facts, candidate) ? 25 : 0;

	facts_event(facts, &facts->acts[facts->failed[candidate->last].act], &event);
	since_ns = end_ns > event.end_ns ? end_ns - event.end_ns : 0;
	if (candidate->routine || candidate->work > 10 || since_ns > 2000 * MS)
		return -1;
	/* Who says what went wrong would have said this. */
	words = last_words(said, candidate->process);
	if (!words || words->tone < TONE_ERROR)
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

/* The entry at which the process had gone on after a message; the last answer is kept. */
static uint32_t went_on_at(struct said *said, const struct candidate *candidate)
{
	if (said->worked_message != candidate->message || said->worked_of != candidate->process)
		said->worked = facts_entry_of_work(said->facts, candidate->process,
						   candidate->work - WENT_ON);
	said->worked_message = candidate->message;
	said->worked_of = candidate->process;
	return said->worked;
}

/* The program told of it, went on working, and told of something else. */
static bool went_on(struct said *said, const struct candidate *candidate)
{
	const struct facts *facts = said->facts;
	uint32_t worked;

	if (candidate->work < WENT_ON)
		return false;
	worked = went_on_at(said, candidate);
	for (size_t i = candidate->message + 1; i < facts->n_messages; i++) {
		const struct message *later = &facts->messages[i];

		if (later->process != candidate->process)
			continue;
		/* One exception led to the next. */
		if (strstr(later->text, "above exception"))
			return false;
		if (later->is_error && later->first_entry >= worked &&
		    facts_tone_of(facts, later) >= TONE_ERROR)
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
		points = silent_points(said, candidate);
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
		points += work_points(candidate->work) - (went_on(said, candidate) ? 50 : 0);
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

/* Recovery is looked for where it matters, as it reads the tape: among the best. */
static void mark_overcome(const struct facts *facts, struct candidates *candidates)
{
	unsigned looked_at = 0;

	for (size_t i = 0; i < candidates->count; i++) {
		struct candidate *candidate = &candidates->all[i];

		if (candidate->score < 0)
			continue;
		if (looked_at++ >= LOOKED_AT) {
			if (candidate->score > SCORE_NOT_LOOKED_AT)
				candidate->score = SCORE_NOT_LOOKED_AT;
			continue;
		}
		candidate->recovered = candidate_is_recovered(facts, candidate);
		if (candidate_is_variant(facts, candidates, candidate) ||
		    candidate_is_tidying(facts, candidates, candidate))
			candidate->score = -1;
		if (candidate->recovered)
			candidate->score -=
				candidate->says_object && candidate->says_errno ? 40 : 1000;
	}
}

static void drop_dismissed(struct candidates *candidates)
{
	size_t kept = 0;

	for (size_t i = 0; i < candidates->count; i++) {
		if (candidates->all[i].score >= 0)
			candidates->all[kept++] = candidates->all[i];
	}
	candidates->dismissed += candidates->count - kept;
	candidates->count = kept;
}

int candidates_new(const struct facts *facts, struct candidates **ret)
{
	AUTO_FREE struct candidates *candidates = calloc(1, sizeof(*candidates));
	size_t messages = facts->n_messages < MESSAGES_BACK ? facts->n_messages : MESSAGES_BACK;
	AUTO_FREE uint8_t *table = calloc(messages + 1, SAID_COLUMNS);
	AUTO_FREE uint32_t *next = calloc(facts->n_failed + 1, sizeof(*next));
	struct said said = {.facts = facts,
			    .table = table,
			    .first = facts->n_messages - messages,
			    .next = next,
			    .worked_message = NO_MESSAGE};

	if (!candidates || !table || !next || said_link_failed(facts, next))
		return -ENOMEM;
	group(facts, candidates);
	for (size_t i = 0; i < candidates->count; i++)
		weigh(&said, &candidates->all[i]);
	qsort(candidates->all, candidates->count, sizeof(candidates->all[0]), by_score);
	mark_overcome(facts, candidates);
	drop_dismissed(candidates);
	qsort(candidates->all, candidates->count, sizeof(candidates->all[0]), by_score);
	*ret = TAKE_PTR(candidates);
	return 0;
}
