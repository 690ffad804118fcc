/* SPDX-License-Identifier: Apache-2.0 */
/* The part of dumper/scrub.c that is about paths. */
#ifndef DUMPER_SCRUB_PATHS_H
#define DUMPER_SCRUB_PATHS_H

#include "dumper/scrub.h"

/* Covers all paths that fit, and adds them to the literals. Returns how many. */
size_t scrub_paths(const struct scrub *scrub, struct snapshot *snapshot, struct literals *literals);

/* The same in one text, wherever a path stands in it. */
size_t scrub_paths_text(const struct scrub *scrub, unsigned char *text, size_t bytes,
			struct literals *literals);

#endif
