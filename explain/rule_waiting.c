/* SPDX-License-Identifier: Apache-2.0 */
/* It waited for what did not come, and gave up or was ended. */
#include "explain/failed_call_finding.h"
#include "explain/rules.h"
#include "explain/waiting.h"
#include "explain/words.h"

#define SCORE_KILLED 97 /* above the kill: rule_killed() */
#define SCORE_ENDED  65

/* "processes of sh, the last nc (pid 12), could not ...": none of them tried all that often. */
static void tell_of_several(struct finding *finding, const struct facts *facts, uint32_t culprit,
			    const struct candidate *waiting)
{
	struct buf sentence = {0}, last = {0};

	words_process(&last, facts, waiting->process);
	buf_add_text(&sentence, "processes of ");
	words_process(&sentence, facts, culprit);
	buf_add_text(&sentence, ", the last ");
	buf_add(&sentence, last.data, last.bytes);
	buf_add_char(&sentence, ',');
	if (finding->sentence.bytes > last.bytes)
		buf_add(&sentence, finding->sentence.data + last.bytes,
			finding->sentence.bytes - last.bytes);
	sentence.failed = sentence.failed || last.failed || finding->sentence.failed;
	buf_done(&last);
	buf_done(&finding->sentence);
	finding->sentence = sentence;
}

void rule_waiting(const struct facts *facts, const struct candidates *candidates,
		  struct findings *findings)
{
	uint32_t culprit = facts_culprit(facts);
	const struct message *said;
	struct finding *finding;
	struct candidate waiting;

	if (!waiting_find(facts, &waiting))
		return;
	finding = failed_call_finding(facts, candidates, &waiting, CONFIDENCE_LIKELY,
				      facts_death_of(facts, culprit) ? SCORE_KILLED : SCORE_ENDED,
				      findings);
	if (finding && waiting.of_several)
		tell_of_several(finding, facts, culprit, &waiting);
	if (!finding || facts_in_chain(facts, waiting.process))
		return;
	buf_add_text(&finding->sentence, "; ");
	words_process(&finding->sentence, facts, culprit);
	buf_add_text(&finding->sentence, " tried this up to the end");
	said = facts_last_words(facts, culprit);
	if (said) {
		buf_add_text(&finding->sentence, ", said ");
		words_quote(&finding->sentence, said);
		finding_add_evidence(finding, said->last_entry);
	}
	words_end_after(&finding->sentence, " and ", facts, culprit);
	words_chain(&finding->sentence, facts, culprit);
}
