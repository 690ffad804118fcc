/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshot -> explanation, events, processes, views -> the page's data, between the pieces of the
 * page.  The members of the data are what the verbs' --json prints, but for the events.
 */
#include "report/report.h"

#include <errno.h>

#include "common/cleanup.h"
#include "common/escape.h"
#include "explain/explain.h"
#include "replay/tree.h"
#include "report/block.h"
#include "report/events.h"
#include "report/page_text.h"
#include "report/tables.h"

/* ---- the data ------------------------------------------------------------------------------ */

static void add_evidence(struct json *to, const struct finding *finding)
{
	for (size_t i = 0; i < finding->n_evidence; i++)
		json_add_uint(to, NULL, finding->evidence[i]);
}

static void put_verdict(const struct explanation *explanation, struct block *block)
{
	struct json *verdict = json_new_object();

	json_add_bytes(verdict, "failure", explanation->failure.data, explanation->failure.bytes);
	json_add_bool(verdict, "is_request", explanation->is_request);
	json_open_array(verdict, "findings");
	for (size_t i = 0; i < explanation->findings.count; i++) {
		json_open_object(verdict, NULL);
		finding_json(&explanation->findings.all[i], i + 1, verdict);
		json_open_array(verdict, "evidence");
		add_evidence(verdict, &explanation->findings.all[i]);
		json_close(verdict);
		json_close(verdict);
	}
	json_close(verdict);
	json_open_array(verdict, "last_acts");
	add_evidence(verdict, &explanation->last_acts);
	json_close(verdict);
	block_text(block, ",\n\"verdict\":");
	block_json(block, verdict);
	json_free(verdict);
}

/* Lines of one object each become the elements of an array. */
static void put_lines(char *lines, size_t bytes, struct block *block)
{
	char *end = lines + bytes;

	for (char *line = lines, *next; line < end; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		if (!next)
			next = end;
		*next = '\0';
		block_text(block, line == lines ? "\n" : ",\n");
		block_text(block, line);
	}
}

static int put_processes(const struct report *report, struct block *block)
{
	const struct tree_options options = {
		.json = true, .threads = true, .hide_setup = !report->setup};
	AUTO_FREE char *lines = NULL;
	struct tree_counts counts;
	size_t bytes = 0;
	FILE *to = open_memstream(&lines, &bytes);
	int err;

	if (!to)
		return -ENOMEM;
	err = tree_render(report->snapshot, &options, to, &counts);
	if (fclose(to) && !err)
		err = -ENOMEM;
	block_text(block, ",\n\"processes\":[");
	if (!err)
		put_lines(lines, bytes, block);
	block_text(block, "]");
	return err;
}

static int put_data(const struct report *report, const struct explanation *explanation,
		    struct block *block, struct report_counts *counts)
{
	int err;

	block_text(block, "{\"schema\":1,\"igrec\":\"" IGREC_VERSION "\",\n\"info\":");
	block_json(block, report->info);
	put_verdict(explanation, block);
	err = put_processes(report, block);
	if (!err)
		err = tables_put(report, explanation->timeline, block);
	if (!err)
		err = events_put(report, explanation, block, counts);
	block_text(block, "}");
	return err;
}

/* ---- the page ------------------------------------------------------------------------------ */

static void put_piece(struct block *block, unsigned piece)
{
	buf_add(&block->text, page_pieces[piece].text, page_pieces[piece].bytes);
}

/* The explanation once more, for where scripts may not run. */
static int put_explanation(struct explanation *explanation, struct block *block)
{
	struct buf text = {0};
	int err;

	buf_add(&text, explanation->failure.data, explanation->failure.bytes);
	buf_add_text(&text, "\n\n");
	err = explanation_text(explanation, 1, &text);
	html_text(&block->text, text.data, text.bytes);
	buf_done(&text);
	return err;
}

static int put_page(const struct report *report, struct explanation *explanation,
		    struct block *block, struct report_counts *counts)
{
	struct buf title = {0};
	int err;

	put_piece(block, PAGE_TO_TITLE);
	escape_name_text(&title, report->title);
	html_text(&block->text, title.data, title.bytes);
	buf_done(&title);
	put_piece(block, PAGE_TO_TEXT);
	err = put_explanation(explanation, block);
	put_piece(block, PAGE_TO_DATA);
	if (err || block_flush(block))
		return err ? err : block->err;
	block->form = BLOCK_IN_PAGE;
	err = put_data(report, explanation, block, counts);
	if (err || block_flush(block))
		return err ? err : block->err;
	block->form = BLOCK_AS_IS;
	put_piece(block, PAGE_TO_END);
	return block_flush(block);
}

static int put_line(const struct report *report, struct explanation *explanation,
		    struct block *block, struct report_counts *counts)
{
	int err;

	block->form = BLOCK_ONE_LINE;
	err = put_data(report, explanation, block, counts);
	if (err || block_flush(block))
		return err ? err : block->err;
	block->form = BLOCK_AS_IS;
	block_text(block, "\n");
	return block_flush(block);
}

int report_write(const struct report *report, FILE *out, struct report_counts *ret)
{
	struct explanation explanation;
	struct report_counts counts = {0};
	struct block block = {.out = out};
	int err = explain(report->snapshot, report->arch, &explanation);

	if (err)
		return err;
	counts.incomplete = timeline_is_incomplete(explanation.timeline);
	if (report->data_only)
		err = put_line(report, &explanation, &block, &counts);
	else
		err = put_page(report, &explanation, &block, &counts);
	block_done(&block);
	explanation_done(&explanation);
	*ret = counts;
	return err;
}
