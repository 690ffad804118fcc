/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures as people read them. Each writes into the caller's buffer and returns it, so that it
 * can stand in a list of cells.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdint.h>

#include "dumper/snapshot.h"
#include "storage/store.h"

struct text {
	char text[256];
};

/* "2024-11-22 03:04:05", local time; ns of CLOCK_REALTIME. */
const char *text_time(struct text *to, int64_t time_ns);
/* "3s ago", "5m ago", "2h ago", "9d ago"; "in 4s" for what lies ahead. */
const char *text_ago(struct text *to, int64_t time_ns, int64_t now_ns);
/* Both, for lists: "Nov 22 03:04:05 (5m ago)" */
const char *text_recent(struct text *to, int64_t time_ns, int64_t now_ns);
/* "17 B", "512.0 KiB", "1.5 MiB" */
const char *text_size(struct text *to, uint64_t bytes);
/* "850us", "12.3ms", "1.234s", "3m20s", "2h05m" */
const char *text_duration(struct text *to, uint64_t duration_ns);
const char *text_uint(struct text *to, uint64_t value);
/* "exit 1", "SIGSEGV", "SIGSEGV (core dumped)", "OOM", "child SIGBUS", "child OOM", "crash loop",
 * "requested" */
const char *text_failure(struct text *to, const struct failure *failure);
/* "namespace/pod/container"; what is unknown is left out. NULL and "" are unknown. */
const char *text_workload(struct text *to, const char *namespace, const char *pod,
			  const char *container);
const char *text_entry(struct text *to, const struct store_entry *entry);

#define TEXT_TIME_WANTED                                                                           \
	"an age such as 10m or a local time such as 2024-05-01, 2024-05-01 12:00:30 or 12:00"
/* A moment, as TEXT_TIME_WANTED has it. now_ns and *ret are of CLOCK_REALTIME. 0 or -EINVAL. */
int text_parse_time(const char *text, int64_t now_ns, int64_t *ret);

#endif
