/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which entries of a timeline are wanted.  Conditions of different kinds must all hold; several
 * of one kind (two pids, a syscall and a class) are alternatives.
 */
#ifndef REPLAY_FILTER_H
#define REPLAY_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/syscall_table.h"

struct filter;
struct timeline;
struct timeline_entry;

enum filter_key {
	FILTER_LAST,  /* duration before the failure: 2s */
	FILTER_SINCE, /* -2s before the failure, or a local time 2024-05-01T12:00:00.5, or @SECONDS
		       */
	FILTER_UNTIL,
	FILTER_PID,	/* the container's own number */
	FILTER_COMM,	/* exact */
	FILTER_SYSCALL, /* names and classes (%file), separated by commas */
	FILTER_PATH,	/* part of a path; a pattern if it has * ? [ */
	FILTER_ERRNO,	/* names, separated by commas */
	FILTER_FAILED,	/* value is ignored */
	FILTER_SLOW,	/* at least this duration */
	FILTER_LANE,	/* start, vital, flow */
};

struct filter_error {
	char text[256]; /* one line: what is wrong with the value and what is allowed */
};

int filter_new(enum arch arch, struct filter **ret);
void filter_free(struct filter *filter);

/* Adds a condition. 0, -EINVAL with *ret_error filled, -ENOMEM. The text is not kept. */
int filter_add(struct filter *filter, enum filter_key key, const char *value,
	       struct filter_error *ret_error);

/* Whether such a condition was added. */
bool filter_asks(const struct filter *filter, enum filter_key key);
/* Whether nothing was added: all entries match. */
bool filter_is_empty(const struct filter *filter);

/*
 * Whether an entry is wanted. Gaps and damage match unless their time or lane is excluded; the
 * failure always does.
 */
bool filter_matches(const struct filter *filter, const struct timeline *timeline,
		    const struct timeline_entry *entry);

/*
 * For who knows more of an entry than its record tells: the path behind a descriptor, the error of
 * a connection that a later call fetched. filter_matches() without the conditions `except`
 * (1 << enum filter_key for each), and these alone; a condition that was not added holds.
 */
bool filter_matches_except(const struct filter *filter, const struct timeline *timeline,
			   const struct timeline_entry *entry, unsigned except);
bool filter_fits_path(const struct filter *filter, const void *path, size_t bytes);
/* FILTER_FAILED and FILTER_ERRNO: a positive errno, 0 for what did not fail. */
bool filter_fits_error(const struct filter *filter, int error);
/* FILTER_SLOW; not known: it does not hold. */
bool filter_fits_duration(const struct filter *filter, bool known, uint64_t duration_ns);

#endif
