/* SPDX-License-Identifier: Apache-2.0 */
/* Log records: one for each entry of the tape, calls with the id of their span. */
#include "common/cleanup.h"
#include "decode/names.h"
#include "decode/value.h"
#include "export/event_words.h"
#include "export/otlp.h"
#include "replay/words.h"

#define SEVERITY_INFO  9
#define SEVERITY_WARN  13
#define SEVERITY_ERROR 17
#define SEVERITY_FATAL 21

/* A failed call is a warning: most programs go on. */
static int severity(const struct tape *tape)
{
	const struct failure *failure = &timeline_snapshot(tape->timeline)->failure;

	if (tape->entry->kind == TIMELINE_FAILURE)
		return failure->kind == FAILURE_REQUESTED ? SEVERITY_INFO : SEVERITY_FATAL;
	if (tape->entry->kind != TIMELINE_EVENT)
		return SEVERITY_WARN;
	switch (tape->event.type) {
	case IGREC_RECORD_SYSCALL:
		return event_result(tape->export->arch, &tape->event).kind == RESULT_ERRNO
			       ? SEVERITY_WARN
			       : SEVERITY_INFO;
	case IGREC_RECORD_OOM:
		return SEVERITY_ERROR;
	case IGREC_RECORD_EXIT:
		return tape->event.exit.code ? SEVERITY_ERROR : SEVERITY_INFO;
	default:
		return SEVERITY_INFO;
	}
}

static const char *severity_text(int severity)
{
	static const char *const names[] = {"INFO", "WARN", "ERROR", "FATAL"};

	return names[(severity - SEVERITY_INFO) / 4];
}

static void put_event(struct otlp *otlp, struct json *to)
{
	const struct tape *tape = &otlp->tape;
	const struct event *event = &tape->event;
	char room[SYSCALL_NAME_BYTES];

	otlp_put_task(otlp, to);
	otlp_put_int(to, "cpu.logical_number", event->cpu);
	otlp_put_string(to, "igrec.lane", lane_name(tape->entry->lane));
	if (event->setup)
		otlp_put_bool(to, "igrec.setup", true);
	if (!tape_is_call(tape))
		return;
	otlp_put_string(to, "igrec.syscall",
			syscall_name(tape->export->arch, event->nr, event->compat, room));
	otlp_put_int(to, "igrec.duration_ns", (int64_t)event->duration_ns);
	if (event->type == IGREC_RECORD_SYSCALL) {
		struct result result = event_result(tape->export->arch, event);

		otlp_put_int(to, "igrec.ret", event->result);
		if (result.kind == RESULT_ERRNO)
			otlp_put_string(to, "error.type", errno_name(result.error));
	}
}

static void put_body(struct otlp *otlp, struct json *to)
{
	struct tape *tape = &otlp->tape;

	buf_clear(&tape->scratch);
	entry_words(&tape->scratch, tape->export->arch, tape->timeline, tape->entry, &tape->event,
		    tape->objects);
	json_open_object(to, "body");
	json_add_bytes(to, "stringValue", tape->scratch.data, tape->scratch.bytes);
	json_close(to);
}

/* The span of the call, or of the container. */
static void put_span(struct otlp *otlp, struct json *to)
{
	const struct tape *tape = &otlp->tape;
	bool is_call = tape_is_call(tape);
	char id[17];

	otlp_span_id(tape->export->dump, is_call ? OTLP_SPAN_CALL : OTLP_SPAN_CONTAINER,
		     is_call ? tape->index : 0, id);
	json_add_text(to, "traceId", otlp->trace_id);
	json_add_text(to, "spanId", id);
}

static int log_record(struct otlp *otlp)
{
	const struct tape *tape = &otlp->tape;
	const struct timeline_entry *entry = tape->entry;
	struct json *to = otlp_begin_item(otlp);
	int level = severity(tape);

	otlp_put_time(to, "timeUnixNano", tape_real_ns(tape, entry->time_ns));
	otlp_put_time(to, "observedTimeUnixNano", tape_real_ns(tape, tape_end_ns(tape)));
	json_add_int(to, "severityNumber", level);
	json_add_text(to, "severityText", severity_text(level));
	put_body(otlp, to);
	json_open_array(to, "attributes");
	otlp_put_string(to, "igrec.type", entry_type_name(entry, &tape->event));
	if (entry->kind == TIMELINE_EVENT)
		put_event(otlp, to);
	else if (entry->kind != TIMELINE_FAILURE)
		otlp_put_int(to, "igrec.missing", (int64_t)entry->count);
	json_close(to);
	put_span(otlp, to);
	return otlp_end_item(otlp);
}

int otlp_logs(struct otlp *otlp)
{
	int err = 0;

	while (!err && tape_next(&otlp->tape))
		err = log_record(otlp);
	return err;
}
