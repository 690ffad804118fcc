/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chrome: the Trace Event Format, JSON object form, which Perfetto and chrome://tracing read.
 * A process is a process, a thread a track. Calls are complete events ("X"), other deeds, failures
 * of calls and gaps instant ones ("i"), forks arrows ("s" and "f").
 *
 * Times are microseconds since the first record: a reader that takes them as double keeps the
 * nanoseconds. The moment that is zero, and who the container is, stand in "otherData".
 */
#include <inttypes.h>

#include "common/cleanup.h"
#include "decode/names.h"
#include "export/chrome_tracks.h"
#include "export/container_facts.h"
#include "export/event_words.h"
#include "export/formats.h"
#include "replay/call_text.h"
#include "replay/value_text.h"
#include "replay/words.h"

struct chrome {
	struct tape tape;
	struct chrome_tracks tracks;
	struct json *line;
	uint64_t begin_ns;
	uint32_t arrows;
	bool any;
};

/* ---- lines -------------------------------------------------------------------------------- */

static void begin(struct chrome *chrome, const char *phase, const char *name, const char *category)
{
	json_clear(chrome->line);
	json_add_text(chrome->line, "ph", phase);
	json_add_text(chrome->line, "name", name);
	if (category)
		json_add_text(chrome->line, "cat", category);
}

static void put_time(struct chrome *chrome, const char *key, uint64_t ns)
{
	json_add_thousandths(chrome->line, key, (int64_t)ns);
}

static void put_where(struct chrome *chrome, uint64_t time_ns, const struct chrome_track *track)
{
	uint64_t since_ns = time_ns > chrome->begin_ns ? time_ns - chrome->begin_ns : 0;

	put_time(chrome, "ts", since_ns);
	json_add_uint(chrome->line, "pid", track ? track->shown_pid : 0);
	json_add_uint(chrome->line, "tid", track ? track->shown_tid : 0);
}

static void end(struct chrome *chrome)
{
	struct buf *text = &chrome->tape.text;

	buf_add_text(text, chrome->any ? ",\n" : "\n");
	chrome->any = true;
	if (json_write(chrome->line, text))
		text->failed = true;
}

static struct buf *words(struct chrome *chrome)
{
	buf_clear(&chrome->tape.scratch);
	return &chrome->tape.scratch;
}

static void put_words(struct chrome *chrome, const char *key)
{
	json_add_bytes(chrome->line, key, chrome->tape.scratch.data, chrome->tape.scratch.bytes);
}

/* ---- calls -------------------------------------------------------------------------------- */

/* Classes as `igrec replay -e %CLASS` has them. */
static const char *category_of(const struct tape *tape)
{
	const struct event *event = &tape->event;
	const struct syscall_descriptor *call =
		syscall_of(tape->export->arch, event->nr, event->compat);
	static const struct {
		unsigned bit;
		const char *name;
	} classes[] = {
		{SYSCALL_CLASS_NETWORK, "network"}, {SYSCALL_CLASS_FILE, "file"},
		{SYSCALL_CLASS_PROCESS, "process"}, {SYSCALL_CLASS_MEMORY, "memory"},
		{SYSCALL_CLASS_SIGNAL, "signal"},   {SYSCALL_CLASS_IPC, "ipc"},
		{SYSCALL_CLASS_DESC, "desc"},
	};

	for (size_t i = 0; call && i < ARRAY_SIZE(classes); i++) {
		if (call->classes & classes[i].bit)
			return classes[i].name;
	}
	return "syscall";
}

/*
 * What became of an argument has its name again: "uargs" and "uargs_2". The name, or the text in
 * `room`.
 */
static const char *key_of(const struct layout *layout, unsigned index, char room[64])
{
	const char *name = layout->fields[index].name;
	unsigned times = 1;

	for (unsigned i = 0; i < index; i++)
		times += !strcmp(layout->fields[i].name, name);
	if (times == 1)
		return name;
	snprintf(room, 64, "%.50s_%u", name, times);
	return room;
}

