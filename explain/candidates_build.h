/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that weigh candidates share; not for others. */
#ifndef EXPLAIN_CANDIDATES_BUILD_H
#define EXPLAIN_CANDIDATES_BUILD_H

#include <errno.h>

#include "explain/candidates.h"

#define CANDIDATE_ERRNOS 134 /* with names of their own */

static inline bool is_path_act(enum act_kind kind)
{
	return kind == ACT_OPEN || kind == ACT_LOOK || kind == ACT_EXEC;
}

static inline bool is_peer_act(enum act_kind kind)
{
	return kind == ACT_CONNECT || kind == ACT_OPTION || kind == ACT_SEND ||
	       kind == ACT_RECEIVE || kind == ACT_READ;
}

/* Errors that programs meet and overcome all the time; the words for them are said of anything. */
static inline bool is_common(int error)
{
	return error == ENOENT || error == EACCES || error == EPERM || error == EINVAL ||
	       error == EEXIST || error == ENOTDIR;
}

static inline uint32_t entry_of(const struct facts *facts, uint32_t failed)
{
	return facts->acts[facts->failed[failed].act].entry;
}

/* What is known of one candidate's surroundings, found once each. */
enum said_reach {
	REACH_SHORTLY,	 /* acts of work between a call and what is said of it */
	REACH_TRACEBACK, /* the same, but reading source files is passed over */
	REACH_ADJACENT,
	REACHES
};

/* What messages say, and what lies between them and calls; each is looked at once. */
struct said {
	const struct facts *facts;
	uint8_t *table; /* SAID_COLUMNS for each message from the first on */
	size_t first;	/* message */
	/* By failed call: the next of its process that is not routine; UINT32_MAX: none. */
	uint32_t *next;
	/* Of the candidate that is weighed: the last entry of a message that is so near. */
	bool has_reach[REACHES];
	uint32_t reach[REACHES];
	/* See went_on_at() and last_words(). */
	uint32_t worked_message, worked_of, worked;
	bool has_words;
	uint32_t words_of;
	const struct message *words;
};
#define SAID_COLUMNS (CANDIDATE_ERRNOS + ACT_KINDS)

/* Fills said.next. 0 or -ENOMEM. */
int said_link_failed(const struct facts *facts, uint32_t *next);

/* Whether calls of both kinds may be the same attempt: look and open, connect and its result. */
bool candidate_same_attempt(enum act_kind a, enum act_kind b);

/* Links the message that speaks of the candidate best; how well, 0: there is none. */
int candidate_find_message(struct said *said, struct candidate *candidate);

/* A later call of the same process did the same with success. */
bool candidate_is_recovered(const struct facts *facts, const struct candidate *candidate);
/* "a.zip.ZIP", where "a.zip" was opened or is missing itself: a variant of that name. */
bool candidate_is_variant(const struct facts *facts, const struct candidates *candidates,
			  const struct candidate *candidate);
/* What was to be removed and is not there: tidying up, if something had failed before. */
bool candidate_is_tidying(const struct facts *facts, const struct candidates *candidates,
			  const struct candidate *candidate);

#endif
