/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenTelemetry's protocol as JSON (OTLP 1.x): requests of at most OTLP_BATCH_ITEMS spans or log
 * records, each with all that tells which container they are of.  The requests are handed to
 * whoever takes them: a file, a line each, or a receiver.
 */
#ifndef EXPORT_OTLP_H
#define EXPORT_OTLP_H

#include "export/tape.h"
#include "replay/processes.h"

#define OTLP_BATCH_ITEMS 512

enum otlp_signal { OTLP_TRACES, OTLP_LOGS };
#define OTLP_BIT(signal) (1U << (signal))

/* Takes a whole request, valid during the call. Another result than 0 ends the export. */
typedef int otlp_take_fn(void *user, enum otlp_signal signal, const void *json, size_t bytes);

/* Calls `take` for each request of these signals. 0, -ENOMEM, or what `take` returned. */
int otlp_each(const struct export *export, unsigned signals, otlp_take_fn *take, void *user,
	      struct export_counts *ret);

/* ---- for the files of this format alone --------------------------------------------------- */

struct otlp {
	struct tape tape;
	struct processes processes;
	struct otlp_process *by_tgid; /* owned */
	struct json *request;	      /* in the making */
	size_t items;		      /* in it */
	enum otlp_signal signal;
	char trace_id[33];
	otlp_take_fn *take;
	void *user;
};

/* What a span is of; its id follows from that and the dump's id, the same on each export. */
enum otlp_span_of { OTLP_SPAN_CONTAINER, OTLP_SPAN_PROCESS, OTLP_SPAN_CALL };
void otlp_trace_id(const struct dump *dump, char ret[33]);
void otlp_span_id(const struct dump *dump, enum otlp_span_of of, size_t index, char ret[17]);

/* Spans and log records are added between these; a full request is sent. 0 or an error. */
struct json *otlp_begin_item(struct otlp *otlp);
int otlp_end_item(struct otlp *otlp);

/* A time, as 64-bit numbers are written: a string. */
void otlp_put_time(struct json *to, const char *key, uint64_t real_ns);
/* Elements of an open array "attributes". */
void otlp_put_text(struct json *to, const char *key, const void *text, size_t bytes);
void otlp_put_string(struct json *to, const char *key, const char *text);
void otlp_put_int(struct json *to, const char *key, int64_t value);
void otlp_put_bool(struct json *to, const char *key, bool value);
/* Who did it: process.pid, thread.id and the like, of the event in hand. */
void otlp_put_task(struct otlp *otlp, struct json *to);

int otlp_spans(struct otlp *otlp);
int otlp_logs(struct otlp *otlp);

/* Threads end and pids are used again: a process by its id and a moment. */
int otlp_processes_init(struct otlp *otlp);
/* Its index in otlp->processes, PROCESS_NONE if it is not known. */
uint32_t otlp_process_at(const struct otlp *otlp, uint32_t tgid, uint64_t time_ns);

#endif
