/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dump in the formats of other tools.  Each format is one file and one row of the table in
 * export.c; docs/adding-an-export.md shows how.
 */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include <stdio.h>

#include "decode/syscall_table.h"
#include "replay/dump.h"
#include "replay/filter.h"

/* What a format is given. */
struct export
{
	const struct dump *dump;
	enum arch arch;		     /* of the tape, from dump_arch() and arch_parse() */
	const struct filter *filter; /* which entries; NULL: all */
	FILE *out;
	bool to_terminal; /* which must not act upon what it is given */
};

struct export_counts {
	size_t records;	 /* events that were written; gaps and the failure do not count */
	bool incomplete; /* something is torn, dropped, missing or damaged */
};

struct export_format {
	const char *name;
	const char *help; /* one line */
	/* The implementation: writes all of it. As export_dump(). */
	int (*write)(const struct export *export, struct export_counts *ret);
};

extern const struct export_format export_formats[]; /* ends with a row without name */
#define EXPORT_FORMAT_WANTED "ndjson, csv, chrome, otlp, otlp-traces, otlp-logs or strace"

/* NULL if there is none of this name. */
const struct export_format *export_format_find(const char *name);

/* 0; -ENOMEM; -errno of writing (-EPIPE when the reader has gone). */
int export_dump(const struct export *export, const struct export_format *format,
		struct export_counts *ret);

#endif
