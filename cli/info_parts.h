/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `igrec info`, as text and as members of its JSON. */
#ifndef CLI_INFO_PARTS_H
#define CLI_INFO_PARTS_H

#include "cli/info.h"
#include "common/json.h"

/* "Name        text", the text escaped; nothing where there is no text. */
void info_line(FILE *out, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Who ended it. */
void info_print_ending(const struct info *info, FILE *out);
void info_add_ending(struct json *object, const struct info *info);

/* The OOM killer's choice, if it made one. */
void info_print_oom(const struct info *info, FILE *out);
void info_add_oom(struct json *object, const struct info *info);
/* A process as an element of an array. */
struct json *info_task_json(const struct snapshot_task *from);

/* The cgroup's figures over time, as small charts. */
void info_print_samples(const struct snapshot *snapshot, FILE *out);
void info_add_samples(struct json *object, const struct snapshot *snapshot);

/* The last lines of the container's log. */
void info_print_log(const struct snapshot *snapshot, size_t most, FILE *out);
void info_add_log(struct json *object, const struct snapshot *snapshot);

#endif
