/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes -> a question and what was answered. */
#include "decode/dns.h"

#include <string.h>

#define HEADER_BYTES 12
#define RESPONSE     0x8000
#define OPCODE	     0x7800
#define RCODE	     0x000f
#define CLASS_IN     1
#define LABEL_MAX    63
#define POINTER	     0xc0 /* RFC 1035 4.1.4 */

static uint16_t read_be16(const unsigned char *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

static uint32_t read_be32(const unsigned char *data)
{
	return (uint32_t)read_be16(data) << 16 | read_be16(data + 2);
}

static bool add_label(char name[DNS_NAME_BYTES], size_t *used, const unsigned char *label,
		      size_t bytes)
{
	if (*used + bytes + 2 > DNS_NAME_BYTES)
		return false;
	if (*used)
		name[(*used)++] = '.';
	memcpy(name + *used, label, bytes);
	*used += bytes;
	return true;
}

/* Moves *offset behind the name. Pointers lead backwards only, so that all names end. */
static bool read_name(const unsigned char *data, size_t bytes, size_t *offset,
		      char name[DNS_NAME_BYTES])
{
	size_t at = *offset, used = 0;
	bool jumped = false;

	while (at < bytes && data[at]) {
		size_t label = data[at];

		if (label >= POINTER) {
			size_t to;

			if (at + 2 > bytes)
				return false;
			to = read_be16(data + at) & ~(POINTER << 8);
			if (!jumped)
				*offset = at + 2;
			jumped = true;
			if (to >= at)
				return false;
			at = to;
			continue;
		}
		if (label > LABEL_MAX || at + 1 + label > bytes ||
		    !add_label(name, &used, data + at + 1, label))
			return false;
		at += 1 + label;
	}
	if (at >= bytes)
		return false;
	name[used] = '\0';
	if (!jumped)
		*offset = at + 1;
	return true;
}

static bool parse_message(const void *data, size_t bytes, struct dns_message *ret)
{
	const unsigned char *at = data;
	size_t offset = HEADER_BYTES;
	uint16_t flags;

	if (bytes < HEADER_BYTES + 5)
		return false;
	flags = read_be16(at + 2);
	if (read_be16(at + 4) != 1 || (flags & OPCODE))
		return false;
	*ret = (struct dns_message){
		.id = read_be16(at),
		.is_response = flags & RESPONSE,
		.rcode = flags & RCODE,
		.answers = read_be16(at + 6),
		.data = at,
		.bytes = bytes,
	};
	if (!read_name(at, bytes, &offset, ret->name) || offset + 4 > bytes)
		return false;
	/* The question's name has nothing before it to point at. */
	if (offset != HEADER_BYTES + 2 + strlen(ret->name))
		return false;
	ret->type = read_be16(at + offset);
	ret->answers_at = offset + 4;
	return ret->name[0] && read_be16(at + offset + 2) == CLASS_IN;
}

bool dns_parse(const void *data, size_t bytes, struct dns_message *ret)
{
	const unsigned char *at = data;

	if (parse_message(data, bytes, ret))
		return true;
	return bytes > 2 && read_be16(at) >= bytes - 2 && parse_message(at + 2, bytes - 2, ret);
}

bool dns_answer_next(const struct dns_message *message, size_t *offset, struct dns_answer *ret)
{
	const unsigned char *data = message->data;
	char name[DNS_NAME_BYTES];
	size_t at = *offset;
	uint16_t bytes;

	if (!read_name(data, message->bytes, &at, name) || at + 10 > message->bytes)
		return false;
	bytes = read_be16(data + at + 8);
	if (at + 10 + bytes > message->bytes)
		return false;
	*ret = (struct dns_answer){
		.type = read_be16(data + at),
		.ttl_seconds = read_be32(data + at + 4),
		.data = data + at + 10,
		.bytes = bytes,
	};
	*offset = at + 10 + bytes;
	return true;
}

bool dns_answer_name(const struct dns_message *message, const struct dns_answer *answer,
		     char name[DNS_NAME_BYTES])
{
	size_t offset = (size_t)(answer->data - message->data);

	return read_name(message->data, message->bytes, &offset, name);
}

static const struct {
	uint16_t number;
	const char *name;
} types[] = {
	{1, "A"},      {2, "NS"},    {5, "CNAME"},  {6, "SOA"},	    {12, "PTR"},   {13, "HINFO"},
	{15, "MX"},    {16, "TXT"},  {28, "AAAA"},  {33, "SRV"},    {35, "NAPTR"}, {39, "DNAME"},
	{41, "OPT"},   {43, "DS"},   {46, "RRSIG"}, {48, "DNSKEY"}, {64, "SVCB"},  {65, "HTTPS"},
	{252, "AXFR"}, {255, "ANY"}, {257, "CAA"},
};

const char *dns_type_name(uint16_t type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].number == type)
			return types[i].name;
	}
	return NULL;
}

const char *dns_rcode_name(unsigned rcode)
{
	static const char *const names[] = {"NOERROR",	"FORMERR", "SERVFAIL",
					    "NXDOMAIN", "NOTIMP",  "REFUSED"};

	return rcode < sizeof(names) / sizeof(names[0]) ? names[rcode] : NULL;
}
