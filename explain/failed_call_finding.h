/* SPDX-License-Identifier: Apache-2.0 */
/* A failed call as a finding, for the rules that found one. */
#ifndef EXPLAIN_FAILED_CALL_FINDING_H
#define EXPLAIN_FAILED_CALL_FINDING_H

#include "explain/candidates.h"
#include "explain/finding.h"

/* All but what a rule knows besides; as findings_add(). */
struct finding *failed_call_finding(const struct facts *facts, const struct candidates *candidates,
				    const struct candidate *candidate, enum confidence confidence,
				    int score, struct findings *findings);

#endif
