/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text, appended to a buffer without allocation or printf: the renderers' hot path. */
#ifndef REPLAY_NUMBER_H
#define REPLAY_NUMBER_H

#include <stdint.h>

#include "common/buf.h"

void number_unsigned(struct buf *out, uint64_t number);
void number_signed(struct buf *out, int64_t number);
/* "0x1f", zero as "0". */
void number_hex(struct buf *out, uint64_t number);
/* With a leading zero and at least `digits` digits in all: "0644", "000". */
void number_octal(struct buf *out, uint64_t number, unsigned digits);
/* Seconds with six decimals: "1700000000.000123", "-0.250000". */
void number_seconds(struct buf *out, int64_t ns);
/* Three significant digits or more: "850ns", "12.3us", "4.56ms", "12.3s". */
void number_duration(struct buf *out, uint64_t ns);
/* Spaces until `width` bytes follow `start`; nothing if there are more already. */
void align_left(struct buf *out, size_t start, size_t width);
/* What was appended since `start`, moved to the right of `width` bytes. */
void align_right(struct buf *out, size_t start, size_t width);

#endif
