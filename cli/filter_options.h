/* SPDX-License-Identifier: Apache-2.0 */
/* The options of verbs that look at a part of the tape: which calls, by whom, when. */
#ifndef CLI_FILTER_OPTIONS_H
#define CLI_FILTER_OPTIONS_H

#include "cli/options.h"
#include "replay/filter.h"

/* Their rows in a verb's table stand together, in the order of enum filter_key. */
#define FILTER_OPTIONS (FILTER_LANE + 1)
#define FILTER_OPTION_ROWS(first)                                                                  \
	[(first) +                                                                                 \
		FILTER_LAST] = {"last", 0, "TIME", "the last 2s before the failure"},              \
		[(first) +                                                                         \
			FILTER_SINCE] = {"since", 0, "TIME",                                       \
					 "from -2s before the failure, 2024-05-01T12:00:00, or "   \
					 "@SECONDS"},                                              \
		[(first) + FILTER_UNTIL] = {"until", 0, "TIME", "up to such a time"},              \
		[(first) + FILTER_PID] = {"pid", 0, "PID",                                         \
					  "of this process, as the container counts"},             \
		[(first) + FILTER_COMM] = {"comm", 0, "NAME", "of tasks of this name"},            \
		[(first) + FILTER_SYSCALL] = {"syscall", 'e', "LIST",                              \
					      "these syscalls and classes: openat,%network"},      \
		[(first) + FILTER_PATH] = {"path", 0, "TEXT",                                      \
					   "with this in a path, or a pattern with * ? ["},        \
		[(first) + FILTER_ERRNO] = {"errno", 0, "LIST",                                    \
					    "that failed with these: ENOENT,EACCES"},              \
		[(first) + FILTER_FAILED] = {"failed", 0, NULL, "that failed"},                    \
		[(first) + FILTER_SLOW] = {"slow", 0, "TIME", "that took at least 10ms"},          \
		[(first) + FILTER_LANE] = {"lane", 0, "LANE",                                      \
					   "from this lane of the ring: start, vital or flow"}

#define FILTER_CONDITIONS_MAX 64

struct filter_condition {
	enum filter_key key;
	const char *option; /* "last" */
	const char *value;  /* borrowed from argv */
};

struct filter_options {
	struct filter_condition conditions[FILTER_CONDITIONS_MAX];
	size_t count;
};

/* Takes the option that options_next() gave; the rows begin at `first`. 0, or -EINVAL, said. */
int filter_options_take(struct filter_options *options, const struct option_scan *scan, int option,
			int first);

/*
 * Whether the values are good on any architecture, so that a bad one is refused before any dump
 * is looked for. 0, or -EINVAL, said on stderr in the name of the verb.
 */
int filter_options_check(const struct filter_options *options, const char *verb);

/* The filter for a dump of this architecture. CLI_DONE, CLI_USAGE or CLI_FAILED, said. */
enum cli_status filter_options_make(const struct filter_options *options, const char *verb,
				    enum arch arch, struct filter **ret);

static inline void cli_cleanup_filter(struct filter **filter)
{
	filter_free(*filter);
}
#define AUTO_FILTER __attribute__((cleanup(cli_cleanup_filter)))

#endif
