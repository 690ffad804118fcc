/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of facts: shared by the files that gather them, for them alone. */
#ifndef EXPLAIN_FACTS_BUILD_H
#define EXPLAIN_FACTS_BUILD_H

#include "explain/facts.h"

/* Bounds on what is kept of a hostile or endless tape. */
#define FACTS_TEXT_MAX	   (4 << 20)
#define FACTS_FAILED_MAX   20000
#define FACTS_MESSAGES_MAX 4000

/* Copies a text into what facts own; "" beyond FACTS_TEXT_MAX. NULL without memory. */
char *facts_keep(struct facts *facts, const void *text, size_t bytes);

/* Takes the call if it failed. objects stand at its entry. 0 or -ENOMEM. */
int facts_add_failed(struct facts *facts, const struct objects *objects, const struct event *event,
		     uint32_t act);
/* Takes what a call wrote to stdout or stderr. 0 or -ENOMEM. */
int facts_add_message(struct facts *facts, const struct event *event, const struct act *act);

/* Fills chain. */
void facts_find_chain(struct facts *facts);

#endif
