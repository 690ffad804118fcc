/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failed calls -> candidates.  A failed call counts if the program ended because of it, and the
 * tape can show that in two ways: the program said so, or it did nothing else before it ended.
 */
#include "explain/candidates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "common/cleanup.h"
#include "decode/value.h"
#include "explain/routine.h"
#include "explain/says.h"

#define NO_MESSAGE    UINT32_MAX
#define MESSAGES_BACK 256 /* that are looked at, from the last on */
#define ERRNOS	      134 /* with names of their own */
#define RECOVERY_ACTS 200000
#define MS	      1000000ULL

const char *candidate_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* ---- alike ----------------------------------------------------------------------------------- */

static bool is_path_act(enum act_kind kind)
{
	return kind == ACT_OPEN || kind == ACT_LOOK || kind == ACT_EXEC;
}

static bool is_peer_act(enum act_kind kind)
{
	return kind == ACT_CONNECT || kind == ACT_OPTION || kind == ACT_SEND ||
	       kind == ACT_RECEIVE || kind == ACT_READ;
}

/* Whether calls of both kinds may be the same attempt: look and open, connect and its result. */
static bool same_attempt(enum act_kind a, enum act_kind b)
{
	return a == b || (is_path_act(a) && is_path_act(b)) || (is_peer_act(a) && is_peer_act(b));
}

