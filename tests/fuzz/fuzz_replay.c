/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as records of a tape, rendered in every form, explained, seen in every view, and
 * compared with itself, which finds no difference.  Lines for a terminal must not hold a control
 * character, whatever the records say.
 */
#include "common/cleanup.h"
#include "explain/explain.h"
#include "replay/replay.h"
#include "replay/tree.h"
#include "view/diff.h"
#include "view/row_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define BLOCK_ROOM (IGREC_BLOCK_BYTES - IGREC_BLOCK_HEADER_BYTES)

/* Fills a lane with blocks of the input. */
static bool lane_fill(struct snapshot_lane *lane, const uint8_t *data, size_t bytes)
{
	size_t blocks = bytes / BLOCK_ROOM + 1;

	lane->data = malloc(bytes + 1);
	lane->blocks = calloc(blocks, sizeof(*lane->blocks));
	if (!lane->data || !lane->blocks)
		return false;
	memcpy(lane->data, data, bytes);
	lane->bytes = bytes;
	for (size_t at = 0; at < bytes; at += BLOCK_ROOM) {
		size_t left = bytes - at;

		lane->blocks[lane->n_blocks] = (struct snapshot_block){
			.sequence = lane->n_blocks + 3,
			.records = 5,
			.bytes = (uint32_t)(left < BLOCK_ROOM ? left : BLOCK_ROOM),
			.offset = at,
		};
		lane->n_blocks++;
	}
	return true;
}

static void check_printable(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < ' ' && c != '\n') || c == 0x7f)
			abort();
	}
}

static void render(const struct snapshot *snapshot, enum replay_format format)
{
	const struct replay_options options = {
		.arch = ARCH_X86_64,
		.format = format,
		.fds = format == REPLAY_STRACE ? REPLAY_FDS_INODES : REPLAY_FDS_ADDRESSES};
	struct replay_counts counts;
	AUTO_FREE char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return;
	if (replay_render(snapshot, &options, out, &counts))
		abort();
	fclose(out);
	check_printable(text, bytes);
}

static void render_tree(const struct snapshot *snapshot, bool json)
{
	const struct tree_options options = {.json = json, .threads = true};
	struct tree_counts counts;
	AUTO_FREE char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return;
	if (tree_render(snapshot, &options, out, &counts))
		abort();
	fclose(out);
	check_printable(text, bytes);
}

static void explain_it(const struct snapshot *snapshot)
{
	struct explanation explanation;
	struct json *json = json_new_object();
	struct buf text = {0};

	if (explain(snapshot, ARCH_X86_64, &explanation) ||
	    explanation_text(&explanation, 0, &text))
		abort();
	check_printable(text.data, text.bytes);
	if (explanation.findings.count && explanation_json(&explanation, 0, json))
		abort();
	json_free(json);
	buf_done(&text);
	explanation_done(&explanation);
}

static int take_row(void *user, const struct view_cell *cells)
{
	struct json *object = json_new_object();
	struct buf text = {0};

	row_json(object, user, cells, 0);
	if (json_write(object, &text))
		abort();
	check_printable(text.data, text.bytes);
	json_free(object);
	buf_done(&text);
	return 0;
}

static void compare_with_itself(const struct view_query *query)
{
	const struct diff_print_options options = {.name = {"a", "b"}, .context = 3};
	AUTO_FREE char *text = NULL;
	struct diff diff;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return;
	if (diff_make(&diff, query, query) || diff.n_divergences ||
	    diff_print(&diff, &options, out) || diff_print_json(&diff, &options, out))
		abort();
	fclose(out);
	check_printable(text, bytes);
	diff_done(&diff);
}

static void view_it(const struct snapshot *snapshot)
{
	struct view_query query = {.arch = ARCH_X86_64};
	struct timeline *timeline = NULL;

	if (timeline_new(snapshot, &timeline))
		abort();
	query.timeline = timeline;
	for (size_t i = 0; views[i]; i++) {
		if (view_each(views[i], &query, take_row, (void *)views[i]))
			abort();
	}
	compare_with_itself(&query);
	timeline_free(timeline);
}

/* Descriptors and processes that are listed beside the tape, with ids that it may have. */
static bool list_rest(struct snapshot *snapshot)
{
	snapshot->fds = calloc(1, sizeof(*snapshot->fds));
	snapshot->tasks = calloc(1, sizeof(*snapshot->tasks));
	if (!snapshot->fds || !snapshot->tasks)
		return false;
	snapshot->n_fds = 1;
	snapshot->fds[0] = (struct snapshot_fd){4242, 1, strdup("/tmp/x (deleted)")};
	snapshot->n_tasks = 1;
	snapshot->tasks[0] = (struct snapshot_task){.tgid = 4242, .parent_tgid = 4242};
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	size_t half = bytes / 16 * 8;

	if (!snapshot)
		return 0;
	snapshot->failure.time_ns = 1000000000000ULL;
	snapshot->taken_ns = snapshot->failure.time_ns;
	if (lane_fill(&snapshot->lane[IGREC_LANE_VITAL], data, half) &&
	    lane_fill(&snapshot->lane[IGREC_LANE_FLOW], data + half, bytes - half) &&
	    list_rest(snapshot)) {
		snapshot->cpus = 1;
		snapshot->lane[IGREC_LANE_FLOW].overwritten = bytes % 16 / 8;
		render(snapshot, REPLAY_COLUMNS);
		render(snapshot, REPLAY_WIDE);
		render(snapshot, REPLAY_JSON);
		render(snapshot, REPLAY_STRACE);
		render_tree(snapshot, false);
		render_tree(snapshot, true);
		snapshot->failure.tgid = 4242;
		explain_it(snapshot);
		view_it(snapshot);
	}
	snapshot_free(snapshot);
	return 0;
}
