/* SPDX-License-Identifier: Apache-2.0 */
/* Single entries of a timeline, as replay shows them: what proves something. */
#ifndef REPLAY_EXCERPT_H
#define REPLAY_EXCERPT_H

#include "common/buf.h"
#include "decode/syscall_table.h"
#include "replay/timeline.h"

struct json;

/*
 * The entries, whose indices rise, as lines of `igrec replay`, `head` in front of each; or as an
 * array of its JSON objects under a key. 0 or -ENOMEM.
 */
int excerpt_text(const struct timeline *timeline, enum arch arch, const size_t *entries,
		 size_t count, const char *head, struct buf *out);
int excerpt_json(const struct timeline *timeline, enum arch arch, const size_t *entries,
		 size_t count, const char *key, struct json *to);

#endif
