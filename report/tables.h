/* SPDX-License-Identifier: Apache-2.0 */
/* Views of a tape as tables of a report: "views" of its data. */
#ifndef REPORT_TABLES_H
#define REPORT_TABLES_H

#include "replay/timeline.h"
#include "report/block.h"
#include "report/report.h"

/* Writes a member of the object that is open in the block. 0, -ENOMEM, or -errno of writing. */
int tables_put(const struct report *report, const struct timeline *timeline, struct block *block);

#endif
