/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules, in one table.  Each looks at the facts and proposes findings; which is best is decided
 * by confidence and score.  docs/adding-a-finding.md says how to add one.
 */
#ifndef EXPLAIN_RULES_H
#define EXPLAIN_RULES_H

#include "explain/candidates.h"
#include "explain/finding.h"

struct rule {
	const char *name;
	void (*propose)(const struct facts *facts, const struct candidates *candidates,
			struct findings *findings);
};
extern const struct rule rules[]; /* ends with a row without name */

void rule_failed_call(const struct facts *facts, const struct candidates *candidates,
		      struct findings *findings);
void rule_out_of_memory(const struct facts *facts, const struct candidates *candidates,
			struct findings *findings);
void rule_start(const struct facts *facts, const struct candidates *candidates,
		struct findings *findings);
void rule_crash(const struct facts *facts, const struct candidates *candidates,
		struct findings *findings);
void rule_killed(const struct facts *facts, const struct candidates *candidates,
		 struct findings *findings);
void rule_message(const struct facts *facts, const struct candidates *candidates,
		  struct findings *findings);
void rule_clean_exit(const struct facts *facts, const struct candidates *candidates,
		     struct findings *findings);
void rule_unanswered(const struct facts *facts, const struct candidates *candidates,
		     struct findings *findings);
void rule_name_lookup(const struct facts *facts, const struct candidates *candidates,
		      struct findings *findings);
void rule_earlier_step(const struct facts *facts, const struct candidates *candidates,
		       struct findings *findings);
void rule_waiting(const struct facts *facts, const struct candidates *candidates,
		  struct findings *findings);
void rule_silent_exit(const struct facts *facts, const struct candidates *candidates,
		      struct findings *findings);

/* Whether a process was waiting for the answer of a peer, and for nothing else, when it ended. */
bool unanswered_is_waited_for(const struct facts *facts, uint32_t process);

#endif
