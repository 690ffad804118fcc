/* SPDX-License-Identifier: Apache-2.0 */
/* What is missing has to do with a step before, which failed: that is the cause. */
#include "explain/earlier_step.h"
#include "explain/failed_call_finding.h"
#include "explain/rules.h"
#include "explain/words.h"

#define SCORE	     120
#define SCORE_LIKELY 45

void rule_earlier_step(const struct facts *facts, const struct candidates *candidates,
		       struct findings *findings)
{
	const struct candidate *missing = candidates->count ? &candidates->all[0] : NULL;
	const struct candidate *step;
	struct finding *finding;

	if (!missing || missing->score < SCORE_LIKELY)
		return;
	step = earlier_step_of(facts, candidates, missing);
	if (!step)
		return;
	finding = failed_call_finding(facts, candidates, step, CONFIDENCE_LIKELY, SCORE, findings);
	if (!finding)
		return;
	buf_add_text(&finding->sentence, earlier_step_makes(facts, step, missing)
						 ? "; it should have made "
						 : "; its arguments name ");
	words_object(&finding->sentence, missing->object);
	buf_add_text(&finding->sentence, ", which ");
	words_process(&finding->sentence, facts, missing->process);
	buf_add_text(&finding->sentence, " then did not find");
	words_end_after(&finding->sentence, ", and it ", facts, missing->process);
	words_chain(&finding->sentence, facts, missing->process);
	finding_add_evidence(finding, facts->acts[facts->failed[missing->last].act].entry);
	if (missing->message != NO_MESSAGE)
		finding_add_evidence(finding, facts->messages[missing->message].last_entry);
}
