/* SPDX-License-Identifier: Apache-2.0 */
/* A row of figures as a row of small bars. */
#ifndef CLI_CHART_H
#define CLI_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

/* Whether the terminal's locale can show blocks of UTF-8. */
bool chart_has_blocks(void);

/*
 * Adds one character for each value: its height by `top`, the smallest for what is not 0, '?' for a
 * negative value, which is not known. With blocks in UTF-8, else in ASCII.
 */
void chart_add(struct buf *out, const int64_t *values, size_t count, int64_t top, bool blocks);

#endif
