/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of the domain name system (RFC 1035) in captured bytes.  All bytes are hostile; a
 * message that was cut is read as far as it goes.
 */
#ifndef DECODE_DNS_H
#define DECODE_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_NAME_BYTES 256 /* RFC 1035, with its NUL */

struct dns_message {
	uint16_t id;
	bool is_response;
	unsigned rcode;		   /* RFC 1035 4.1.1 */
	uint16_t answers;	   /* that it says it has */
	uint16_t type;		   /* of the question */
	char name[DNS_NAME_BYTES]; /* of the question, unescaped */
	const unsigned char *data; /* borrowed: the whole message, as far as it is there */
	size_t bytes, answers_at;
};

/*
 * False for what is no message with one question of class IN. Its length, which TCP has in front of
 * it (RFC 1035 4.2.2), is passed over.
 */
bool dns_parse(const void *data, size_t bytes, struct dns_message *ret);

struct dns_answer {
	uint16_t type;
	uint32_t ttl_seconds;
	const unsigned char *data; /* borrowed; of a name: within the message, see dns_name() */
	uint16_t bytes;
};

/*
 * The answer at *offset, which begins as message->answers_at and is moved on; false behind the
 * last one that was captured whole.
 */
bool dns_answer_next(const struct dns_message *message, size_t *offset, struct dns_answer *ret);
/* The name that an answer of type CNAME, NS, PTR or the like holds; false if it is none. */
bool dns_answer_name(const struct dns_message *message, const struct dns_answer *answer,
		     char name[DNS_NAME_BYTES]);

/* "A", "AAAA", "CNAME"; NULL if the number has no name here. */
const char *dns_type_name(uint16_t type);
/* "NOERROR", "NXDOMAIN"; NULL if the number has no name here. */
const char *dns_rcode_name(unsigned rcode);

#endif
