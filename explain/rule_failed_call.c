/* SPDX-License-Identifier: Apache-2.0 */
/* The program ended because a call failed.  Candidates are weighed already. */
#include "explain/earlier_step.h"
#include "explain/failed_call_finding.h"
#include "explain/rules.h"

#define PROPOSALS_MAX  6
#define SCORE_CERTAIN  85
#define SCORE_TOLD     70 /* less than that it was told to end */
#define SCORE_LIKELY   45
#define SCORE_POSSIBLE 20

/* After the call it was told to end: it may have gone on without what it did not get. */
static bool is_told_to_end(const struct facts *facts, const struct candidate *candidate)
{
	const struct failed_call *last = &facts->failed[candidate->last];
	struct event signal;
	size_t entry;

	return facts_told_until(facts, candidate->process, 0, UINT64_MAX, &signal, &entry) &&
	       signal.time_ns > facts_time_ns(facts, facts->acts[last->act].entry);
}

static int score_of(const struct facts *facts, const struct candidate *candidate)
{
	if (candidate->score > SCORE_TOLD && is_told_to_end(facts, candidate))
		return SCORE_TOLD;
	return candidate->score;
}

/* Who ended the container said it itself, and ended by itself with an error. */
static bool is_own_account(const struct facts *facts, const struct candidate *candidate)
{
	return facts_in_chain(facts, candidate->process) && candidate->message != NO_MESSAGE &&
	       facts->messages[candidate->message].process == candidate->process &&
	       candidate_gave_up(facts, candidate->process);
}

/*
 * The program said what failed and on what, did nothing else, and ended: that is a proof.  Each of
 * these is asked for by itself; points only order what is proposed.
 */
static enum confidence confidence_of(const struct facts *facts, const struct candidates *candidates,
				     const struct candidate *candidate, int score)
{
	if (candidate->says_object && candidate->says_exactly && candidate->work <= 2 &&
	    !candidate->recovered && score >= SCORE_CERTAIN && is_own_account(facts, candidate) &&
	    !earlier_step_of(facts, candidates, candidate))
		return CONFIDENCE_CERTAIN;
	return score >= SCORE_LIKELY ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE;
}

void rule_failed_call(const struct facts *facts, const struct candidates *candidates,
		      struct findings *findings)
{
	for (size_t i = 0; i < candidates->count && i < PROPOSALS_MAX; i++) {
		const struct candidate *candidate = &candidates->all[i];
		int score = score_of(facts, candidate);

		if (score >= SCORE_POSSIBLE)
			failed_call_finding(facts, candidates, candidate,
					    confidence_of(facts, candidates, candidate, score),
					    score, findings);
	}
}
