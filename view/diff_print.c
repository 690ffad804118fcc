/* SPDX-License-Identifier: Apache-2.0 */
/* A diff for people and for programs.  What stands on a tape is shown as replay shows it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/escape.h"
#include "common/json.h"
#include "replay/excerpt.h"
#include "replay/number.h"
#include "replay/replay.h"
#include "replay/words.h"
#include "view/diff.h"

#define LINES_MAX 8 /* of one side of a divergence */

static const char *const side_names[] = {"a", "b"};
static const char *const side_titles[] = {"A", "B"};

/* ---- excerpts ----------------------------------------------------------------------------------
 */

/* At most LINES_MAX events of a side, or of what comes before. */
struct lines {
	size_t entries[LINES_MAX];
	size_t count;
	size_t more; /* that are left out */
};

static void take_lines(const struct divergence *at, unsigned which, struct lines *ret)
{
	*ret = (struct lines){0};
	for (size_t i = at->from[which]; at->thread[which] && i < at->to[which]; i++) {
		if (ret->count < LINES_MAX)
			ret->entries[ret->count++] = at->thread[which]->events[i].entry;
		else
			ret->more++;
	}
}

/* What both did before, as B has it. */
static void take_context(const struct divergence *at, size_t context, struct lines *ret)
{
	size_t from = at->from[1];

	*ret = (struct lines){0};
	if (!at->thread[0] || !at->thread[1])
		return;
	if (context > LINES_MAX)
		context = LINES_MAX;
	for (size_t i = from > context ? from - context : 0; i < from; i++)
		ret->entries[ret->count++] = at->thread[1]->events[i].entry;
}

static int add_lines(const struct diff_side *side, const struct lines *lines, const char *title,
		     struct buf *out)
{
	char head[8];
	int err;

	snprintf(head, sizeof(head), "%s ", title);
	err = excerpt_text(side->query.timeline, side->query.arch, lines->entries, lines->count,
			   head, out);
	if (lines->more)
		buf_printf(out, "%s   and %zu more\n", title, lines->more);
	return err;
}

/* ---- text --------------------------------------------------------------------------------------
 */

/* "cat, pid 6"; "nothing like it". */
static void add_process(const struct diff_side *side, const struct diff_thread *thread,
			struct buf *out)
{
	const struct process *process = thread && thread->process != PROCESS_NONE
						? &side->processes.all[thread->process]
						: NULL;

	if (!thread) {
		buf_add_text(out, "has nothing like it");
		return;
	}
	if (!process) {
		buf_add_text(out, "a thread of unknown process");
		return;
	}
	escape_name_text(out, process_comm(&side->processes, process));
	if (process->ns_tgid)
		buf_printf(out, ", pid %u", process->ns_tgid);
}

static int add_divergence(const struct diff *diff, const struct divergence *at, size_t rank,
			  const struct diff_print_options *options, struct buf *out)
{
	struct lines lines;
	int err;

	if (rank)
		buf_printf(out, "\n%zu. ", rank + 1);
	else
		buf_add_text(out, "\nThe runs part here first: ");
	buf_add_text(out, "A: ");
	add_process(&diff->side[0], at->thread[0], out);
	buf_add_text(out, "; B: ");
	add_process(&diff->side[1], at->thread[1], out);
	buf_add_text(out, "\n\n");
	take_context(at, options->context, &lines);
	err = add_lines(&diff->side[1], &lines, " ", out);
	for (unsigned i = 0; !err && i < 2; i++) {
		take_lines(at, i, &lines);
		err = add_lines(&diff->side[i], &lines, side_titles[i], out);
		if (!lines.count && at->thread[i])
			buf_printf(out, "%s    (nothing)\n", side_titles[i]);
	}
	if (at->is_bounded)
		buf_printf(out,
			   "\nMore than %d calls of this thread differ: what follows was not "
			   "compared call by call.\n",
			   ALIGN_DIFFERENCES_MAX);
	return err;
}

