/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that were run in the container from outside (kubectl exec, exec probes of the kubelet)
 * and failed before someone ended it.
 */
#ifndef EXPLAIN_PROBES_H
#define EXPLAIN_PROBES_H

#include "explain/facts.h"

struct probes {
	unsigned failed;  /* times in a row, the last shortly before; 0: none */
	uint32_t process; /* the last of them, index */
};

/*
 * What failed before a moment. The same program each time; none that succeeded in between.
 */
void probes_before(const struct facts *facts, uint64_t time_ns, struct probes *ret);

#endif
