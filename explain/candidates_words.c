/* SPDX-License-Identifier: Apache-2.0 */
/* Which message speaks of a failed call: by its object, its errno, or by following on it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "explain/candidates_build.h"
#include "explain/lookups.h"
#include "explain/says.h"

#define IN_BETWEEN                                                                                 \
	(ACT_BIT(ACT_TIDY) | ACT_BIT(ACT_MEMORY) | ACT_BIT(ACT_WRITE) | ACT_BIT(ACT_SLEEP))
#define SHORTLY	   12	 /* acts between a call and what is said of it */
#define REACH_ACTS 20000 /* of all processes that are looked at for it */
#define ALIKE_MAX  32	 /* failed calls about the same that are passed over */

enum { SAYS_UNKNOWN, SAYS_NOT, SAYS, SAYS_EXACTLY };

static int said_errno(struct said *said, size_t message, int error)
{
	const char *text = said->facts->messages[message].text;
	uint8_t *known;

	if (error >= CANDIDATE_ERRNOS)
		return SAYS_NOT;
	known = &said->table[(message - said->first) * SAID_COLUMNS + (size_t)error];
	if (*known == SAYS_UNKNOWN)
		*known = says_errno_exactly(text, error) ? SAYS_EXACTLY
			 : says_errno(text, error)	 ? SAYS
							 : SAYS_NOT;
	return *known;
}

/* The message has a word that happens to be the file's name. */
static bool is_chance(const struct candidate *candidate, const struct message *message)
{
	return (candidate->kind == ACT_OPEN || candidate->kind == ACT_LOOK) &&
	       says_object_by_chance(message->text, candidate->object) &&
	       !(candidate->given[0] && candidate->given[0] != '/' &&
		 says_word(message->text, candidate->given));
}

/* ---- near ------------------------------------------------------------------------------------ */

/* Which acts do not count, how many others may, and whether those that failed do. */
static const struct {
	unsigned passed, others;
	bool with_failed;
} reaches[REACHES] = {
	[REACH_SHORTLY] = {IN_BETWEEN, SHORTLY, false},
	[REACH_TRACEBACK] = {IN_BETWEEN | ACT_BIT(ACT_OPEN) | ACT_BIT(ACT_READ) |
				     ACT_BIT(ACT_LOOK) | ACT_BIT(ACT_OTHER),
			     SHORTLY, false},
	[REACH_ADJACENT] = {ACT_BIT(ACT_TIDY) | ACT_BIT(ACT_MEMORY), 2, true},
};

/* The entry of the first act that is one too many; the tape is not read further than REACH_ACTS. */
static uint32_t find_reach(const struct facts *facts, const struct candidate *candidate,
			   enum said_reach reach)
{
	size_t from = facts_first_after(facts, entry_of(facts, candidate->last));
	unsigned others = 0;

	for (size_t i = from; i < facts->n_acts; i++) {
		const struct act *act = &facts->acts[i];

		if (i - from >= REACH_ACTS)
			return act->entry;
		if (act->process != candidate->process ||
		    (act->error && !reaches[reach].with_failed) ||
		    (reaches[reach].passed & ACT_BIT(act->kind)))
			continue;
		if (++others > reaches[reach].others)
			return act->entry;
	}
	return UINT32_MAX;
}

/* Whether next to nothing was done between the candidate and a message behind it. */
static bool is_near(struct said *said, const struct candidate *candidate,
		    const struct message *message, enum said_reach reach)
{
	if (message->first_entry < entry_of(said->facts, candidate->last))
		return false;
	if (!said->has_reach[reach])
		said->reach[reach] = find_reach(said->facts, candidate, reach);
	said->has_reach[reach] = true;
	return message->first_entry <= said->reach[reach];
}

int said_link_failed(const struct facts *facts, uint32_t *next)
{
	size_t processes = facts->processes.count;
	/* By process, behind them of those that are not known: the failed call that comes next. */
	AUTO_FREE uint32_t *later = malloc((processes + 1) * sizeof(*later));

	if (!later)
		return -ENOMEM;
	for (size_t i = 0; i <= processes; i++)
		later[i] = UINT32_MAX;
	for (size_t i = facts->n_failed; i > 0; i--) {
		const struct failed_call *failed = &facts->failed[i - 1];
		uint32_t process = facts->acts[failed->act].process;
		uint32_t *of = &later[process == PROCESS_NONE ? processes : process];

		next[i - 1] = *of;
		if (!failed->routine)
			*of = (uint32_t)i - 1;
	}
	return 0;
}

