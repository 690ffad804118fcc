/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a snapshot as one dump file into a store.  docs/dump-format.md describes the file.
 */
#ifndef DUMPER_DUMP_WRITER_H
#define DUMPER_DUMP_WRITER_H

#include "dumper/snapshot.h"
#include "storage/dump_name.h"
#include "storage/store.h"

/* The best finding; all but the sentence may be NULL. */
struct dump_cause {
	const char *sentence, *confidence, *kind, *object;
};

/*
 * cause: NULL, or one with a NULL or empty sentence, if there is none. The file appears in the
 * store whole and synced, or not at all. Takes some milliseconds and the disk's time for an fsync;
 * may run in several threads at once, also on one store. ret_file (may be NULL) is set to the name
 * within the store, to be freed by the caller.
 *
 * 0; -ENOSPC, -EDQUOT, -EROFS and the like from the filesystem; -ENOMEM; -EINVAL if the snapshot
 * holds an enum value that does not exist.
 */
int dump_write(const struct snapshot *snapshot, const struct dump_cause *cause, struct store *store,
	       char **ret_file);

/* Of a dump that was read: what the snapshot does not hold. */
struct dump_origin {
	const char *id, *arch;
	uint32_t abi_version; /* of its records */
};

/*
 * Writes a snapshot that was read from a dump, and changed, as a dump again: same id, any name,
 * a format as of now. store: the directory; replace: a file of that name, if there is one, else
 * -EEXIST. Otherwise as dump_write().
 */
int dump_write_copy(const struct snapshot *snapshot, const struct dump_cause *cause,
		    const struct dump_origin *origin, struct store *store, const char *file,
		    bool replace);

/* What the dump's file name will say; id: NULL or "" for one that is not known yet. */
void dump_write_name(const struct snapshot *snapshot, const char *id, struct dump_name *ret);

#endif
