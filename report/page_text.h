/* SPDX-License-Identifier: Apache-2.0 */
/* The page without what a dump puts into it; made of report/page/ by tools/embed_page.py. */
#ifndef REPORT_PAGE_TEXT_H
#define REPORT_PAGE_TEXT_H

#include <stddef.h>

/* What comes before the title, the text for readers without script, the data, and the end. */
enum { PAGE_TO_TITLE, PAGE_TO_TEXT, PAGE_TO_DATA, PAGE_TO_END, PAGE_PIECES };

struct page_piece {
	const char *text; /* not NUL-terminated */
	size_t bytes;
};
extern const struct page_piece page_pieces[PAGE_PIECES];

#endif
