/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that processes asked name servers for, and what these said: RFC 1035 messages in datagrams
 * that the recorder captured.
 */
#ifndef EXPLAIN_LOOKUPS_H
#define EXPLAIN_LOOKUPS_H

#include "decode/dns.h"
#include "explain/facts.h"

#define LOOKUPS_MAX 512

#define LOOKUP_UNANSWERED -1

struct lookup {
	uint32_t process;
	uint32_t asked, answered; /* entries; answered: 0 if it was not */
	uint16_t id, type;
	int rcode; /* RFC 1035 4.1.1, or LOOKUP_UNANSWERED */
	uint16_t answers;
	char name[DNS_NAME_BYTES]; /* unescaped */
};

struct lookups {
	struct lookup all[LOOKUPS_MAX]; /* the last ones, in the order of the questions */
	size_t count;
};

/* Fills what the processes of the chain asked. Too large for a stack. */
void lookups_find(const struct facts *facts, struct lookups *ret);

/* Whether an address, as text, is at the port of name servers. */
bool is_name_server(const char *address);

/* "NXDOMAIN", "SERVFAIL", "no answer"; "rcode 9" needs room. */
const char *lookup_rcode_name(int rcode);

#endif
