/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a failed call means as a cause, by kind of act, errno and object: one row each.
 */
#ifndef EXPLAIN_CALL_CAUSES_H
#define EXPLAIN_CALL_CAUSES_H

#include "replay/act.h"

struct call_cause {
	const char *kind;
	unsigned acts;	     /* ACT_BITs; 0: any */
	int error;	     /* 0: any */
	const char *objects; /* pattern of the whole object; NULL: any */
	const char *verb;    /* "could not VERB OBJECT"; NULL: act_verb() */
	const char *why;     /* in plain words; NULL: strerror's */
	const char *next;    /* %s: the object */
};

/*
 * The first row that fits; never NULL. refused: the kernel did so before the call began, as a
 * seccomp filter does. privileged: it is a call that takes a capability.
 */
const struct call_cause *call_cause_of(enum act_kind kind, int error, const char *object,
				       bool refused, bool privileged);

#endif
