/* SPDX-License-Identifier: Apache-2.0 */
/* Which message speaks of a failed call: by its object, its errno, or by following on it. */
#include <errno.h>
#include <string.h>

#include "explain/candidates_build.h"
#include "explain/says.h"

#define IN_BETWEEN                                                                                 \
	(ACT_BIT(ACT_TIDY) | ACT_BIT(ACT_MEMORY) | ACT_BIT(ACT_WRITE) | ACT_BIT(ACT_SLEEP))
#define SHORTLY 12 /* acts between a call and what is said of it */

enum { SAYS_UNKNOWN, SAYS_NOT, SAYS, SAYS_EXACTLY };

static int said_errno(struct said *said, size_t message, int error)
{
	const char *text = said->facts->messages[message].text;
	uint8_t *known;

	if (error >= CANDIDATE_ERRNOS)
		return SAYS_NOT;
	known = &said->table[(message - said->first) * CANDIDATE_ERRNOS + (size_t)error];
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

/* Nothing that matters was done between the call and the message, apart from acts of `passed`. */
static bool is_shortly_before(const struct facts *facts, const struct candidate *candidate,
			      const struct message *message, unsigned passed)
{
	uint32_t entry = entry_of(facts, candidate->last);
	unsigned between = 0;

	if (message->first_entry < entry)
		return false;
	for (size_t i = facts_first_after(facts, entry);
	     i < facts->n_acts && facts->acts[i].entry < message->first_entry; i++) {
		const struct act *act = &facts->acts[i];

		between += act->process == candidate->process && !act->error &&
			   !(passed & ACT_BIT(act->kind));
	}
	return between <= SHORTLY;
}

/* The last call that failed before the message, and that somebody would wonder about. */
static bool is_last_before(const struct facts *facts, const struct candidate *candidate,
			   const struct message *message)
{
	for (size_t i = candidate->last + 1; i < facts->n_failed; i++) {
		const struct failed_call *failed = &facts->failed[i];
		const struct act *act = &facts->acts[failed->act];

		if (act->entry > message->first_entry)
			break;
		if (act->process == candidate->process &&
		    strncmp(failed->object, candidate->object, strlen(candidate->object)) != 0 &&
		    !failed->routine)
			return false;
	}
	return true;
}

/*
 * What was captured of the message ends before it could name the call.  Who tells where an
 * exception came from reads source files before.
 */
static bool is_cut_off(const struct facts *facts, const struct candidate *candidate,
		       const struct message *message)
{
	const char *newline = strrchr(message->text, '\n');
	const char *last_line = newline ? newline + 1 : message->text;
	unsigned passed = IN_BETWEEN;

	if (!message->truncated || candidate->routine)
		return false;
	if (strstr(message->text, "Traceback (most"))
		passed |= ACT_BIT(ACT_OPEN) | ACT_BIT(ACT_READ) | ACT_BIT(ACT_LOOK) |
			  ACT_BIT(ACT_OTHER);
	else if (says_tone(is_common(candidate->error) ? last_line : message->text,
			   strlen(is_common(candidate->error) ? last_line : message->text)) <
		 TONE_ERROR)
		return false;
	return is_shortly_before(facts, candidate, message, passed) &&
	       is_last_before(facts, candidate, message);
}

/* It speaks of such an act right behind the call, though neither of the object nor the errno. */
static bool is_told_otherwise(const struct facts *facts, const struct candidate *candidate,
			      const struct message *message)
{
	if (candidate->routine || !is_shortly_before(facts, candidate, message, IN_BETWEEN))
		return false;
	if (candidate->kind == ACT_OPEN &&
	    (is_common(candidate->error) || !is_last_before(facts, candidate, message)))
		return false;
	/* Names are looked up by the way. */
	if (is_peer_act(candidate->kind) && !is_common(candidate->error) &&
	    !strstr(candidate->object, ":53") && message->tone >= TONE_ERROR &&
	    is_last_before(facts, candidate, message))
		return true;
	return says_act(message->text, candidate->kind);
}

static int link_points(const struct facts *facts, const struct candidate *candidate, size_t message,
		       int errno_said, bool object_said)
{
	const struct message *at = &facts->messages[message];
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
	else if (own && tone >= TONE_CLOSING && is_told_otherwise(facts, candidate, at))
		points = 25;
	else if (own && is_cut_off(facts, candidate, at))
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
int candidate_find_message(struct said *said, struct candidate *candidate)
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
		candidate->says_object = object_said && !is_chance(candidate, message);
		candidate->says_errno = errno_said >= SAYS;
		candidate->says_exactly = errno_said == SAYS_EXACTLY;
	}
	return best;
}
