/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes secrets out of a snapshot: as igrecd does before it writes one, and as `igrec scrub` does
 * with one that it has read.
 */
#ifndef DUMPER_SCRUB_H
#define DUMPER_SCRUB_H

#include "decode/syscall_table.h"
#include "dumper/literals.h"
#include "dumper/mask.h"
#include "dumper/snapshot.h"

/* Covers what the mask finds, and counts it in snapshot->masked. */
void scrub_mask(struct snapshot *snapshot, enum arch arch, const struct mask *mask);

struct scrub {
	enum arch arch;
	const struct mask *mask;
	bool payloads;		  /* are removed, and with them the log */
	bool argv;		  /* likewise */
	const char *const *paths; /* patterns, see scrub_path_fits() */
	size_t n_paths;
};

struct scrub_counts {
	uint64_t masked;  /* secrets, each place counted */
	uint64_t removed; /* captures, command lines, lines of the log */
};

/*
 * Removes, masks, and covers what was masked once wherever else it stands; `literals`, to be empty
 * before, are those secrets, for what is not in the snapshot. 0; -ENOMEM, with the snapshot in a
 * state that must not be kept.
 */
int scrub_snapshot(const struct scrub *scrub, struct snapshot *snapshot, struct literals *literals,
		   struct scrub_counts *ret);

/* A pattern with * ? [ fits the whole path; another one the path itself and what is below it. */
bool scrub_path_fits(const char *pattern, const char *path);

#endif
