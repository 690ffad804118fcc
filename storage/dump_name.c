/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formats and parses the file names of dumps.  The writer names its file with it, the store
 * lists by it.  Container and pod names are foreign text: every character outside
 * [A-Za-z0-9.-] becomes "-", so that "_" can only be the separator.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>

#include "common/cleanup.h"
#include "storage/dump_name.h"
#include "storage/store.h"

#define TIME_LENGTH 20 /* 20261121T235959.123Z */
#define MS_PER_S    1000
#define NS_PER_MS   1000000
#define SECONDS_MAX (INT64_MAX / MS_PER_S / NS_PER_MS - 1) /* in the year 2262 */
#define FIELDS	    6

/* The longest name: a time, the texts, an id, five separators, the suffix, a NUL. */
_Static_assert(TIME_LENGTH + sizeof(((struct dump_name *)0)->namespace) +
			       sizeof(((struct dump_name *)0)->pod) +
			       sizeof(((struct dump_name *)0)->container) +
			       sizeof(((struct dump_name *)0)->kind) + DUMP_ID_LENGTH + 5 +
			       sizeof(STORE_DUMP_SUFFIX) - 4 <=
		       DUMP_NAME_ROOM,
	       "names fit");

static bool is_plain(char c)
{
	return isascii((unsigned char)c) && (isalnum((unsigned char)c) || c == '.' || c == '-');
}

void dump_name_reduce(const char *text, char *ret, size_t room)
{
	size_t length = text ? strlen(text) : 0;
	size_t most = room - 1;
	/* The end of a pod's name tells it from its siblings, so the middle goes. */
	size_t tail = length > most ? most / 3 : 0;
	size_t head = length > most ? most - tail - 2 : length;
	size_t at = 0;

	for (size_t i = 0; i < head; i++)
		ret[at++] = is_plain(text[i]) ? text[i] : '-';
	if (tail > 0) {
		ret[at++] = '.';
		ret[at++] = '.';
	}
	for (size_t i = length - tail; i < length; i++)
		ret[at++] = is_plain(text[i]) ? text[i] : '-';
	ret[at] = '\0';
	if (strcmp(ret, "-") == 0)
		ret[0] = '\0';
}

static int64_t whole_ms(int64_t time_ns)
{
	const int64_t last_ns = SECONDS_MAX * MS_PER_S * NS_PER_MS;

	if (time_ns < 0)
		return 0;
	if (time_ns > last_ns)
		return last_ns;
	return time_ns - time_ns % NS_PER_MS;
}

void dump_name_set(struct dump_name *ret, int64_t time_ns, const char *namespace, const char *pod,
		   const char *container, const char *kind, const char *id)
{
	*ret = (struct dump_name){.time_ns = whole_ms(time_ns)};
	dump_name_reduce(namespace, ret->namespace, sizeof(ret->namespace));
	dump_name_reduce(pod, ret->pod, sizeof(ret->pod));
	dump_name_reduce(container, ret->container, sizeof(ret->container));
	dump_name_reduce(kind, ret->kind, sizeof(ret->kind));
	dump_name_reduce(id, ret->id, sizeof(ret->id));
}

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

void dump_name_format(const struct dump_name *name, char *ret)
{
	int64_t ms = name->time_ns / NS_PER_MS;
	time_t seconds = (time_t)(ms / MS_PER_S);
	char second[TIME_LENGTH];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(second, sizeof(second), "%Y%m%dT%H%M%S", &tm);
	snprintf(ret, DUMP_NAME_ROOM, "%s.%03dZ_%s_%s_%s_%s_%s" STORE_DUMP_SUFFIX, second,
		 (int)(ms % MS_PER_S), or_dash(name->namespace), or_dash(name->pod),
		 or_dash(name->container), or_dash(name->kind), or_dash(name->id));
}

/* The time of "20261121T235959.123Z", which is as long as that. */
static int parse_time(const char *text, int64_t *ret_ns)
{
	static const char pattern[] = "00000000T000000.000Z";
	struct tm tm = {};
	char back[TIME_LENGTH];
	int ms, end = 0;
	time_t seconds;

	for (size_t i = 0; i < TIME_LENGTH; i++) {
		if (pattern[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != pattern[i])
			return -EINVAL;
	}
	if (sscanf(text, "%4d%2d%2dT%2d%2d%2d.%3dZ%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &ms, &end) != 7 ||
	    end != TIME_LENGTH)
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	seconds = timegm(&tm);
	/* timegm() carries over what is out of range; a real date comes back as it went in. */
	strftime(back, sizeof(back), "%Y%m%dT%H%M%S", &tm);
	if (seconds < 0 || seconds > SECONDS_MAX || strncmp(back, text, strlen(back)) != 0)
		return -EINVAL;
	*ret_ns = ((int64_t)seconds * MS_PER_S + ms) * NS_PER_MS;
	return 0;
}

static int copy_part(const char *part, size_t length, char *ret, size_t room)
{
	if (length == 0 || length >= room)
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		if (!is_plain(part[i]))
			return -EINVAL;
	}
	if (length == 1 && part[0] == '-')
		length = 0;
	memcpy(ret, part, length);
	ret[length] = '\0';
	return 0;
}

/* Splits at each "_", up to the suffix. Returns how many parts there are, at most FIELDS + 1. */
static int split(const char *file, size_t length, const char *part[FIELDS], size_t bytes[FIELDS])
{
	int count = 0;

	for (size_t at = 0; at <= length; count++) {
		const char *end = memchr(file + at, '_', length - at);
		size_t size = end ? (size_t)(end - file) - at : length - at;

		if (count == FIELDS)
			return FIELDS + 1;
		part[count] = file + at;
		bytes[count] = size;
		at += size + 1;
	}
	return count;
}

static bool is_id(const char *id)
{
	return strlen(id) == DUMP_ID_LENGTH && strspn(id, "0123456789abcdef") == DUMP_ID_LENGTH;
}

int dump_name_parse(const char *file, struct dump_name *ret)
{
	size_t length = strlen(file), suffix = strlen(STORE_DUMP_SUFFIX);
	struct dump_name name = {};
	const char *part[FIELDS];
	size_t bytes[FIELDS];
	const struct {
		char *text;
		size_t room;
	} texts[FIELDS] = {
		{NULL, 0},
		{name.namespace, sizeof(name.namespace)},
		{name.pod, sizeof(name.pod)},
		{name.container, sizeof(name.container)},
		{name.kind, sizeof(name.kind)},
		{name.id, sizeof(name.id)},
	};

	if (length <= suffix || strcmp(file + length - suffix, STORE_DUMP_SUFFIX) != 0)
		return -EINVAL;
	if (split(file, length - suffix, part, bytes) != FIELDS || bytes[0] != TIME_LENGTH)
		return -EINVAL;
	if (parse_time(part[0], &name.time_ns))
		return -EINVAL;
	for (int i = 1; i < FIELDS; i++) {
		if (copy_part(part[i], bytes[i], texts[i].text, texts[i].room))
			return -EINVAL;
	}
	if (!name.kind[0] || !is_id(name.id))
		return -EINVAL;
	*ret = name;
	return 0;
}
