/* SPDX-License-Identifier: Apache-2.0 */
/* What people write behind --last, --syscall, --errno ... -> conditions of a filter. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/parse.h"
#include "decode/names.h"
#include "replay/filter_build.h"

#define NS_PER_SECOND 1000000000LL
#define WORD_BYTES    64

#define TIME_WANTED                                                                                \
	"-2s (before the failure), a local time such as 2024-05-01T12:00:00.5 or 12:00:00, or "    \
	"@SECONDS since 1970"

static int refuse(struct filter_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(struct filter_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return -EINVAL;
}

static int parse_ns(const char *text, uint64_t *ret_ns, struct filter_error *error)
{
	if (!parse_duration(text, ret_ns) && *ret_ns <= INT64_MAX)
		return 0;
	return refuse(error, "%.60s is not " PARSE_DURATION_WANTED, text);
}

/* ---- times ------------------------------------------------------------------------------- */

/* ".5" -> 500000000; the whole text or nothing. */
static int parse_fraction(const char *text, int64_t *ret_ns)
{
	int64_t unit = NS_PER_SECOND;

	*ret_ns = 0;
	if (!*text)
		return 0;
	if (*text++ != '.' || !*text)
		return -EINVAL;
	for (; *text >= '0' && *text <= '9'; text++) {
		unit /= 10;
		*ret_ns += (*text - '0') * unit;
	}
	return *text ? -EINVAL : 0;
}

static int parse_epoch(const char *text, int64_t *ret_ns)
{
	char *end;
	long long seconds;
	int64_t fraction;

	errno = 0;
	seconds = strtoll(text, &end, 10);
	if (errno || end == text || seconds < 0 || seconds > INT64_MAX / NS_PER_SECOND - 1 ||
	    parse_fraction(end, &fraction))
		return -EINVAL;
	*ret_ns = seconds * NS_PER_SECOND + fraction;
	return 0;
}

static int parse_local(const char *text, int64_t *ret_ns)
{
	static const char *const formats[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%H:%M:%S"};
	time_t now = time(NULL);

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct tm parts;
		const char *rest;
		int64_t fraction;
		time_t seconds;

		localtime_r(&now, &parts);
		rest = strptime(text, formats[i], &parts);
		if (!rest || parse_fraction(rest, &fraction))
			continue;
		parts.tm_isdst = -1;
		seconds = mktime(&parts);
		if (seconds < 0 || seconds > INT64_MAX / NS_PER_SECOND - 1)
			continue;
		*ret_ns = seconds * NS_PER_SECOND + fraction;
		return 0;
	}
	return -EINVAL;
}

static int parse_time(const char *text, struct filter_time *ret, struct filter_error *error)
{
	int sign = text[0] == '-' ? -1 : 1;
	struct filter_time time = {0};
	uint64_t ns;

	if (text[0] == '-' || text[0] == '+') {
		if (parse_duration(text + 1, &ns) || ns > INT64_MAX / 4)
			return refuse(error, "%.60s is not " TIME_WANTED, text);
		time.ns = sign * (int64_t)ns;
	} else {
		time.is_absolute = true;
		if (text[0] == '@' ? parse_epoch(text + 1, &time.ns) : parse_local(text, &time.ns))
			return refuse(error, "%.60s is not " TIME_WANTED, text);
	}
	*ret = time;
	return 0;
}

static int add_last(struct filter *filter, const char *value, struct filter_error *error)
{
	uint64_t ns;

	if (parse_ns(value, &ns, error))
		return -EINVAL;
	filter->since =
		(struct filter_time){.ns = -(int64_t)(ns > INT64_MAX / 4 ? INT64_MAX / 4 : ns)};
	filter->conditions |= 1U << FILTER_SINCE;
	return 0;
}

/* ---- lists ------------------------------------------------------------------------------- */

typedef int (*word_fn)(struct filter *filter, const char *word, struct filter_error *error);

/* Calls fn for each word of a list with commas. */
static int for_words(struct filter *filter, const char *list, word_fn fn,
		     struct filter_error *error)
{
	while (true) {
		size_t bytes = strcspn(list, ",");
		char word[WORD_BYTES];
		int err;

		if (!bytes || bytes >= sizeof(word))
			return refuse(error, "%.60s is not a list of names separated by commas",
				      list);
		memcpy(word, list, bytes);
		word[bytes] = '\0';
		err = fn(filter, word, error);
		if (err || !list[bytes])
			return err;
		list += bytes + 1;
	}
}

