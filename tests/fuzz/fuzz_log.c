/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a container's log: the first two bytes are the format and the number of lines kept,
 * the rest comes in two files.
 */
#include <stdlib.h>

#include "common/cleanup.h"
#include "recorder/log_lines.h"

#define MOST_BYTES 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Within what was asked for, and readable up to each last byte. */
static void look(const struct snapshot *snapshot, size_t most_lines)
{
	size_t sum = 0;
	unsigned seen = 0;

	if (snapshot->n_log > most_lines)
		abort();
	for (size_t i = 0; i < snapshot->n_log; i++) {
		const struct snapshot_log *line = &snapshot->log[i];

		sum += line->text_bytes;
		seen += (unsigned)strlen(line->stream);
		for (size_t at = 0; at < line->text_bytes; at++)
			seen += (unsigned char)line->text[at];
		if (line->time_ns < -1)
			abort();
	}
	if (sum > MOST_BYTES)
		abort();
	__asm__ volatile("" : : "r"(seen));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct snapshot *snapshot;
	struct log_lines *lines;
	size_t half, most_lines;

	if (bytes < 2)
		return 0;
	most_lines = data[1] % 16;
	snapshot = calloc(1, sizeof(*snapshot));
	lines = log_lines_new(data[0] % 2 ? LOG_JSON : LOG_CRI, most_lines, MOST_BYTES,
			      data[0] & 2 ? 1000000000 : 0, data[0] & 4 ? 2000000000 : INT64_MAX);
	if (!snapshot || !lines)
		abort();
	half = bytes / 2 < 2 ? 2 : bytes / 2;
	log_lines_add(lines, (const char *)data + 2, half - 2);
	log_lines_add(lines, (const char *)data + half, bytes - half);
	if (!log_lines_move(lines, snapshot))
		look(snapshot, most_lines);
	log_lines_free(lines);
	snapshot_free(snapshot);
	return 0;
}
