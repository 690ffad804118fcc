/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a path to an open database that says of itself that it is a dump.
 */
#ifndef REPLAY_DUMP_FILE_H
#define REPLAY_DUMP_FILE_H

#include "common/db.h"
#include "replay/dump_faults.h"

struct dump_file {
	struct db *db;
	void *image; /* the part of a truncated file that is there; else NULL */
};

/*
 * Opens it with the statements of dumper/schema.h. A file that ends early is opened as far as it
 * goes, with a fault. Errors and `ret_why` as for dump_open().
 */
int dump_file_open(const char *path, struct dump_faults *faults, struct dump_file *ret,
		   struct dump_fault *ret_why);
void dump_file_close(struct dump_file *file);

#endif