static void add_alone(const struct diff *diff, struct buf *out)
{
	size_t alone[2] = {0};

	for (size_t i = 0; i < diff->n_divergences; i++) {
		for (unsigned side = 0; side < 2; side++)
			alone[side] += !diff->divergences[i].thread[1 - side];
	}
	buf_printf(out, "\n%zu stretch%s differ%s; %zu thread%s in both",
		   diff->n_divergences - alone[0] - alone[1],
		   diff->n_divergences - alone[0] - alone[1] == 1 ? "" : "es",
		   diff->n_divergences - alone[0] - alone[1] == 1 ? "s" : "", diff->matched,
		   diff->matched == 1 ? "" : "s");
	for (unsigned side = 0; side < 2; side++) {
		if (alone[side])
			buf_printf(out, ", %zu only in %s", alone[side], side_titles[side]);
	}
	buf_add_char(out, '\n');
}

static bool is_only(const struct diff_count *count, unsigned side)
{
	return count->of[side] && !count->of[1 - side];
}

static const char *fact_of(const struct diff *diff, uint32_t number, enum diff_fact *ret_fact,
			   size_t *ret_bytes)
{
	const char *key = keys_at(&diff->facts.keys, number, ret_bytes);

	*ret_fact = (enum diff_fact)key[0];
	--*ret_bytes;
	return key + 1;
}

static void add_only(const struct diff *diff, unsigned side, enum diff_fact wanted, size_t rows_max,
		     struct buf *out)
{
	size_t shown = 0, more = 0;

	for (uint32_t i = 0; i < diff->facts.keys.count; i++) {
		enum diff_fact fact;
		size_t bytes, start;
		const char *text = fact_of(diff, i, &fact, &bytes);

		if (fact != wanted || !is_only(&diff->facts.counts[i], side))
			continue;
		if (rows_max && shown == rows_max) {
			more++;
			continue;
		}
		if (!shown++)
			buf_printf(out, "\nonly in %s: %ss\n", side_titles[side],
				   diff_fact_name(wanted));
		start = out->bytes;
		number_unsigned(out, diff->facts.counts[i].of[side]);
		align_right(out, start, 8);
		buf_add(out, "  ", 2);
		escape_name(out, text, bytes);
		buf_add_char(out, '\n');
	}
	if (more)
		buf_printf(out, "          and %zu more\n", more);
}

static int add_all(const struct diff *diff, const struct diff_print_options *options,
		   struct buf *out)
{
	size_t shown = diff->n_divergences;
	int err = 0;

	if (options->divergences_max && shown > options->divergences_max)
		shown = options->divergences_max;
	if (!shown)
		buf_add_text(out, "\nThe runs do not part in what is on both tapes.\n");
	for (size_t i = 0; !err && i < shown; i++)
		err = add_divergence(diff, &diff->divergences[i], i, options, out);
	add_alone(diff, out);
	for (int fact = DIFF_FACTS - 1; fact >= 0; fact--) {
		add_only(diff, 0, (enum diff_fact)fact, options->rows_max, out);
		add_only(diff, 1, (enum diff_fact)fact, options->rows_max, out);
	}
	return err;
}

static int flush(FILE *out)
{
	errno = 0;
	return fflush(out) ? errno ? -errno : -EIO : 0;
}

int diff_print(struct diff *diff, const struct diff_print_options *options, FILE *out)
{
	struct buf text = {0};
	int err;

	for (unsigned i = 0; i < 2; i++) {
		buf_printf(&text, "%s  %s  ", side_titles[i], options->name[i]);
		failure_words(&text, diff->side[i].query.timeline);
		buf_add_char(&text, '\n');
	}
	err = add_all(diff, options, &text);
	if (!err)
		err = replay_write(&text, out);
	buf_done(&text);
	return err ? err : flush(out);
}

/* ---- JSON --------------------------------------------------------------------------------------
 */

