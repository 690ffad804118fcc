/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spans: the container is the root, each process a child of the one that made it, each call a child
 * of its process.
 */
#include <sys/wait.h>

#include "common/cleanup.h"
#include "decode/names.h"
#include "export/otlp.h"
#include "replay/call_text.h"
#include "replay/words.h"

#define KIND_INTERNAL 1
#define STATUS_ERROR  2

struct span {
	enum otlp_span_of of;
	size_t index;
	const char *parent; /* an id, "": none */
	const void *name;
	size_t name_bytes;
	uint64_t begin_ns, end_ns;
};

static void begin(struct otlp *otlp, const struct span *span)
{
	struct json *to = otlp_begin_item(otlp);
	uint64_t end_ns = span->end_ns < span->begin_ns ? span->begin_ns : span->end_ns;
	char id[17];

	otlp_span_id(otlp->tape.export->dump, span->of, span->index, id);
	json_add_text(to, "traceId", otlp->trace_id);
	json_add_text(to, "spanId", id);
	if (span->parent[0])
		json_add_text(to, "parentSpanId", span->parent);
	json_add_bytes(to, "name", span->name, span->name_bytes);
	json_add_int(to, "kind", KIND_INTERNAL);
	otlp_put_time(to, "startTimeUnixNano", tape_real_ns(&otlp->tape, span->begin_ns));
	otlp_put_time(to, "endTimeUnixNano", tape_real_ns(&otlp->tape, end_ns));
	json_open_array(to, "attributes");
}

/* message: NULL if nothing went wrong. */
static int end(struct otlp *otlp, const struct buf *message)
{
	struct json *to = otlp->request;

	json_close(to);
	if (message) {
		json_open_object(to, "status");
		json_add_bytes(to, "message", message->data, message->bytes);
		json_add_int(to, "code", STATUS_ERROR);
		json_close(to);
	}
	return otlp_end_item(otlp);
}

static struct buf *words(struct otlp *otlp)
{
	buf_clear(&otlp->tape.scratch);
	return &otlp->tape.scratch;
}

static int container_span(struct otlp *otlp, uint64_t begin_ns)
{
	const struct snapshot *snapshot = timeline_snapshot(otlp->tape.timeline);
	const char *name = snapshot->identity.container;
	const struct span span = {
		.of = OTLP_SPAN_CONTAINER,
		.parent = "",
		.name = name ? name : "container",
		.name_bytes = strlen(name ? name : "container"),
		.begin_ns = begin_ns,
		.end_ns = timeline_zero_ns(otlp->tape.timeline),
	};
	struct buf *message = words(otlp);

	failure_words(message, otlp->tape.timeline);
	begin(otlp, &span);
	return end(otlp, snapshot->failure.kind == FAILURE_REQUESTED ? NULL : message);
}

static int process_span(struct otlp *otlp, size_t index, uint64_t begin_ns)
{
	const struct process *process = &otlp->processes.all[index];
	const char *comm = process_comm(&otlp->processes, process);
	uint64_t zero_ns = timeline_zero_ns(otlp->tape.timeline);
	bool failed = process->end_ns && process->code;
	char parent[17];
	struct span span = {
		.of = OTLP_SPAN_PROCESS,
		.index = index,
		.parent = parent,
		.name = comm[0] ? comm : "process",
		.name_bytes = strlen(comm[0] ? comm : "process"),
		.begin_ns = process->start_ns ? process->start_ns : begin_ns,
		.end_ns = process->end_ns ? process->end_ns : zero_ns,
	};

	if (process->parent == PROCESS_NONE)
		otlp_span_id(otlp->tape.export->dump, OTLP_SPAN_CONTAINER, 0, parent);
	else
		otlp_span_id(otlp->tape.export->dump, OTLP_SPAN_PROCESS, process->parent, parent);
	status_text(words(otlp), process->code);
	begin(otlp, &span);
	if (process->ns_tgid)
		otlp_put_int(otlp->request, "process.pid", process->ns_tgid);
	if (process->tgid)
		otlp_put_int(otlp->request, "igrec.host_pid", process->tgid);
	if (process->end_ns && WIFEXITED(process->code))
		otlp_put_int(otlp->request, "process.exit.code", WEXITSTATUS(process->code));
	if (process->is_setup)
		otlp_put_bool(otlp->request, "igrec.setup", true);
	return end(otlp, failed ? &otlp->tape.scratch : NULL);
}

static void put_call(struct otlp *otlp, const struct result *result)
{
	struct tape *tape = &otlp->tape;
	struct json *to = otlp->request;
	struct buf *text = words(otlp);

	arguments_text(text, tape->export->arch, &tape->event, tape->objects);
	otlp_put_text(to, "igrec.arguments", text->data, text->bytes);
	text = words(otlp);
	result_text(text, result);
	result_object_text(text, result, tape->objects);
	otlp_put_text(to, "igrec.result", text->data, text->bytes);
	otlp_put_task(otlp, to);
	otlp_put_int(to, "cpu.logical_number", tape->event.cpu);
	otlp_put_string(to, "igrec.lane", lane_name(tape->entry->lane));
	if (result->kind == RESULT_ERRNO)
		otlp_put_string(to, "error.type", errno_name(result->error));
	if (tape->entry->in_flight)
		otlp_put_bool(to, "igrec.in_flight", true);
	if (tape->event.setup)
		otlp_put_bool(to, "igrec.setup", true);
	if (!tape->event.entry_seen)
		otlp_put_bool(to, "igrec.entry_seen", false);
}

static int call_span(struct otlp *otlp)
{
	struct tape *tape = &otlp->tape;
	struct result result = event_result(tape->export->arch, &tape->event);
	uint32_t owner = otlp_process_at(otlp, tape->task->tgid, tape->event.end_ns);
	bool failed = result.kind == RESULT_ERRNO && !tape->entry->in_flight;
	char parent[17], room[SYSCALL_NAME_BYTES];
	const char *name =
		syscall_name(tape->export->arch, tape->event.nr, tape->event.compat, room);
	const struct span span = {
		.of = OTLP_SPAN_CALL,
		.index = tape->index,
		.parent = parent,
		.name = name,
		.name_bytes = strlen(name),
		.begin_ns = tape->event.time_ns,
		.end_ns = tape->event.end_ns,
	};

	otlp_span_id(tape->export->dump,
		     owner == PROCESS_NONE ? OTLP_SPAN_CONTAINER : OTLP_SPAN_PROCESS,
		     owner == PROCESS_NONE ? 0 : owner, parent);
	begin(otlp, &span);
	put_call(otlp, &result);
	if (failed)
		result_text(words(otlp), &result);
	return end(otlp, failed ? &tape->scratch : NULL);
}

int otlp_spans(struct otlp *otlp)
{
	uint64_t begin_ns = tape_begin_ns(&otlp->tape);
	int err = container_span(otlp, begin_ns);

	for (size_t i = 0; !err && i < otlp->processes.count; i++)
		err = process_span(otlp, i, begin_ns);
	while (!err && tape_next(&otlp->tape)) {
		if (tape_is_call(&otlp->tape))
			err = call_span(otlp);
	}
	return err;
}
