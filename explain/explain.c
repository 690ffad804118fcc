/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshot -> timeline -> facts -> candidates -> rules -> findings.  Runs in `igrec explain` on an
 * opened dump and in igrecd before a dump is written.
 */
#include "explain/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "explain/rules.h"
#include "replay/words.h"

#define LAST_ACTS 10

/* The last things that the process did which began it; of all if it is not known. */
static void note_last_acts(const struct facts *facts, struct finding *finding)
{
	uint32_t culprit = facts_culprit(facts);
	unsigned noted = 0;

	for (size_t i = facts->n_acts; i > 0 && noted < LAST_ACTS; i--) {
		const struct act *act = &facts->acts[i - 1];

		if (culprit != PROCESS_NONE && act->process != culprit)
			continue;
		finding_add_evidence(finding, act->entry);
		noted++;
	}
}

static bool same_text(const struct buf *a, const struct buf *b)
{
	return a->bytes == b->bytes && (!a->bytes || !memcmp(a->data, b->data, a->bytes));
}

/* What several rules found is told once, by the best. */
static void drop_doubles(struct findings *findings)
{
	size_t kept = 0;

	for (size_t i = 0; i < findings->count; i++) {
		struct finding *finding = &findings->all[i];
		bool is_double = false;

		for (size_t j = 0; j < kept && !is_double; j++)
			is_double = !strcmp(findings->all[j].kind, finding->kind) &&
				    same_text(&findings->all[j].object, &finding->object);
		if (is_double)
			finding_done(finding);
		else
			findings->all[kept++] = *finding;
	}
	findings->count = kept;
}

static int find(struct explanation *explanation)
{
	AUTO_FREE struct candidates *candidates = NULL;
	struct facts facts;
	int err = facts_init(explanation->timeline, explanation->arch, &facts);

	if (err)
		return err;
	err = candidates_new(&facts, &candidates);
	/* Of a container that did not fail only the last acts are told. */
	for (const struct rule *rule = rules;
	     !err && rule->name && facts.snapshot->failure.kind != FAILURE_REQUESTED; rule++)
		rule->propose(&facts, candidates, &explanation->findings);
	if (!err) {
		findings_sort(&explanation->findings);
		drop_doubles(&explanation->findings);
		note_last_acts(&facts, &explanation->last_acts);
		failure_words(&explanation->failure, explanation->timeline);
	}
	facts_done(&facts);
	return err;
}

int explain(const struct snapshot *snapshot, enum arch arch, struct explanation *ret)
{
	struct explanation explanation = {
		.arch = arch, .is_request = snapshot->failure.kind == FAILURE_REQUESTED};
	int err = timeline_new(snapshot, &explanation.timeline);

	if (!err)
		err = find(&explanation);
	if (err) {
		explanation_done(&explanation);
		return err;
	}
	*ret = explanation;
	return 0;
}

void explanation_done(struct explanation *explanation)
{
	findings_done(&explanation->findings);
	finding_done(&explanation->last_acts);
	buf_done(&explanation->failure);
	timeline_free(explanation->timeline);
	*explanation = (struct explanation){0};
}

const char *explanation_cause(struct explanation *explanation)
{
	struct finding *best = &explanation->findings.all[0];

	if (!explanation->findings.count)
		return NULL;
	if (best->confidence != CONFIDENCE_CERTAIN && !best->headline.bytes) {
		buf_printf(&best->headline, "%s: ", confidence_name(best->confidence));
		buf_add(&best->headline, best->sentence.data, best->sentence.bytes);
	}
	return best->confidence == CONFIDENCE_CERTAIN ? buf_text(&best->sentence)
						      : buf_text(&best->headline);
}
