/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a snapshot.  Payloads are gathered first, put in the order of threads, descriptors and
 * time, and joined: a program that writes a line in pieces leaves pieces of a secret.
 */
#include "dumper/snapshot_texts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

/* The data of one call. */
struct piece {
	uint32_t tid;
	uint32_t stream; /* the descriptor, and whether it was read */
	uint64_t end_ns;
	unsigned char *data;
	size_t bytes;
	bool cut;
	bool line; /* of a log, without the newline that ended it */
};

struct walk {
	struct snapshot *snapshot;
	enum arch arch;
	snapshot_text_fn fn;
	void *context;
	struct piece *pieces;
	size_t n_pieces, room;
};

/* ---- what a capture is ------------------------------------------------------------------ */

static bool is_message_data(unsigned arg)
{
	return arg >= IGREC_ARG_MSG_NAME &&
	       arg < IGREC_ARG_MSG_NAME + IGREC_CAPTURE_MESSAGES * IGREC_ARG_MSG_PARTS &&
	       (arg - IGREC_ARG_MSG_NAME) % IGREC_ARG_MSG_PARTS ==
		       IGREC_ARG_MSG_DATA - IGREC_ARG_MSG_NAME;
}

/* Whether an earlier capture has the same argument: the vectors, whose data this then is. */
static bool is_vectors_data(const struct event *event, unsigned capture)
{
	for (unsigned i = 0; i < capture; i++)
		if (event->capture[i].arg == event->capture[capture].arg)
			return true;
	return false;
}

static enum capture_use use_by_rule(const struct igrec_capture_rule *rule)
{
	switch (rule->kind) {
	case IGREC_CAPTURE_ARGV:
		return CAPTURE_ARGV;
	case IGREC_CAPTURE_STRING:
		return CAPTURE_PATH;
	case IGREC_CAPTURE_IOVEC:
	case IGREC_CAPTURE_IOVEC_RESULT:
	case IGREC_CAPTURE_MSGHDR:
		return CAPTURE_OTHER; /* the vectors, or the struct */
	default:
		return rule->flags & IGREC_CAPTURE_IS_PAYLOAD ? CAPTURE_PAYLOAD : CAPTURE_OTHER;
	}
}

enum capture_use capture_use_of(const struct event *event, enum arch arch, unsigned capture)
{
	unsigned arg = event->capture[capture].arg;
	const struct syscall_descriptor *syscall;

	if (event->type == IGREC_RECORD_EXEC)
		return arg == 0 ? CAPTURE_PATH : arg == 1 ? CAPTURE_ARGV : CAPTURE_OTHER;
	if (event->type != IGREC_RECORD_SYSCALL)
		return CAPTURE_OTHER;
	if (is_message_data(arg) || arg == IGREC_ARG_TAIL)
		return CAPTURE_PAYLOAD;
	if (arg >= IGREC_ARGS_MAX)
		return CAPTURE_OTHER;
	if (is_vectors_data(event, capture))
		return CAPTURE_PAYLOAD;
	syscall = syscall_of(arch, event->nr, event->compat);
	for (unsigned i = 0; syscall && i < syscall->rules; i++)
		if (syscall->rule[i].arg == arg && syscall->rule[i].kind != IGREC_CAPTURE_NONE)
			return use_by_rule(&syscall->rule[i]);
	/* A call that this table does not know: nothing is taken for harmless. */
	return syscall ? CAPTURE_OTHER : CAPTURE_PAYLOAD;
}

/* ---- captures --------------------------------------------------------------------------- */

static void give(const struct walk *walk, enum mask_form form, void *data, size_t bytes, bool cut)
{
	const struct snapshot_text text = {form, data, bytes, cut};

	if (bytes)
		walk->fn(walk->context, &text);
}

/* Whether the kernel filled what the call's data were captured from. */
static bool is_read(const struct event *event, enum arch arch)
{
	const struct syscall_descriptor *syscall = syscall_of(arch, event->nr, event->compat);

	for (unsigned i = 0; syscall && i < syscall->rules; i++)
		if (syscall->rule[i].flags & IGREC_CAPTURE_IS_PAYLOAD)
			return syscall->rule[i].flags & IGREC_CAPTURE_ON_SUCCESS;
	return false;
}

/* False if memory is short. */
static bool add_piece(struct walk *walk, const struct piece *piece)
{
	struct piece *grown;

	if (walk->n_pieces == walk->room) {
		size_t room = walk->room ? 2 * walk->room : 256;

		grown = reallocarray(walk->pieces, room, sizeof(*grown));
		if (!grown)
			return false;
		walk->pieces = grown;
		walk->room = room;
	}
	walk->pieces[walk->n_pieces++] = *piece;
	return true;
}

