/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dump as one HTML page that needs nothing else: verdict, evidence, facts, a timeline for each
 * thread, the events, processes, files and peers.  The page is text of our own (report/page/) and
 * one block of JSON; its script shows the block's texts as text.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "common/json.h"
#include "decode/syscall_table.h"
#include "dumper/snapshot.h"

struct report {
	const struct snapshot *snapshot;
	enum arch arch;		 /* of the tape, from dump_arch() and arch_parse() */
	const struct json *info; /* the object that `igrec info --json` prints */
	const char *title;	 /* unescaped */
	size_t events;		 /* at most so many, the last ones; 0: all */
	bool setup;		 /* also what timeline_is_setup() tells */
	bool data_only;		 /* the block of JSON without a page around it */
};

struct report_counts {
	size_t events;	 /* on the page */
	size_t left_out; /* older ones, beyond report.events */
	bool incomplete; /* something is torn, dropped, missing or damaged */
};

/* 0, -ENOMEM, or -errno of writing. */
int report_write(const struct report *report, FILE *out, struct report_counts *ret);

#endif
