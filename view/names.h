/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that processes asked name servers for, and what these said.  Only what the container asked:
 * questions that it sent, with the answers that it received.
 */
#ifndef VIEW_NAMES_H
#define VIEW_NAMES_H

#include "decode/dns.h"
#include "view/walk.h"

struct question {
	size_t asked, answered; /* entries */
	bool wanted;		/* the filter lets the call through, but for its error and time */
	bool was_answered;
	bool cut;  /* not all answers were captured */
	int error; /* of the call that asked; it may not have been sent then */
	uint32_t tgid;
	uint16_t id, type;
	unsigned rcode;	  /* if it was answered */
	uint16_t counted; /* answers that the response says it has */
	uint64_t asked_ns, answered_ns;
	char *name;   /* owned, unescaped */
	char *server; /* owned; NULL: not known */
	/* Owned: texts, each with its NUL; of addresses, and of aliases behind "CNAME ". */
	char *answers;
	size_t answers_bytes;
};

struct names {
	struct question *all; /* in the order in which they were asked */
	size_t count, room;
};

/* To be called for each event of a walk, in order. 0 or -ENOMEM. */
int names_take(struct names *names, const struct walk *walk);
void names_done(struct names *names);

/* Walks the whole tape. 0 or -ENOMEM; names_done() is to follow. */
int names_find(struct names *names, const struct view_query *query);

/* The name whose last answer before a moment has this address; NULL if none has. */
const char *names_of_address(const struct names *names, const char *address, uint64_t time_ns);

#endif