static int add_class(struct filter *filter, const char *name, struct filter_error *error)
{
	unsigned class;

	if (syscall_class_parse(name, &class))
		return refuse(error, "%%%s is no class; classes are " SYSCALL_CLASS_WANTED, name);
	filter->classes |= class;
	return 0;
}

static int add_syscall(struct filter *filter, const char *word, struct filter_error *error)
{
	bool found = false;

	if (word[0] == '%')
		return add_class(filter, word + 1, error);
	for (int compat = 0; compat <= 1; compat++) {
		const struct syscall_descriptor *call = syscall_named(filter->arch, word, compat);

		if (call)
			filter->syscalls[compat][call->nr / 64] |= 1ULL << (call->nr % 64);
		found |= call != NULL;
	}
	if (!found)
		return refuse(error,
			      "%s has no syscall %s; wanted are names such as openat or a class: "
			      "%%" SYSCALL_CLASS_WANTED,
			      arch_name(filter->arch), word);
	return 0;
}

static int add_errno(struct filter *filter, const char *word, struct filter_error *error)
{
	int number;

	if (errno_parse(word, &number) || number > FILTER_ERRNO_MAX)
		return refuse(error, "%s is no errno; wanted are names such as ENOENT", word);
	filter->errnos[number / 64] |= 1ULL << (number % 64);
	return 0;
}

static int add_pid(struct filter *filter, const char *word, struct filter_error *error)
{
	uint64_t pid;

	if (parse_uint(word, 1, UINT32_MAX, &pid))
		return refuse(error, "%s is no pid", word);
	if (timeline_grow((void **)&filter->pids, filter->n_pids, &filter->pids_room,
			  sizeof(*filter->pids)))
		return -ENOMEM;
	filter->pids[filter->n_pids++] = (uint32_t)pid;
	return 0;
}

static int add_lane(struct filter *filter, const char *word, struct filter_error *error)
{
	static const char *const names[IGREC_LANES] = {"start", "vital", "flow"};

	for (unsigned lane = 0; lane < IGREC_LANES; lane++) {
		if (!strcmp(word, names[lane])) {
			filter->lanes |= 1U << lane;
			return 0;
		}
	}
	return refuse(error, "%s is no lane; lanes are start, vital and flow", word);
}

static int add_string(char ***list, size_t *count, size_t *room, const char *value,
		      struct filter_error *error)
{
	char *copy;

	if (!*value)
		return refuse(error, "it is empty");
	if (timeline_grow((void **)list, *count, room, sizeof(**list)))
		return -ENOMEM;
	copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	(*list)[(*count)++] = copy;
	return 0;
}

static int add(struct filter *filter, enum filter_key key, const char *value,
	       struct filter_error *error)
{
	switch (key) {
	case FILTER_LAST:
		return add_last(filter, value, error);
	case FILTER_SINCE:
		return parse_time(value, &filter->since, error);
	case FILTER_UNTIL:
		return parse_time(value, &filter->until, error);
	case FILTER_PID:
		return for_words(filter, value, add_pid, error);
	case FILTER_COMM:
		return add_string(&filter->comms, &filter->n_comms, &filter->comms_room, value,
				  error);
	case FILTER_SYSCALL:
		return for_words(filter, value, add_syscall, error);
	case FILTER_PATH:
		return add_string(&filter->paths, &filter->n_paths, &filter->paths_room, value,
				  error);
	case FILTER_ERRNO:
		return for_words(filter, value, add_errno, error);
	case FILTER_FAILED:
		return 0;
	case FILTER_SLOW:
		return parse_ns(value, &filter->slow_ns, error);
	case FILTER_LANE:
		return for_words(filter, value, add_lane, error);
	}
	return refuse(error, "unknown condition");
}

int filter_add(struct filter *filter, enum filter_key key, const char *value,
	       struct filter_error *ret_error)
{
	int err = add(filter, key, value, ret_error);

	if (!err)
		filter->conditions |= 1U << key;
	return err;
}
