/* SPDX-License-Identifier: Apache-2.0 */
/* See chart.h. */
#include "cli/chart.h"

#include <langinfo.h>
#include <string.h>

#include "common/cleanup.h"

static const char *const blocks_of[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const ascii_of[] = {" ", "_", ".", ":", "-", "=", "+", "*", "#"};

bool chart_has_blocks(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

void chart_add(struct buf *out, const int64_t *values, size_t count, int64_t top, bool blocks)
{
	const char *const *marks = blocks ? blocks_of : ascii_of;
	const size_t most = ARRAY_SIZE(blocks_of) - 1;

	for (size_t i = 0; i < count; i++) {
		double height = top > 0 ? (double)values[i] / (double)top * (double)most : 0;
		size_t whole = height > 0 && height < (double)most ? (size_t)height
			       : height > 0			   ? most
								   : 0;

		if (values[i] < 0)
			buf_add_char(out, '?');
		else
			buf_add_text(out, marks[whole + (whole < most && height > (double)whole)]);
	}
}
