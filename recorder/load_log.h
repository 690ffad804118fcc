/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libbpf and the kernel's verifier said while programs were loaded: the last line for the one
 * that is shown, all of it for a file.
 */
#ifndef RECORDER_LOAD_LOG_H
#define RECORDER_LOAD_LOG_H

#include <stdarg.h>
#include <stdbool.h>

void load_log_clear(void);
/* Adds words; of a log longer than 256 KiB the end is kept. */
void load_log_add(const char *format, va_list args);
/* The last line that was added without the verifier's own log; "" if none was. */
const char *load_log_last(void);
/* Writes all of it to `path`, mode 0600, anew. 0 or -errno; -ENOENT if nothing was said. */
int load_log_write(const char *path);

#endif