static bool is_alike(const struct facts *facts, const struct candidate *candidate,
		     const struct failed_call *failed, const struct act *act)
{
	if (candidate->process != act->process || candidate->error != failed->error ||
	    !same_attempt(candidate->kind, (enum act_kind)act->kind))
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

/* ---- overcome -------------------------------------------------------------------------------- */

static uint32_t entry_of(const struct facts *facts, uint32_t failed)
{
	return facts->acts[facts->failed[failed].act].entry;
}

static bool path_has_base(enum arch arch, const struct event *event, const char *base)
{
	const struct layout *layout;
	struct value value;

	if (event->type == IGREC_RECORD_EXEC) {
		value = exec_file(event);
	} else {
		layout = event_layout(arch, event);
		for (unsigned i = 0; i < layout->count; i++) {
			value = event_argument(event, layout, i);
			if (value.type == VALUE_PATH)
				break;
		}
	}
	if (value.type != VALUE_PATH || value.data_bytes < strlen(base))
		return false;
	if (memcmp(value.data + value.data_bytes - strlen(base), base, strlen(base)) != 0)
		return false;
	return value.data_bytes == strlen(base) ||
	       value.data[value.data_bytes - strlen(base) - 1] == '/';
}

/* A later call of the same process that does the same with success. */
static bool is_recovered(const struct facts *facts, const struct candidate *candidate)
{
	const char *base = candidate_base(candidate->object);
	size_t first = facts_first_after(facts, entry_of(facts, candidate->last));
	size_t end = facts->n_acts < first + RECOVERY_ACTS ? facts->n_acts : first + RECOVERY_ACTS;

	if (!is_path_act(candidate->kind) || !base[0])
		return false;
	for (size_t i = first; i < end; i++) {
		const struct act *act = &facts->acts[i];
		struct event event;

		if (act->process != candidate->process || act->error || act->in_flight ||
		    !is_path_act((enum act_kind)act->kind))
			continue;
		/* That it is there does not help one who may not open it. */
		if (act->kind == ACT_LOOK && candidate->error != ENOENT)
			continue;
		/* A shell reads what it could not run, to tell why. */
		if (candidate->kind == ACT_EXEC && act->kind != ACT_EXEC)
			continue;
		facts_event(facts, act, &event);
		if (path_has_base(facts->arch, &event, base))
			return true;
	}
	return false;
}

bool candidate_exists(const struct facts *facts, const struct candidate *candidate)
{
	const char *base = candidate_base(candidate->object);

	for (size_t i = 0; base[0] && i < facts->n_acts; i++) {
		const struct act *act = &facts->acts[i];
		struct event event;

		if (act->process != candidate->process || act->error ||
		    (act->kind != ACT_LOOK && act->kind != ACT_OPEN))
			continue;
		facts_event(facts, act, &event);
		if (path_has_base(facts->arch, &event, base))
			return true;
	}
	return false;
}

/* ---- said ------------------------------------------------------------------------------------ */

enum { SAYS_UNKNOWN, SAYS_NOT, SAYS, SAYS_EXACTLY };

/* By message and errno; each pair is looked at once. */
struct said {
	const struct facts *facts;
	uint8_t *table;
	size_t first; /* message */
};

static int said_errno(struct said *said, size_t message, int error)
{
	const char *text = said->facts->messages[message].text;
	uint8_t *known;

	if (error >= ERRNOS)
		return SAYS_NOT;
	known = &said->table[(message - said->first) * ERRNOS + (size_t)error];
	if (*known == SAYS_UNKNOWN)
		*known = says_errno_exactly(text, error) ? SAYS_EXACTLY
			 : says_errno(text, error)	 ? SAYS
							 : SAYS_NOT;
	return *known;
}

/* Errors that programs meet and overcome all the time; the words for them are said of anything. */
static bool is_common(int error)
{
	return error == ENOENT || error == EACCES || error == EPERM || error == EINVAL ||
	       error == EEXIST || error == ENOTDIR;
}

static int link_points(const struct facts *facts, const struct candidate *candidate, size_t message,
		       int errno_said, bool object_said)
{
	const struct message *at = &facts->messages[message];
	bool own = at->process == candidate->process;
	enum tone tone = says_tone(at->text, at->bytes);
	int points = 0;

	if (object_said && errno_said == SAYS_EXACTLY)
		points = 70;
	else if (object_said && errno_said == SAYS)
		points = 60;
	else if (object_said && at->truncated && tone >= TONE_ERROR)
		points = 55; /* the rest was not captured */
	else if (object_said)
		points = tone >= TONE_ERROR ? 40 : 15;
	else if (errno_said == SAYS_EXACTLY)
		points = 45;
	else if (errno_said == SAYS)
		points = is_common(candidate->error) ? 15 : 35;
	if (!points)
		return 0;
	if (!is_common(candidate->error))
		points += 5;
	/* Others are believed only if they name both. */
	if (!own && !(object_said && errno_said >= SAYS))
		return 0;
	if (tone == TONE_WARNING)
		points -= 25;
	if (tone == TONE_FATAL)
		points += 5;
	return points;
}

/* Whether the message follows on the call, with next to nothing between. */
static bool is_adjacent(const struct facts *facts, const struct candidate *candidate,
			const struct message *message)
{
	uint32_t entry = entry_of(facts, candidate->last);
	unsigned between = 0;

	if (candidate->error == ENOENT || message->process != candidate->process)
		return false;
	for (size_t i = facts_first_after(facts, entry);
	     i < facts->n_acts && facts->acts[i].entry < message->first_entry; i++) {
		const struct act *act = &facts->acts[i];

		if (act->process == candidate->process && act->kind != ACT_TIDY &&
		    act->kind != ACT_MEMORY && ++between > 2)
			return false;
	}
	return message->first_entry > entry;
}

/* The message behind its last call that speaks of it best, of equal ones the first. */
static int find_message(struct said *said, struct candidate *candidate)
{
	const struct facts *facts = said->facts;
	uint32_t entry = entry_of(facts, candidate->last);
	uint32_t first_entry = entry_of(facts, candidate->first);
	int best = 0;

	for (size_t i = said->first; i < facts->n_messages; i++) {
		const struct message *message = &facts->messages[i];
		int errno_said, points;
		bool object_said;

		if (message->last_entry < first_entry)
			continue;
		errno_said = said_errno(said, i, candidate->error);
		if (errno_said < SAYS_EXACTLY && says_library(message->text, candidate->object))
			errno_said = SAYS_EXACTLY;
		object_said = says_object(message->text, candidate->object) ||
			      (candidate->given[0] && says_object(message->text, candidate->given));
		points = link_points(facts, candidate, i, errno_said, object_said);
		if (points && is_adjacent(facts, candidate, message))
			points += 12;
		if (message->last_entry < entry)
			points -= 10;
		if (points <= best)
			continue;
		best = points;
		candidate->message = (uint32_t)i;
		candidate->says_object = object_said;
		candidate->says_errno = errno_said >= SAYS;
		candidate->says_exactly = errno_said == SAYS_EXACTLY;
	}
	return best;
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

/* Nothing was said: only that nothing else followed speaks for it. */
static int silent_points(const struct facts *facts, const struct candidate *candidate)
{
	uint64_t since_ns = facts_end_ns(facts, candidate->process) -
			    facts_time_ns(facts, entry_of(facts, candidate->last));

	const struct message *said = facts_last_words(facts, candidate->process);
	int points = 0;

	if (candidate->routine || candidate->work > 10 || since_ns > 2000 * MS)
		return -1;
	/* Who says what went wrong would have said this. */
	if (!said || says_tone(said->text, said->bytes) < TONE_ERROR)
		points += 15;
	return points + (candidate->work <= 2 ? 15 : 5);
}

/* Whether the process ended by itself and not well. */
static bool gave_up(const struct facts *facts, uint32_t process)
{
	const struct process *ended = &facts->processes.all[process];

	if (ended->end_ns && WIFSIGNALED(ended->code))
		return WTERMSIG(ended->code) == 6 /* SIGABRT */;
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

static void weigh(struct said *said, struct candidate *candidate)
{
	const struct facts *facts = said->facts;
	int points = find_message(said, candidate);
	uint32_t from = entry_of(facts, candidate->last);

	if (candidate->message != NO_MESSAGE)
		from = facts->messages[candidate->message].last_entry;
	candidate->routine = routine_is(candidate->kind, candidate->error, candidate->object);
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
	if (candidate->message != NO_MESSAGE)
		points += work_points(candidate->work);
	else
		points += 10;
	if (candidate->process != PROCESS_NONE && !gave_up(facts, candidate->process))
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
			candidate->recovered = is_recovered(facts, candidate);
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
	AUTO_FREE uint8_t *table = calloc(messages + 1, ERRNOS);
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
