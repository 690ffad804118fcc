/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences are put together here from what containers wrote, so everything is escaped here. */
#include "explain/words.h"

#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "common/escape.h"
#include "explain/says.h"
#include "replay/call_text.h"

#define QUOTE_BYTES_MAX	 160
#define OBJECT_BYTES_MAX 160

static void escape_cut(struct buf *out, const char *text, size_t bytes, size_t max)
{
	if (bytes > max) {
		/* Not within a character. */
		for (bytes = max; bytes > max - 4 && (text[bytes] & 0xc0) == 0x80; bytes--)
			;
		escape_name(out, text, bytes);
		buf_add_text(out, "...");
		return;
	}
	escape_name(out, text, bytes);
}

void words_process(struct buf *out, const struct facts *facts, uint32_t process)
{
	const char *comm = facts_comm(facts, process);
	uint32_t pid = process == PROCESS_NONE ? 0 : facts->processes.all[process].ns_tgid;

	escape_name_text(out, comm);
	if (pid > 1)
		buf_printf(out, " (pid %" PRIu32 ")", pid);
}

void words_end(struct buf *out, const struct facts *facts, uint32_t process)
{
	const struct failure *failure = &facts->snapshot->failure;
	const struct process *ended;

	if (process == PROCESS_NONE)
		return;
	ended = &facts->processes.all[process];
	if (ended->end_ns && WIFSIGNALED(ended->code)) {
		buf_add_text(out, "was killed by ");
		signal_text(out, WTERMSIG(ended->code));
	} else if (ended->end_ns) {
		buf_printf(out, "exited with %d", WEXITSTATUS(ended->code));
	} else if (ended->failed && failure->signal) {
		buf_add_text(out, "was killed by ");
		signal_text(out, failure->signal);
	} else if (ended->failed) {
		buf_printf(out, "exited with %" PRId32, failure->exit_code);
	}
}

void words_end_after(struct buf *out, const char *before, const struct facts *facts,
		     uint32_t process)
{
	size_t start = out->bytes, behind;

	buf_add_text(out, before);
	behind = out->bytes;
	words_end(out, facts, process);
	if (out->bytes == behind)
		out->bytes = start;
}

void words_chain(struct buf *out, const struct facts *facts, uint32_t process)
{
	size_t start = out->bytes, behind;

	for (unsigned i = facts->n_chain; i > 1; i--) {
		if (facts->chain[i - 1] != process)
			continue;
		buf_add_text(out, "; ");
		words_process(out, facts, facts->chain[0]);
		behind = out->bytes;
		words_end_after(out, " then ", facts, facts->chain[0]);
		if (out->bytes == behind)
			out->bytes = start;
		return;
	}
}

/* Frames and source text tell least, then that it ends; else the tone counts. */
static unsigned rank_of_line(const char *line, size_t bytes)
{
	enum tone tone = says_tone(line, bytes);

	if (line[0] == ' ' || line[0] == '\t')
		return 0;
	return tone == TONE_CLOSING ? 1 : 2 + (unsigned)tone;
}

const char *telling_line(const char *text, size_t *ret_bytes)
{
	const char *best = text;
	unsigned best_rank = 0;
	size_t best_bytes = strcspn(text, "\n");

	for (const char *line = text; *line;) {
		size_t bytes = strcspn(line, "\n");
		unsigned rank = rank_of_line(line, bytes);

		if (bytes > 1 && rank >= best_rank) {
			best = line;
			best_bytes = bytes;
			best_rank = rank;
		}
		line += bytes + (line[bytes] == '\n');
	}
	*ret_bytes = best_bytes;
	return best;
}

void words_quote(struct buf *out, const struct message *message)
{
	size_t bytes;
	const char *line = telling_line(message->text, &bytes);

	while (bytes && (*line == ' ' || *line == '\t')) {
		line++;
		bytes--;
	}
	buf_add_char(out, '"');
	escape_cut(out, line, bytes, QUOTE_BYTES_MAX);
	if (!message->has_end && line + bytes == message->text + message->bytes)
		buf_add_text(out, "...");
	buf_add_char(out, '"');
}

void words_duration(struct buf *out, uint64_t ns)
{
	if (ns < 1000000ULL)
		buf_add_text(out, "less than 1 ms");
	else if (ns < 10000000000ULL && ns >= 1000000000ULL)
		buf_printf(out, "%.1f s", (double)ns / 1e9);
	else if (ns >= 10000000000ULL)
		buf_printf(out, "%" PRIu64 " s", (uint64_t)(ns / 1000000000ULL));
	else
		buf_printf(out, "%" PRIu64 " ms", (uint64_t)(ns / 1000000ULL));
}

void words_object(struct buf *out, const char *object)
{
	escape_cut(out, object, strlen(object), OBJECT_BYTES_MAX);
}
