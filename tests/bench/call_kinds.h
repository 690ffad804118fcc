/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of system calls that bench_calls makes in a loop. */
#ifndef TESTS_BENCH_CALL_KINDS_H
#define TESTS_BENCH_CALL_KINDS_H

struct call_kind {
	const char *name;
	void (*call)(void); /* its output goes to stdout, if it has any */
};

/* Makes the longer arguments; once, before any call. */
void call_kinds_init(void);

/* The kind of that name, or NULL. */
const struct call_kind *call_kind_find(const char *name);

#endif
