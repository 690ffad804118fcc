/* SPDX-License-Identifier: Apache-2.0 */
/* Dumps as the verbs see them: opened with a word on failure, told as JSON. */
#ifndef CLI_DUMPS_H
#define CLI_DUMPS_H

#include "cli/cli.h"
#include "decode/syscall_table.h"
#include "replay/dump.h"

struct json;

/* CLI_DONE and a dump for dump_free(), or CLI_FAILED, said on stderr. */
enum cli_status dumps_open(const char *path, bool lazily, struct dump **ret);

/* Neither damaged nor with records lost while they were written or copied. Overwriting is normal.
 */
bool dumps_complete(const struct dump *dump);

/* CLI_DONE, or CLI_INCOMPLETE after a line on stderr that says what is missing. */
enum cli_status dumps_check(const struct dump *dump);

/* Whose syscalls are on it. CLI_DONE, or CLI_FAILED, said on stderr. */
enum cli_status dumps_arch(const struct dump *dump, enum arch *ret);

/* Says on stderr how many records are missing from counts, if any were overwritten. */
void dumps_say_overwritten(const struct dump *dump);

/* When it failed, CLOCK_REALTIME. */
int64_t dumps_time_ns(const struct dump *dump);

/*
 * "schema":1 and the members that `list` and `info` share. bytes is the file's size; NULL if out
 * of memory, which json_write() then reports.
 */
struct json *dumps_json(const struct dump *dump, uint64_t bytes);

/* Writes one line of JSON to out and frees it. CLI_DONE or CLI_FAILED. */
enum cli_status dumps_put_json(struct json *json, FILE *out);

static inline void cli_cleanup_dump(struct dump **dump)
{
	dump_free(*dump);
}
#define AUTO_DUMP __attribute__((cleanup(cli_cleanup_dump)))

#endif