static void put_arguments(struct chrome *chrome)
{
	struct tape *tape = &chrome->tape;
	const struct layout *layout = event_layout(tape->export->arch, &tape->event);

	if (tape->event.type == IGREC_RECORD_EXEC) {
		arguments_text(words(chrome), tape->export->arch, &tape->event, tape->objects);
		put_words(chrome, "filename, argv");
		return;
	}
	for (unsigned i = 0; i < layout->count; i++) {
		struct value value;
		char room[64];

		if (!event_has_argument(&tape->event, layout, i))
			continue;
		value = event_argument(&tape->event, layout, i);
		if (value.type == VALUE_HIDDEN)
			continue;
		value.objects = tape->objects;
		value_text(words(chrome), &value);
		put_words(chrome, key_of(layout, i, room));
	}
}

static void put_call(struct chrome *chrome, const struct result *result)
{
	struct tape *tape = &chrome->tape;
	struct buf *text;

	json_open_object(chrome->line, "args");
	json_open_object(chrome->line, "arguments");
	put_arguments(chrome);
	json_close(chrome->line);
	text = words(chrome);
	result_text(text, result);
	result_object_text(text, result, tape->objects);
	put_words(chrome, "result");
	json_add_uint(chrome->line, "cpu", tape->event.cpu);
	json_add_text(chrome->line, "lane", lane_name(tape->entry->lane));
	json_add_bytes(chrome->line, "comm", tape->task->comm, strlen(tape->task->comm));
	if (tape->entry->in_flight)
		json_add_bool(chrome->line, "in_flight", true);
	if (tape->event.setup)
		json_add_bool(chrome->line, "setup", true);
	json_close(chrome->line);
}

/* The head of the arrow from the call that made this thread. */
static void put_arrow_head(struct chrome *chrome, struct chrome_track *track)
{
	if (!track->arrow)
		return;
	begin(chrome, "f", "fork", "fork");
	json_add_text(chrome->line, "bp", "e");
	json_add_uint(chrome->line, "id", track->arrow);
	put_where(chrome, chrome->tape.event.time_ns, track);
	end(chrome);
	track->arrow = 0;
}

static void put_error(struct chrome *chrome, const struct chrome_track *track,
		      const struct result *result)
{
	errno_text_short(words(chrome), result->error);
	begin(chrome, "i", buf_text(&chrome->tape.scratch), "error");
	json_add_text(chrome->line, "s", "t");
	put_where(chrome, chrome->tape.event.end_ns, track);
	end(chrome);
}

static void call(struct chrome *chrome, struct chrome_track *track)
{
	const struct tape *tape = &chrome->tape;
	const struct event *event = &tape->event;
	struct result result = event_result(tape->export->arch, event);
	char room[SYSCALL_NAME_BYTES];

	begin(chrome, event->entry_seen ? "X" : "i",
	      syscall_name(tape->export->arch, event->nr, event->compat, room), category_of(tape));
	put_where(chrome, event->time_ns, track);
	if (event->entry_seen)
		put_time(chrome, "dur", event->duration_ns);
	else
		json_add_text(chrome->line, "s", "t");
	put_call(chrome, &result);
	end(chrome);
	if (event->entry_seen) {
		track->call_ns = event->time_ns;
		track->call_end_ns = event->end_ns;
		put_arrow_head(chrome, track);
	}
	if (result.kind == RESULT_ERRNO && !tape->entry->in_flight)
		put_error(chrome, track, &result);
}

/* ---- the rest ----------------------------------------------------------------------------- */

/* scope: "t" a thread, "p" a process, "g" all. */
static void instant(struct chrome *chrome, const struct chrome_track *track, const char *category,
		    const char *scope)
{
	const struct tape *tape = &chrome->tape;

	entry_words(words(chrome), tape->export->arch, tape->timeline, tape->entry, &tape->event,
		    tape->objects);
	begin(chrome, "i", buf_text(&chrome->tape.scratch), category);
	json_add_text(chrome->line, "s", scope);
	put_where(chrome, tape->entry->time_ns, track);
	end(chrome);
}

/* An arrow begins at the call that made the thread, if that is in the trace. */
static void forked(struct chrome *chrome, const struct chrome_track *track)
{
	const struct event *event = &chrome->tape.event;
	struct chrome_track *child = chrome_track_of(&chrome->tracks, event->fork.child_tid);

	if (!child || event->time_ns < track->call_ns || event->time_ns > track->call_end_ns)
		return;
	child->arrow = ++chrome->arrows;
	begin(chrome, "s", "fork", "fork");
	json_add_uint(chrome->line, "id", child->arrow);
	put_where(chrome, event->time_ns, track);
	end(chrome);
}

