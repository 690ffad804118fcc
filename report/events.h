/* SPDX-License-Identifier: Apache-2.0 */
/* The events of a tape as rows of a report: "tasks" and "events" of its data. */
#ifndef REPORT_EVENTS_H
#define REPORT_EVENTS_H

#include "explain/explain.h"
#include "report/block.h"
#include "report/report.h"

/*
 * Writes members of the object that is open in the block. What findings show is among the rows even
 * if it is older than those wanted, or set-up. 0 or -ENOMEM.
 */
int events_put(const struct report *report, const struct explanation *explanation,
	       struct block *block, struct report_counts *counts);

#endif
