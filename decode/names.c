/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of single numbers.  The tables are ours and not the C library's, so that a tape reads the
 * same wherever it is replayed.
 */
#include "decode/names.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <strings.h>

#include "decode/tables.h"

static const struct errno_row *errno_find(int error)
{
	unsigned low = 0, high = errno_count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (errno_rows[middle].number == error)
			return &errno_rows[middle];
		if (errno_rows[middle].number < error)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const char *errno_name(int error)
{
	const struct errno_row *row = errno_find(error);

	return row ? row->name : NULL;
}

const char *errno_text(int error)
{
	const struct errno_row *row = errno_find(error);

	return row ? row->text : "";
}

static int errno_parse_number(const char *text, int *ret)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (*end || number < 1 || number > 4095)
		return -EINVAL;
	*ret = (int)number;
	return 0;
}

int errno_parse(const char *name, int *ret)
{
	if (isdigit((unsigned char)name[0]))
		return errno_parse_number(name, ret);
	if (!strcasecmp(name, "EWOULDBLOCK"))
		name = "EAGAIN";
	for (unsigned i = 0; i < errno_count; i++) {
		if (!strcasecmp(name, errno_rows[i].name)) {
			*ret = errno_rows[i].number;
			return 0;
		}
	}
	return -EINVAL;
}

static const char *find_in_order(const struct name_set *set, uint64_t value)
{
	unsigned low = 0, high = set->count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (set->names[middle].value < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low < set->count && set->names[low].value == value ? set->names[low].name : NULL;
}

const char *name_set_find(const struct name_set *set, uint64_t value)
{
	if (set->in_order)
		return find_in_order(set, value);
	for (unsigned i = 0; i < set->count; i++) {
		if (set->names[i].value == value)
			return set->names[i].name;
	}
	return NULL;
}

const char *signal_name(int signal)
{
	return name_set_find(set_of_signal, (uint64_t)(int64_t)signal);
}

static const struct name_set *signal_codes(int signal)
{
	switch (signal) {
	case SIGILL:
		return set_of_si_code_ill;
	case SIGFPE:
		return set_of_si_code_fpe;
	case SIGSEGV:
		return set_of_si_code_segv;
	case SIGBUS:
		return set_of_si_code_bus;
	case SIGTRAP:
		return set_of_si_code_trap;
	case SIGCHLD:
		return set_of_si_code_cld;
	case SIGIO:
		return set_of_si_code_poll;
	case SIGSYS:
		return set_of_si_code_sys;
	}
	return NULL;
}

const char *signal_code_name(int signal, int code)
{
	const struct name_set *codes = signal_codes(signal);
	const char *name = name_set_find(set_of_si_code, (uint64_t)(int64_t)code);

	if (name || !codes)
		return name;
	return name_set_find(codes, (uint64_t)(int64_t)code);
}

const char *netlink_protocol_name(unsigned protocol)
{
	return name_set_find(set_of_netlink_protocol, protocol);
}