static void event(struct chrome *chrome)
{
	struct chrome_track *track = chrome_track_of(&chrome->tracks, chrome->tape.event.tid);

	track->used = true;
	switch (chrome->tape.event.type) {
	case IGREC_RECORD_SYSCALL:
	case IGREC_RECORD_EXEC:
		call(chrome, track);
		return;
	case IGREC_RECORD_FORK:
		forked(chrome, track);
		return;
	case IGREC_RECORD_EXIT:
		instant(chrome, track, "exit", "t");
		return;
	case IGREC_RECORD_SIGNAL:
		instant(chrome, track, "signal", "t");
		return;
	case IGREC_RECORD_OOM:
		instant(chrome, track, "oom", "g");
		return;
	}
}

static void entry(struct chrome *chrome)
{
	const struct failure *failure = &timeline_snapshot(chrome->tape.timeline)->failure;

	if (chrome->tape.entry->kind == TIMELINE_EVENT)
		event(chrome);
	else if (chrome->tape.entry->kind == TIMELINE_FAILURE)
		instant(chrome, chrome_track_of(&chrome->tracks, failure->tgid), "failure", "g");
	else
		instant(chrome, NULL, "gap", "g");
}

/* ---- names -------------------------------------------------------------------------------- */

static void name(struct chrome *chrome, const char *what, const struct chrome_track *track)
{
	begin(chrome, "M", what, NULL);
	json_add_uint(chrome->line, "pid", track->shown_pid);
	json_add_uint(chrome->line, "tid", track->shown_tid);
	json_open_object(chrome->line, "args");
	json_add_text(chrome->line, "name", track->comm);
	json_close(chrome->line);
	end(chrome);
}

/* A process is called as its first thread is, or as any if that did nothing. */
static int name_all(struct chrome *chrome)
{
	for (size_t i = 0; i < chrome->tracks.count; i++) {
		const struct chrome_track *track = &chrome->tracks.all[i];
		int err = tape_flush_some(&chrome->tape);

		if (err)
			return err;
		if (!track->used)
			continue;
		name(chrome, "thread_name", track);
		if (track->shown_tid == track->shown_pid)
			name(chrome, "process_name", track);
	}
	return 0;
}

static void take_fact(void *to, const struct container_fact *fact)
{
	if (fact->text)
		json_add_bytes(to, fact->name, fact->text, fact->bytes);
	else
		json_add_int(to, fact->name, fact->number);
}

static void finish(struct chrome *chrome)
{
	struct buf *text = &chrome->tape.text;

	json_clear(chrome->line);
	json_add_int(chrome->line, "igrec.time_ns",
		     (int64_t)tape_real_ns(&chrome->tape, chrome->begin_ns));
	container_facts(chrome->tape.export->dump, take_fact, chrome->line);
	json_add_bool(chrome->line, "igrec.incomplete", chrome->tape.counts->incomplete);
	buf_add_text(text, "\n],\"displayTimeUnit\":\"ns\",\"otherData\":");
	if (json_write(chrome->line, text))
		text->failed = true;
	buf_add_text(text, "}\n");
}

static int write_all(struct chrome *chrome)
{
	int err = 0;

	chrome->begin_ns = tape_begin_ns(&chrome->tape);
	buf_add_text(&chrome->tape.text, "{\"traceEvents\":[");
	while (!err && tape_next(&chrome->tape)) {
		entry(chrome);
		err = tape_flush_some(&chrome->tape);
	}
	if (!err)
		err = name_all(chrome);
	if (err)
		return err;
	finish(chrome);
	return tape_flush(&chrome->tape);
}

int export_chrome(const struct export *export, struct export_counts *ret)
{
	struct chrome chrome = {.line = json_new_object()};
	int err = tape_open(&chrome.tape, export, ret);

	if (!err)
		err = chrome_tracks_init(&chrome.tape, &chrome.tracks);
	if (!err)
		err = write_all(&chrome);
	chrome_tracks_done(&chrome.tracks);
	json_free(chrome.line);
	tape_close(&chrome.tape);
	return err;
}
