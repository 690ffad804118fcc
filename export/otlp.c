/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests: the frame around spans and log records, and the formats that write them as lines.
 * JSON as the protocol has it: enums are numbers, 64-bit numbers strings, ids hexadecimal.
 */
#include "export/otlp.h"

#include <errno.h>
#include <inttypes.h>

#include "common/cleanup.h"
#include "export/container_facts.h"
#include "export/formats.h"

/* ---- values ------------------------------------------------------------------------------- */

void otlp_put_time(struct json *to, const char *key, uint64_t real_ns)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, real_ns);
	json_add_text(to, key, text);
}

static void begin_attribute(struct json *to, const char *key)
{
	json_open_object(to, NULL);
	json_add_text(to, "key", key);
	json_open_object(to, "value");
}

static void end_attribute(struct json *to)
{
	json_close(to);
	json_close(to);
}

void otlp_put_text(struct json *to, const char *key, const void *text, size_t bytes)
{
	begin_attribute(to, key);
	json_add_bytes(to, "stringValue", text, bytes);
	end_attribute(to);
}

void otlp_put_string(struct json *to, const char *key, const char *text)
{
	if (text)
		otlp_put_text(to, key, text, strlen(text));
}

void otlp_put_int(struct json *to, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	begin_attribute(to, key);
	json_add_text(to, "intValue", text);
	end_attribute(to);
}

void otlp_put_bool(struct json *to, const char *key, bool value)
{
	begin_attribute(to, key);
	json_add_bool(to, "boolValue", value);
	end_attribute(to);
}

void otlp_put_task(struct otlp *otlp, struct json *to)
{
	const struct timeline_task *task = otlp->tape.task;

	if (task->ns_tgid)
		otlp_put_int(to, "process.pid", task->ns_tgid);
	if (task->ns_tid)
		otlp_put_int(to, "thread.id", task->ns_tid);
	if (task->comm[0])
		otlp_put_string(to, "thread.name", task->comm);
	if (task->tgid)
		otlp_put_int(to, "igrec.host_pid", task->tgid);
}

/* ---- requests ----------------------------------------------------------------------------- */

static const struct {
	const char *resources, *scopes, *items;
} names[] = {
	[OTLP_TRACES] = {"resourceSpans", "scopeSpans", "spans"},
	[OTLP_LOGS] = {"resourceLogs", "scopeLogs", "logRecords"},
};

static void take_fact(void *to, const struct container_fact *fact)
{
	if (fact->text)
		otlp_put_text(to, fact->name, fact->text, fact->bytes);
	else
		otlp_put_int(to, fact->name, fact->number);
}

static void open_request(struct otlp *otlp)
{
	struct json *to = otlp->request;

	json_clear(to);
	json_open_array(to, names[otlp->signal].resources);
	json_open_object(to, NULL);
	json_open_object(to, "resource");
	json_open_array(to, "attributes");
	container_facts(otlp->tape.export->dump, take_fact, to);
	json_close(to);
	json_close(to);
	json_open_array(to, names[otlp->signal].scopes);
	json_open_object(to, NULL);
	json_open_object(to, "scope");
	json_add_text(to, "name", "igrec");
	json_add_text(to, "version", IGREC_VERSION);
	json_close(to);
	json_open_array(to, names[otlp->signal].items);
}

static int send(struct otlp *otlp)
{
	struct buf *text = &otlp->tape.text;

	if (!otlp->items)
		return 0;
	for (int level = 0; level < 5; level++)
		json_close(otlp->request);
	otlp->items = 0;
	buf_clear(text);
	if (json_write(otlp->request, text))
		return -ENOMEM;
	return otlp->take(otlp->user, otlp->signal, text->data, text->bytes);
}

struct json *otlp_begin_item(struct otlp *otlp)
{
	if (!otlp->items++)
		open_request(otlp);
	json_open_object(otlp->request, NULL);
	return otlp->request;
}

int otlp_end_item(struct otlp *otlp)
{
	json_close(otlp->request);
	return otlp->items < OTLP_BATCH_ITEMS ? 0 : send(otlp);
}

/* ---- the whole ---------------------------------------------------------------------------- */

static int write_signal(struct otlp *otlp, enum otlp_signal signal)
{
	int err = tape_rewind(&otlp->tape);

	otlp->signal = signal;
	if (!err)
		err = signal == OTLP_TRACES ? otlp_spans(otlp) : otlp_logs(otlp);
	return err ? err : send(otlp);
}

int otlp_each(const struct export *export, unsigned signals, otlp_take_fn *take, void *user,
	      struct export_counts *ret)
{
	struct otlp otlp = {.take = take, .user = user, .request = json_new_object()};
	int err = tape_open(&otlp.tape, export, ret);

	otlp_trace_id(export->dump, otlp.trace_id);
	if (!err)
		err = otlp_processes_init(&otlp);
	for (int signal = OTLP_TRACES; !err && signal <= OTLP_LOGS; signal++) {
		if (signals & OTLP_BIT(signal))
			err = write_signal(&otlp, signal);
	}
	free(otlp.by_tgid);
	processes_done(&otlp.processes);
	json_free(otlp.request);
	tape_close(&otlp.tape);
	return err;
}

/* ---- as lines ----------------------------------------------------------------------------- */

static int put_line(void *user, enum otlp_signal signal, const void *json, size_t bytes)
{
	FILE *out = user;

	errno = 0;
	if (fwrite(json, 1, bytes, out) != bytes || putc('\n', out) == EOF)
		return errno ? -errno : -EIO;
	return 0;
}

static int write_lines(const struct export *export, unsigned signals, struct export_counts *ret)
{
	int err = otlp_each(export, signals, put_line, export->out, ret);

	errno = 0;
	if (!err && fflush(export->out))
		err = errno ? -errno : -EIO;
	return err;
}

int export_otlp(const struct export *export, struct export_counts *ret)
{
	return write_lines(export, OTLP_BIT(OTLP_TRACES) | OTLP_BIT(OTLP_LOGS), ret);
}

int export_otlp_traces(const struct export *export, struct export_counts *ret)
{
	return write_lines(export, OTLP_BIT(OTLP_TRACES), ret);
}

int export_otlp_logs(const struct export *export, struct export_counts *ret)
{
	return write_lines(export, OTLP_BIT(OTLP_LOGS), ret);
}
