/* SPDX-License-Identifier: Apache-2.0 */
/* A program that ends with 0 and is started again and again: nothing failed but the expectation. */
#include "explain/rules.h"
#include "explain/words.h"
#include "replay/ending.h"

void rule_clean_exit(const struct facts *facts, const struct candidates *candidates,
		     struct findings *findings)
{
	const struct failure *failure = &facts->snapshot->failure;
	uint32_t process = facts_culprit(facts);
	const struct message *said;
	struct finding *finding;
	struct ending ending;
	size_t exit;

	if (failure->kind != FAILURE_CRASH_LOOP || failure->signal || failure->exit_code)
		return;
	ending_of(facts->timeline, failure, &ending);
	if (ending.has_request)
		return; /* it did what it was told */
	finding = findings_add(findings, "clean-exit", CONFIDENCE_LIKELY, 50);
	if (!finding)
		return;
	buf_add_text(&finding->object, facts_comm(facts, process));
	words_process(&finding->sentence, facts, process);
	buf_add_text(&finding->sentence,
		     " came to its end and exited with 0, and is started again each time");
	said = facts_last_words(facts, process);
	if (said) {
		buf_add_text(&finding->sentence, "; it said last ");
		words_quote(&finding->sentence, said);
		finding_add_evidence(finding, said->last_entry);
	}
	if (facts_exit_of(facts, process, &exit))
		finding_add_evidence(finding, exit);
	buf_add_text(&finding->next,
		     "run it as a Job, or with restartPolicy OnFailure, if it is to "
		     "end; else look why it has nothing to do: a shell without "
		     "input, a server that goes into the background");
}
