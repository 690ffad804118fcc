/* SPDX-License-Identifier: Apache-2.0 */
/* The text that a report is written as: gathered, made harmless within HTML, written out. */
#ifndef REPORT_BLOCK_H
#define REPORT_BLOCK_H

#include <stdio.h>

#include "common/buf.h"
#include "common/json.h"

enum block_form {
	BLOCK_AS_IS,
	BLOCK_IN_PAGE,	/* JSON within an element: < > & become \u003c, \u003e, \u0026 */
	BLOCK_ONE_LINE, /* JSON without the ends of lines between its values */
};

struct block {
	FILE *out;
	enum block_form form; /* of what is in `text` */
	struct buf text;      /* not yet written */
	struct buf safe;
	int err; /* the first thing that went wrong; then nothing more is written */
};

void block_done(struct block *block);
/* Text of our own. */
void block_text(struct block *block, const char *text);
/* A value; the object or array may be cleared and used again. */
void block_json(struct block *block, const struct json *json);
/* Writes what was gathered. 0, -ENOMEM, or -errno of writing. */
int block_flush(struct block *block);

/* Appends text with what HTML acts upon as entities. */
void html_text(struct buf *out, const char *text, size_t bytes);

#endif
