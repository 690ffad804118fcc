/* SPDX-License-Identifier: Apache-2.0 */
/* A row as members of a JSON object, whatever its view. */
#ifndef VIEW_ROW_JSON_H
#define VIEW_ROW_JSON_H

#include "view/view.h"

struct json;

/* CLOCK_REALTIME of the failure: zero of relative times. */
int64_t view_zero_ns(const struct timeline *timeline);

/*
 * One member for each column, null where it is not known, under the column's name; behind a
 * "..time_ns" the same from the failure on, as "..rel_ns".
 */
void row_json(struct json *to, const struct view *view, const struct view_cell *cells,
	      int64_t zero_ns);

#endif
