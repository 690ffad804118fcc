/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the columns of each table lie in the C struct of its row: private to dumper/row.c.
 */
#ifndef DUMPER_ROW_LAYOUT_H
#define DUMPER_ROW_LAYOUT_H

#include <stddef.h>

#include "dumper/schema.h"

/* From ROW_FIELD_TEXT on the row owns what is pointed to. */
enum row_field_type {
	ROW_FIELD_U64,
	ROW_FIELD_I64,
	ROW_FIELD_UNKNOWN_I64, /* -1 is NULL */
	ROW_FIELD_U32,
	ROW_FIELD_I32,
	ROW_FIELD_BOOL,
	ROW_FIELD_CHAR,	  /* a text of one character */
	ROW_FIELD_COMM,	  /* char[IGREC_COMM_BYTES + 1] */
	ROW_FIELD_KIND,	  /* enum failure_kind by its name */
	ROW_FIELD_POLICY, /* uint32_t, enum igrec_payload_policy by its name */
	ROW_FIELD_LANE,	  /* uint32_t, enum igrec_lane by its name */
	ROW_FIELD_TEXT,	  /* char *, NULL is NULL */
	ROW_FIELD_WORD,	  /* char *, never NULL */
	ROW_FIELD_BLOB,	  /* pointer and size_t, NULL is NULL */
	ROW_FIELD_DATA, /* pointer and size_t, never NULL, not limited, not in the table's checksum
			 */
};

struct row_field {
	const char *parameter;
	enum row_field_type type;
	size_t offset;
	size_t bytes_offset; /* of a blob's size */
};

/* Fields are in the order of the columns in the table's SELECT (dumper/schema.c). */
struct row_layout {
	const struct row_field *fields;
	size_t count;
	size_t count_in[SCHEMA_VERSION + 1]; /* by schema version; 0: as in the newest */
	size_t row_bytes;
};

const struct row_layout *row_layout_of(enum schema_table table);

#endif
