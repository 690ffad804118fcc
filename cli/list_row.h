/* SPDX-License-Identifier: Apache-2.0 */
/* What `igrec list` shows of a dump, in both its forms, as storage/list_cache.h keeps it. */
#ifndef CLI_LIST_ROW_H
#define CLI_LIST_ROW_H

#include "cli/dumps.h"
#include "common/buf.h"

struct list_row {
	bool complete;
	const char *who, *restart, *kind, *cause; /* cells of the table; NULL: not known */
	const char *json;			  /* the line, without its end */
	size_t json_bytes;
};

/* Appends the row of a dump, whose file has so many bytes. 0 or -ENOMEM. */
int list_row_pack(const struct dump *dump, uint64_t bytes, struct buf *out);
/* Takes it apart again; *ret points into it. False if it is none. */
bool list_row_unpack(const char *data, size_t bytes, struct list_row *ret);

/* Tells rows of this program from those of others, which may use other words. */
uint64_t list_row_maker(void);

#endif