/* A message's beginning and its end are looked at as one text: a secret may begin in the gap. */
static bool is_cut(const struct event *event, const struct event_capture *capture)
{
	return (capture->truncated && !event_capture_of(event, IGREC_ARG_TAIL)) ||
	       capture->unreadable;
}

static bool gather(struct walk *walk, const struct event *event,
		   const struct event_capture *capture)
{
	uint32_t fd = event->args ? (uint32_t)event->arg[0] : 0;

	return add_piece(walk, &(struct piece){
				       .tid = event->tid,
				       .stream = fd << 1 | is_read(event, walk->arch),
				       .end_ns = event->end_ns,
				       .data = (unsigned char *)capture->data,
				       .bytes = capture->bytes,
				       .cut = is_cut(event, capture),
			       });
}

/* Behind the word that begins at `at`: at a space, or behind a string of JSON. */
static size_t word_end(const struct event_capture *tail, size_t at)
{
	const unsigned char *data = tail->data;

	while (at < tail->bytes && strchr(" \t\r\n", data[at]))
		at++;
	for (; at < tail->bytes && !strchr(" \t\r\n", data[at]); at++)
		if (at && data[at - 1] == '"' && (data[at] == ',' || data[at] == '}'))
			break;
	return at;
}

/*
 * What may end a secret whose name or beginning is in the gap: a word, two more behind the end of a
 * name ("...ord: hunter2", "...tion: Basic QWxh"), or all up to the end of a key in PEM.
 */
static size_t unknown_bytes(const struct event_capture *tail)
{
	static const char end[] = "-----END ", begin[] = "-----BEGIN ";
	const unsigned char *key = memmem(tail->data, tail->bytes, end, sizeof(end) - 1);
	const unsigned char *own = memmem(tail->data, tail->bytes, begin, sizeof(begin) - 1);
	size_t bytes = word_end(tail, 0);

	if (key && (!own || own > key))
		return (size_t)(key - tail->data);
	if (bytes && (tail->data[bytes - 1] == ':' || tail->data[bytes - 1] == '='))
		bytes = word_end(tail, word_end(tail, bytes));
	return bytes;
}

static void visit_event(struct walk *walk, const struct event *event)
{
	for (unsigned i = 0; i < event->captures; i++) {
		const struct event_capture *capture = &event->capture[i];
		enum capture_use use;

		if (capture->inode || !capture->bytes)
			continue;
		if (capture->arg == IGREC_ARG_TAIL)
			give(walk, MASK_REST, (unsigned char *)capture->data,
			     unknown_bytes(capture), false);
		use = capture_use_of(event, walk->arch, i);
		if (use == CAPTURE_PAYLOAD && gather(walk, event, capture))
			continue;
		give(walk, use == CAPTURE_ARGV ? MASK_ARGV : MASK_TEXT,
		     (unsigned char *)capture->data, capture->bytes, capture->truncated);
	}
}

static void visit_lane(struct walk *walk, enum igrec_lane number)
{
	const struct snapshot_lane *lane = &walk->snapshot->lane[number];
	struct event event;

	for (size_t i = 0; i < lane->n_blocks; i++) {
		const struct snapshot_block *block = &lane->blocks[i];
		unsigned char *records = lane->data + block->offset;
		int size = 1;

		for (size_t at = 0; at < block->bytes; at += (size_t)size) {
			size = event_parse(records + at, block->bytes - at, number, &event);
			if (size <= 0)
				break;
			visit_event(walk, &event);
		}
		/* What is no record is shown by nothing, but it is in the file. */
		if (size <= 0)
			give(walk, MASK_TEXT, records, block->bytes, false);
	}
}

/* ---- joined payloads -------------------------------------------------------------------- */

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->stream != y->stream)
		return x->stream < y->stream ? -1 : 1;
	if (x->end_ns != y->end_ns)
		return x->end_ns < y->end_ns ? -1 : 1;
	return x->data < y->data ? -1 : x->data > y->data;
}

static bool follows(const struct piece *before, const struct piece *piece)
{
	return before->tid == piece->tid && before->stream == piece->stream &&
	       (!before->cut || before->line);
}

static size_t joined_bytes(const struct piece *piece)
{
	return piece->bytes + piece->line;
}

/* Pieces [first, end) as one text; both ways go through `joined`. */
static void give_joined(const struct walk *walk, size_t first, size_t end, unsigned char *joined)
{
	size_t bytes = 0;

	if (end - first == 1) {
		const struct piece *piece = &walk->pieces[first];

		give(walk, MASK_TEXT, piece->data, piece->bytes, piece->cut);
		return;
	}
	for (size_t i = first; i < end; i++) {
		memcpy(joined + bytes, walk->pieces[i].data, walk->pieces[i].bytes);
		bytes += walk->pieces[i].bytes;
		if (walk->pieces[i].line)
			joined[bytes++] = '\n';
	}
	give(walk, MASK_TEXT, joined, bytes, walk->pieces[end - 1].cut);
	bytes = 0;
	for (size_t i = first; i < end; i++) {
		memcpy(walk->pieces[i].data, joined + bytes, walk->pieces[i].bytes);
		bytes += joined_bytes(&walk->pieces[i]);
	}
}

