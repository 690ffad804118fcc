/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why the container ended: a snapshot -> findings, and findings as text and JSON.
 */
#ifndef EXPLAIN_EXPLAIN_H
#define EXPLAIN_EXPLAIN_H

#include "common/json.h"
#include "decode/syscall_table.h"
#include "dumper/snapshot.h"
#include "explain/finding.h"

struct explanation {
	struct findings findings; /* the best first */
	struct timeline *timeline;
	enum arch arch;
	bool is_request;	  /* nothing failed */
	struct finding last_acts; /* without sentence: what the process that died did last */
	struct buf failure;	  /* how it ended, escaped */
};

/* 0, or -ENOMEM with *ret empty. Keeps pointers into the snapshot. */
int explain(const struct snapshot *snapshot, enum arch arch, struct explanation *ret);
void explanation_done(struct explanation *explanation);

/*
 * The sentence that lists show: of the best finding, "likely: " or "possible: " before one that is
 * not certain. NULL if there is none; borrowed.
 */
const char *explanation_cause(struct explanation *explanation);

/*
 * The whole for a person to read: verdict, evidence as igrec replay prints it, next step. limit:
 * how many findings; 0: all. 0 or -ENOMEM.
 */
int explanation_text(struct explanation *explanation, size_t limit, struct buf *out);
/* One finding as members of an object, without its evidence. */
void finding_json(const struct finding *finding, size_t rank, struct json *to);
/* The same with its evidence. 0 or -ENOMEM. */
int explanation_json(struct explanation *explanation, size_t index, struct json *to);

#endif
