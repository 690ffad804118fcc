/* SPDX-License-Identifier: Apache-2.0 */
/* Of two errors the one that led to the other: a step before, and the file that was then missing.
 */
#ifndef EXPLAIN_EARLIER_STEP_H
#define EXPLAIN_EARLIER_STEP_H

#include "explain/candidates.h"

/*
 * What failed in a process that had ended with an error before: the call would have made what the
 * candidate then did not find, or the process' arguments name it. NULL if there was none.
 */
const struct candidate *earlier_step_of(const struct facts *facts,
					const struct candidates *candidates,
					const struct candidate *candidate);

/* Whether it is the former: the call that failed would have made that very object. */
bool earlier_step_makes(const struct facts *facts, const struct candidate *step,
			const struct candidate *candidate);

#endif
