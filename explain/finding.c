/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded list of findings, in the order of how well the tape supports them. */
#include "explain/finding.h"

#include <stdlib.h>

const char *confidence_name(enum confidence confidence)
{
	static const char *const names[] = {"possible", "likely", "certain"};

	return names[confidence];
}

static int by_rank(const void *a, const void *b)
{
	const struct finding *left = a, *right = b;

	if (left->confidence != right->confidence)
		return left->confidence > right->confidence ? -1 : 1;
	return (left->score < right->score) - (left->score > right->score);
}

void finding_done(struct finding *finding)
{
	buf_done(&finding->object);
	buf_done(&finding->headline);
	buf_done(&finding->sentence);
	buf_done(&finding->excluded);
	buf_done(&finding->next);
}

static struct finding *worst_of(struct findings *findings)
{
	struct finding *worst = &findings->all[0];

	for (size_t i = 1; i < findings->count; i++) {
		if (by_rank(&findings->all[i], worst) > 0)
			worst = &findings->all[i];
	}
	return worst;
}

struct finding *findings_add(struct findings *findings, const char *kind,
			     enum confidence confidence, int score)
{
	struct finding made = {.kind = kind, .confidence = confidence, .score = score};
	struct finding *place;

	if (findings->count < FINDINGS_MAX) {
		place = &findings->all[findings->count++];
	} else {
		place = worst_of(findings);
		if (by_rank(&made, place) >= 0)
			return NULL;
		finding_done(place);
	}
	*place = made;
	return place;
}

void finding_add_evidence(struct finding *finding, size_t entry)
{
	size_t at = finding->n_evidence;

	while (at > 0 && finding->evidence[at - 1] > entry)
		at--;
	if (at > 0 && finding->evidence[at - 1] == entry)
		return;
	if (finding->n_evidence == FINDING_EVIDENCE_MAX)
		return;
	for (size_t i = finding->n_evidence++; i > at; i--)
		finding->evidence[i] = finding->evidence[i - 1];
	finding->evidence[at] = entry;
}

void findings_sort(struct findings *findings)
{
	if (findings->count)
		qsort(findings->all, findings->count, sizeof(findings->all[0]), by_rank);
}

void findings_done(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		finding_done(&findings->all[i]);
	findings->count = 0;
}