static void json_side(struct diff *diff, unsigned side, const char *id, struct json *to)
{
	struct buf words = {0};

	failure_words(&words, diff->side[side].query.timeline);
	json_open_object(to, side_names[side]);
	json_add_text(to, "id", id);
	json_add_bytes(to, "failure", words.data, words.bytes);
	json_add_uint(to, "threads", diff->side[side].n_threads);
	json_add_bool(to, "whole", diff->side[side].is_whole);
	json_close(to);
	buf_done(&words);
}

static int json_thread(const struct diff *diff, const struct divergence *at, unsigned which,
		       struct json *to)
{
	const struct diff_side *side = &diff->side[which];
	const struct diff_thread *thread = at->thread[which];
	const struct process *process = NULL;
	struct lines lines;
	int err;

	if (!thread) {
		json_add_null(to, side_names[which]);
		return 0;
	}
	if (thread->process != PROCESS_NONE)
		process = &side->processes.all[thread->process];
	take_lines(at, which, &lines);
	json_open_object(to, side_names[which]);
	json_add_text(to, "comm", process ? process_comm(&side->processes, process) : NULL);
	if (process && process->ns_tgid)
		json_add_uint(to, "pid", process->ns_tgid);
	else
		json_add_null(to, "pid");
	json_add_uint(to, "count", at->to[which] - at->from[which]);
	err = excerpt_json(side->query.timeline, side->query.arch, lines.entries, lines.count,
			   "events", to);
	json_close(to);
	return err;
}

static int put(struct json *line, FILE *out)
{
	struct buf text = {0};
	int err = json_write(line, &text);

	buf_add_char(&text, '\n');
	if (!err)
		err = replay_write(&text, out);
	buf_done(&text);
	json_free(line);
	return err;
}

static struct json *new_line(const char *type)
{
	struct json *line = json_new_object();

	json_add_int(line, "schema", 1);
	json_add_text(line, "type", type);
	return line;
}

static int put_divergence(const struct diff *diff, size_t index,
			  const struct diff_print_options *options, FILE *out)
{
	const struct divergence *at = &diff->divergences[index];
	struct json *line = new_line("divergence");
	struct lines lines;
	int err;

	json_add_uint(line, "rank", index + 1);
	json_add_bool(line, "bounded", at->is_bounded);
	take_context(at, options->context, &lines);
	err = excerpt_json(diff->side[1].query.timeline, diff->side[1].query.arch, lines.entries,
			   lines.count, "before", line);
	for (unsigned i = 0; !err && i < 2; i++)
		err = json_thread(diff, at, i, line);
	if (!err)
		return put(line, out);
	json_free(line);
	return err;
}

static int put_only(const struct diff *diff, uint32_t number, unsigned side, FILE *out)
{
	struct json *line = new_line("only");
	enum diff_fact fact;
	size_t bytes;
	const char *text = fact_of(diff, number, &fact, &bytes);

	json_add_text(line, "side", side_names[side]);
	json_add_text(line, "fact", diff_fact_name(fact));
	json_add_bytes(line, "value", text, bytes);
	json_add_uint(line, "times", diff->facts.counts[number].of[side]);
	return put(line, out);
}

int diff_print_json(struct diff *diff, const struct diff_print_options *options, FILE *out)
{
	struct json *line = new_line("diff");
	size_t shown = diff->n_divergences;
	int err;

	for (unsigned i = 0; i < 2; i++)
		json_side(diff, i, options->name[i], line);
	json_add_uint(line, "threads_in_both", diff->matched);
	json_add_uint(line, "divergences", diff->n_divergences);
	err = put(line, out);
	if (options->divergences_max && shown > options->divergences_max)
		shown = options->divergences_max;
	for (size_t i = 0; !err && i < shown; i++)
		err = put_divergence(diff, i, options, out);
	for (uint32_t i = 0; !err && i < diff->facts.keys.count; i++) {
		for (unsigned side = 0; !err && side < 2; side++) {
			if (is_only(&diff->facts.counts[i], side))
				err = put_only(diff, i, side, out);
		}
	}
	return err ? err : flush(out);
}
