/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings: what may have ended the container, each with its evidence.
 */
#ifndef EXPLAIN_FINDING_H
#define EXPLAIN_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"

enum confidence {
	CONFIDENCE_POSSIBLE,
	CONFIDENCE_LIKELY,
	CONFIDENCE_CERTAIN, /* the tape proves the chain from the cause to the end */
};
/* "possible", "likely", "certain". */
const char *confidence_name(enum confidence confidence);

#define FINDING_EVIDENCE_MAX 12 /* entries of one finding */
#define FINDINGS_MAX	     16

/* Texts are what containers wrote, unescaped, unless said otherwise. */
struct finding {
	const char *kind; /* "missing-file": a name for programs, static */
	enum confidence confidence;
	int score;	     /* findings of the same confidence: the higher the better */
	struct buf object;   /* the path, address, program it is about; empty if none */
	struct buf sentence; /* one sentence, escaped */
	struct buf headline; /* see explanation_cause() */
	struct buf excluded; /* what was checked and is not the cause, escaped; empty if nothing */
	struct buf next;     /* what to do next, escaped */
	size_t evidence[FINDING_EVIDENCE_MAX]; /* indices of timeline entries, rising */
	size_t n_evidence;
};

struct findings {
	struct finding all[FINDINGS_MAX]; /* the best first, once they are sorted */
	size_t count;
	bool failed; /* out of memory: not all were found */
};

/*
 * A new one, without texts. The pointer holds until findings_sort(); if there are too many already,
 * the worst is replaced, or, if that is better than `score`, NULL returned.
 */
struct finding *findings_add(struct findings *findings, const char *kind,
			     enum confidence confidence, int score);
/* Keeps entries sorted and single; more than there is room for are left out. */
void finding_add_evidence(struct finding *finding, size_t entry);
void findings_sort(struct findings *findings);
void finding_done(struct finding *finding);
void findings_done(struct findings *findings);

#endif