/* The last call that failed before the message, and that somebody would wonder about. */
static bool is_last_before(const struct said *said, const struct candidate *candidate,
			   const struct message *message)
{
	const struct facts *facts = said->facts;
	size_t bytes = strlen(candidate->object);
	unsigned alike = 0;

	for (uint32_t i = said->next[candidate->last]; i != UINT32_MAX; i = said->next[i]) {
		const struct failed_call *failed = &facts->failed[i];

		if (facts->acts[failed->act].entry > message->first_entry)
			break;
		/* What is about no object is like nothing else. */
		if (!bytes || strncmp(failed->object, candidate->object, bytes) != 0 ||
		    ++alike > ALIKE_MAX)
			return false;
	}
	return true;
}

/* ---- told ------------------------------------------------------------------------------------ */

static bool said_act(struct said *said, size_t message, enum act_kind kind)
{
	uint8_t *known = &said->table[(message - said->first) * SAID_COLUMNS + CANDIDATE_ERRNOS +
				      (size_t)kind];

	if (*known == SAYS_UNKNOWN)
		*known = says_act(said->facts->messages[message].text, kind) ? SAYS : SAYS_NOT;
	return *known == SAYS;
}

static enum tone tone_of_last_line(const struct message *message)
{
	const char *newline = strrchr(message->text, '\n');
	const char *line = newline ? newline + 1 : message->text;

	return says_tone(line, strlen(line));
}

/*
 * What was captured of the message ends before it could name the call.  Who tells where an
 * exception came from reads source files before.  What is cheap is asked first.
 */
static bool is_cut_off(struct said *said, const struct candidate *candidate,
		       const struct message *message)
{
	bool traceback;

	if (!message->truncated || candidate->routine)
		return false;
	traceback = strstr(message->text, "Traceback (most");
	if (!is_near(said, candidate, message, traceback ? REACH_TRACEBACK : REACH_SHORTLY) ||
	    !is_last_before(said, candidate, message))
		return false;
	return traceback || (is_common(candidate->error) ? tone_of_last_line(message)
							 : message->tone) >= TONE_ERROR;
}

/* It speaks of such an act right behind the call, though neither of the object nor the errno. */
static bool is_told_otherwise(struct said *said, const struct candidate *candidate, size_t index)
{
	const struct message *message = &said->facts->messages[index];

	if (candidate->routine || !is_near(said, candidate, message, REACH_SHORTLY))
		return false;
	if (candidate->kind == ACT_OPEN &&
	    (is_common(candidate->error) || !is_last_before(said, candidate, message)))
		return false;
	/* Names are looked up by the way. */
	if (is_peer_act(candidate->kind) && !is_common(candidate->error) &&
	    !is_name_server(candidate->object) && message->tone >= TONE_ERROR &&
	    is_last_before(said, candidate, message))
		return true;
	return said_act(said, index, candidate->kind);
}

static int link_points(struct said *said, const struct candidate *candidate, size_t message,
		       int errno_said, bool object_said)
{
	const struct message *at = &said->facts->messages[message];
	bool own = at->process == candidate->process;
	enum tone tone = at->tone;
	int points = 0;

	object_said = object_said && !is_chance(candidate, at);
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
	else if (own && tone >= TONE_CLOSING && is_told_otherwise(said, candidate, message))
		points = 25;
	else if (own && is_cut_off(said, candidate, at))
		points = 30;
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
static bool is_adjacent(struct said *said, const struct candidate *candidate,
			const struct message *message)
{
	return candidate->error != ENOENT && message->process == candidate->process &&
	       message->first_entry > entry_of(said->facts, candidate->last) &&
	       is_near(said, candidate, message, REACH_ADJACENT);
}

/* The message behind its last call that speaks of it best, of equal ones the first. */
int candidate_find_message(struct said *said, struct candidate *candidate)
{
	const struct facts *facts = said->facts;
	uint32_t entry = entry_of(facts, candidate->last);
	uint32_t first_entry = entry_of(facts, candidate->first);
	int best = 0;

	memset(said->has_reach, 0, sizeof(said->has_reach));
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
		points = link_points(said, candidate, i, errno_said, object_said);
		if (points && is_adjacent(said, candidate, message))
			points += 12;
		if (message->last_entry < entry)
			points -= 10;
		if (points <= best)
			continue;
		best = points;
		candidate->message = (uint32_t)i;
		candidate->says_object = object_said && !is_chance(candidate, message);
		candidate->says_errno = errno_said >= SAYS;
		candidate->says_exactly = errno_said == SAYS_EXACTLY;
	}
	return best;
}
