/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last lines of a container's log, out of what runtimes write.  The container chooses what
 * stands in them, so any bytes are taken: what has not the form is kept as it is.
 */
#ifndef RECORDER_LOG_LINES_H
#define RECORDER_LOG_LINES_H

#include "dumper/snapshot.h"

enum log_format {
	LOG_CRI, /* TIME STREAM P|F[:TAG...] TEXT; P is a part of a line. The kubelet's, Podman's */
	LOG_JSON, /* {"log":"TEXT\n","stream":...,"time":...}; no newline is a part. Docker's */
};

#define LOG_LINE_BYTES_MAX 4096 /* of one line's text; the rest is cut */

struct log_lines;

/* Keeps at most so many lines, and bytes of text in all of them, none that is known to be older
 * than since_ns or younger than until_ns. NULL: out of memory. */
struct log_lines *log_lines_new(enum log_format format, size_t most_lines, size_t most_bytes,
				int64_t since_ns, int64_t until_ns);
void log_lines_free(struct log_lines *lines);

/*
 * Adds what a file holds, the oldest file first. What is behind the last newline is taken for a
 * line. Out of memory shows in log_lines_move().
 */
void log_lines_add(struct log_lines *lines, const char *data, size_t bytes);
/* Moves all into a snapshot that has none. 0, or -ENOMEM with nothing moved. */
int log_lines_move(struct log_lines *lines, struct snapshot *snapshot);

/* RFC 3339 with up to nine digits of a second's fraction, as ns since 1970. 0 or -EINVAL. */
int log_time_parse(const char *text, size_t bytes, int64_t *ret_ns);

#endif
