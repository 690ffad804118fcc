/* SPDX-License-Identifier: Apache-2.0 */
/* The program ended because a call failed.  Candidates are weighed already. */
#include "explain/earlier_step.h"
#include "explain/failed_call_finding.h"
#include "explain/rules.h"

#define PROPOSALS_MAX  6
#define SCORE_CERTAIN  85
#define SCORE_LIKELY   45
#define SCORE_POSSIBLE 20

/* The program said what failed and on what, did nothing else, and ended: that is a proof. */
static enum confidence confidence_of(const struct facts *facts, const struct candidates *candidates,
				     const struct candidate *candidate)
{
	if (candidate->says_object && candidate->says_exactly && candidate->work <= 2 &&
	    !candidate->recovered && candidate->score >= SCORE_CERTAIN &&
	    !earlier_step_of(facts, candidates, candidate))
		return CONFIDENCE_CERTAIN;
	return candidate->score >= SCORE_LIKELY ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE;
}

void rule_failed_call(const struct facts *facts, const struct candidates *candidates,
		      struct findings *findings)
{
	for (size_t i = 0; i < candidates->count && i < PROPOSALS_MAX; i++) {
		if (candidates->all[i].score >= SCORE_POSSIBLE)
			failed_call_finding(facts, candidates, &candidates->all[i],
					    confidence_of(facts, candidates, &candidates->all[i]),
					    candidates->all[i].score, findings);
	}
}
