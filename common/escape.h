/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes that came from a container, made safe for a terminal: what is appended holds printable
 * characters only, no control sequence, nothing that reorders text.
 */
#ifndef COMMON_ESCAPE_H
#define COMMON_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/*
 * As strace prints a string between its quotes (the quotes are not added): printable ASCII as
 * is, \" \\ \t \n \v \f \r, every other byte as the shortest octal escape that is unambiguous
 * before what follows.
 */
void escape_quoted(struct buf *out, const void *data, size_t bytes);

/*
 * For names (comm, pod, container, file names in lists): valid UTF-8 of printable characters
 * passes; \\ \t \n and the like get their C escape, other control characters, bidirectional
 * controls, invisible format characters and bytes that are no UTF-8 become \xNN per byte.
 */
void escape_name(struct buf *out, const void *data, size_t bytes);
void escape_name_text(struct buf *out, const char *text);

/*
 * For data that programs read as UTF-8 text: valid UTF-8 passes as it is, every other byte, and
 * NUL, which many take for the end, becomes U+FFFD. Not for terminals.
 */
void escape_utf8(struct buf *out, const void *data, size_t bytes);

/*
 * A field of CSV (RFC 4180) with its quotes; of bytes what escape_utf8() makes of them, or, if it
 * goes to a terminal, what escape_name() does.
 */
void escape_csv(struct buf *out, const void *data, size_t bytes, bool to_terminal);

/*
 * Decodes one UTF-8 character (RFC 3629: no surrogates, no overlong forms). Returns its length
 * in bytes, 0 if the bytes are no valid character.
 */
size_t utf8_decode(const void *data, size_t bytes, unsigned *ret_code_point);

/* Neither a control, nor invisible, nor reordering what stands around it. */
bool utf8_harmless(unsigned code_point);

#endif