/* Where the next part begins, so that it overlaps the one that ended before `end`. */
static size_t step_back(const struct walk *walk, size_t first, size_t end)
{
	size_t bytes = 0, at = end;

	while (at > first + 1 && bytes < SNAPSHOT_TEXTS_OVERLAP_BYTES)
		bytes += joined_bytes(&walk->pieces[--at]);
	return at;
}

static void visit_pieces(struct walk *walk)
{
	unsigned char joined[SNAPSHOT_TEXTS_RUN_BYTES];
	size_t first = 0;

	if (walk->n_pieces)
		qsort(walk->pieces, walk->n_pieces, sizeof(*walk->pieces), compare_pieces);
	while (first < walk->n_pieces) {
		size_t bytes = joined_bytes(&walk->pieces[first]), end = first + 1;

		while (end < walk->n_pieces &&
		       follows(&walk->pieces[end - 1], &walk->pieces[end]) &&
		       bytes + joined_bytes(&walk->pieces[end]) <= sizeof(joined))
			bytes += joined_bytes(&walk->pieces[end++]);
		give_joined(walk, first, end, joined);
		if (end < walk->n_pieces && follows(&walk->pieces[end - 1], &walk->pieces[end]))
			first = step_back(walk, first, end);
		else
			first = end;
	}
	walk->n_pieces = 0;
}

/* ---- tables ----------------------------------------------------------------------------- */

static void visit_string(const struct walk *walk, char *text)
{
	if (text)
		give(walk, MASK_TEXT, text, strlen(text), false);
}

static void visit_identity(const struct walk *walk)
{
	struct container_identity *who = &walk->snapshot->identity;
	char *const texts[] = {
		who->runtime, who->container_id, who->container,   who->image,	 who->image_id,
		who->type,    who->pod,		 who->namespace,   who->pod_uid, who->sandbox_id,
		who->qos,     who->node,	 who->cgroup_path,
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		visit_string(walk, texts[i]);
}

static void visit_tasks(const struct walk *walk, struct snapshot_task *tasks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct snapshot_task *task = &tasks[i];

		visit_string(walk, task->comm);
		visit_string(walk, task->exe);
		visit_string(walk, task->cwd);
		give(walk, MASK_ARGV, task->argv, task->argv ? task->argv_bytes : 0, false);
	}
}

/* The lines of one stream follow each other: a private key takes many. */
static void visit_log(struct walk *walk)
{
	struct snapshot *snapshot = walk->snapshot;

	visit_string(walk, snapshot->log_file);
	for (size_t i = 0; i < snapshot->n_log; i++) {
		struct snapshot_log *line = &snapshot->log[i];
		const struct piece piece = {
			.stream = line->stream && !strcmp(line->stream, "stderr"),
			.end_ns = i,
			.data = (unsigned char *)line->text,
			.bytes = line->text ? line->text_bytes : 0,
			.cut = line->truncated,
			.line = true,
		};

		visit_string(walk, line->stream);
		if (piece.bytes >= SNAPSHOT_TEXTS_RUN_BYTES || !add_piece(walk, &piece))
			give(walk, MASK_TEXT, piece.data, piece.bytes, piece.cut);
	}
	visit_pieces(walk);
}

static void visit_tables(const struct walk *walk)
{
	const struct snapshot *snapshot = walk->snapshot;

	visit_identity(walk);
	visit_string(walk, walk->snapshot->failure.comm);
	visit_tasks(walk, snapshot->tasks, snapshot->n_tasks);
	visit_tasks(walk, snapshot->oom_tasks, snapshot->n_oom_tasks);
	for (size_t i = 0; i < snapshot->n_fds; i++)
		visit_string(walk, snapshot->fds[i].target);
	for (size_t i = 0; i < snapshot->n_vitals; i++)
		visit_string(walk, snapshot->vitals[i].name);
}

void snapshot_texts(struct snapshot *snapshot, enum arch arch, snapshot_text_fn fn, void *context)
{
	struct walk walk = {.snapshot = snapshot, .arch = arch, .fn = fn, .context = context};

	for (int lane = 0; lane < IGREC_LANES; lane++)
		visit_lane(&walk, (enum igrec_lane)lane);
	visit_pieces(&walk);
	visit_log(&walk);
	free(walk.pieces);
	visit_tables(&walk);
}
