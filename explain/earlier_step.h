/* SPDX-License-Identifier: Apache-2.0 */
/* Of two errors the one that led to the other: what should have made the file that is missing. */
#ifndef EXPLAIN_EARLIER_STEP_H
#define EXPLAIN_EARLIER_STEP_H

#include "explain/candidates.h"

/*
 * What failed in a process that had ended with an error before: it was told to make what the
 * candidate then did not find. NULL if there was none.
 */
const struct candidate *earlier_step_of(const struct facts *facts,
					const struct candidates *candidates,
					const struct candidate *candidate);

#endif
