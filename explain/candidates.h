/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failed calls that may have ended the container: alike ones put together, each weighed by what
 * the program said and did after it.
 */
#ifndef EXPLAIN_CANDIDATES_H
#define EXPLAIN_CANDIDATES_H

#include "explain/facts.h"

#define CANDIDATES_MAX 1024

#define NO_MESSAGE UINT32_MAX

struct candidate {
	uint32_t first, last; /* failed calls: indices */
	uint32_t count;	      /* of calls that failed alike */
	uint32_t process;
	enum act_kind kind;
	int error;
	const char *object, *given; /* of the last; borrowed from the facts */
	uint32_t base_hash;	    /* of the object's last component: alike ones have the same */
	bool of_several;	    /* processes: of waiting_find() */
	bool is_search;		    /* the same name in several directories */
	bool routine;		    /* nobody would wonder about it */
	bool recovered;		    /* the same was tried again with success */
	uint32_t message;	    /* that speaks of it, or NO_MESSAGE */
	bool says_object, says_errno, says_exactly;
	unsigned work; /* that was done behind the message, or, without one, behind the call */
	int score;     /* below 0: it is not the cause */
};

struct candidates {
	struct candidate all[CANDIDATES_MAX]; /* the best first */
	size_t count;
	size_t dismissed; /* groups of failed calls that are routine or were overcome */
};

/* 0, or -ENOMEM. Too large for a stack; to be freed with free(). */
int candidates_new(const struct facts *facts, struct candidates **ret);

/* Whether a process ended by itself, and not well: SIGABRT is its own, other signals are not. */
bool candidate_gave_up(const struct facts *facts, uint32_t process);

/* Whether another call of the process, at any time, found what its path leads to. */
bool candidate_exists(const struct facts *facts, const struct candidate *candidate);
/* The last component of a path. */
const char *candidate_base(const char *path);

#endif
