/* SPDX-License-Identifier: Apache-2.0 */
/* Makes text of figures for tables and messages. */
#include "cli/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

#include "common/cleanup.h"
#include "common/parse.h"
#include "decode/names.h"

#define SECOND INT64_C(1000000000)

static const char *print(struct text *to, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static const char *print(struct text *to, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(to->text, sizeof(to->text), format, args);
	va_end(args);
	return to->text;
}

const char *text_time(struct text *to, int64_t time_ns)
{
	time_t seconds = (time_t)(time_ns / SECOND);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    !strftime(to->text, sizeof(to->text), "%Y-%m-%d %H:%M:%S", &tm))
		return print(to, "%" PRId64 "ns", time_ns);
	return to->text;
}

const char *text_recent(struct text *to, int64_t time_ns, int64_t now_ns)
{
	time_t seconds = (time_t)(time_ns / SECOND);
	struct text ago;
	struct tm tm;
	char day[32];

	if (!localtime_r(&seconds, &tm) || !strftime(day, sizeof(day), "%b %d %H:%M:%S", &tm))
		return text_time(to, time_ns);
	return print(to, "%s (%s)", day, text_ago(&ago, time_ns, now_ns));
}

const char *text_ago(struct text *to, int64_t time_ns, int64_t now_ns)
{
	uint64_t ns = now_ns > time_ns ? (uint64_t)now_ns - (uint64_t)time_ns
				       : (uint64_t)time_ns - (uint64_t)now_ns;
	uint64_t seconds = ns / SECOND;
	uint64_t value = seconds;
	const char *unit = "s";

	if (seconds >= 2 * 86400) {
		value = seconds / 86400;
		unit = "d";
	} else if (seconds >= 2 * 3600) {
		value = seconds / 3600;
		unit = "h";
	} else if (seconds >= 2 * 60) {
		value = seconds / 60;
		unit = "m";
	}
	if (now_ns < time_ns)
		return print(to, "in %" PRIu64 "%s", value, unit);
	return print(to, "%" PRIu64 "%s ago", value, unit);
}

const char *text_size(struct text *to, uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 1024; value /= 1024)
		unit++;
	return unit ? print(to, "%.1f %s", value, units[unit]) : print(to, "%" PRIu64 " B", bytes);
}

const char *text_duration(struct text *to, uint64_t duration_ns)
{
	uint64_t seconds = duration_ns / SECOND;

	if (duration_ns < 1000)
		return print(to, "%" PRIu64 "ns", duration_ns);
	if (duration_ns < 1000000)
		return print(to, "%.1fus", (double)duration_ns / 1e3);
	if (duration_ns < (uint64_t)SECOND)
		return print(to, "%.1fms", (double)duration_ns / 1e6);
	if (seconds < 60)
		return print(to, "%.3fs", (double)duration_ns / 1e9);
	if (seconds < 3600)
		return print(to, "%" PRIu64 "m%02" PRIu64 "s", seconds / 60, seconds % 60);
	return print(to, "%" PRIu64 "h%02" PRIu64 "m", seconds / 3600, seconds / 60 % 60);
}

const char *text_uint(struct text *to, uint64_t value)
{
	return print(to, "%" PRIu64, value);
}

/* "SIGTERM", "SIGRT_2", "signal 99" */
static const char *text_signal(struct text *to, int signal)
{
	const char *name = signal_name(signal);

	if (name)
		return print(to, "%s", name);
	return print(to, "signal %d", signal);
}

const char *text_failure(struct text *to, const struct failure *failure)
{
	struct text signal;
	const char *child = failure->kind == FAILURE_CHILD_SIGNAL ? "child " : "";

	switch (failure->kind) {
	case FAILURE_OOM:
		return print(to, "OOM");
	case FAILURE_CHILD_OOM:
		return print(to, "child OOM");
	case FAILURE_REQUESTED:
		return print(to, "requested");
	case FAILURE_CRASH_LOOP:
		return print(to, "crash loop");
	default:
		break;
	}
	if (!failure->signal)
		return print(to, "%sexit %d", child, failure->exit_code);
	return print(to, "%s%s%s", child, text_signal(&signal, failure->signal),
		     failure->core ? " (core dumped)" : "");
}

const char *text_workload(struct text *to, const char *namespace, const char *pod,
			  const char *container)
{
	const char *parts[] = {namespace, pod, container};
	size_t used = 0;

	to->text[0] = '\0';
	for (size_t i = 0; i < 3; i++) {
		if (!parts[i] || !parts[i][0])
			continue;
		used += (size_t)snprintf(to->text + used, sizeof(to->text) - used, "%s%s",
					 used ? "/" : "", parts[i]);
		if (used >= sizeof(to->text))
			break;
	}
	return to->text;
}

const char *text_entry(struct text *to, const struct store_entry *entry)
{
	return text_workload(to, entry->namespace, entry->pod, entry->container);
}

int text_parse_time(const char *text, int64_t now_ns, int64_t *ret)
{
	static const char *const formats[] = {
		"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M",
		"%Y-%m-%d",	     "%H:%M:%S",	  "%H:%M"};
	time_t now = (time_t)(now_ns / SECOND);
	uint64_t age_ns;

	if (!parse_duration(text, &age_ns) && age_ns < INT64_MAX) {
		*ret = now_ns - (int64_t)age_ns;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct tm tm;
		const char *end;

		localtime_r(&now, &tm);
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		tm.tm_isdst = -1;
		end = strptime(text, formats[i], &tm);
		if (end && !*end) {
			*ret = (int64_t)mktime(&tm) * SECOND;
			return 0;
		}
	}
	return -EINVAL;
}
