/* SPDX-License-Identifier: Apache-2.0 */
/* What makes some causes plainer: who was denied, what holds the descriptors. All is escaped. */
#ifndef EXPLAIN_DETAILS_H
#define EXPLAIN_DETAILS_H

#include "explain/facts.h"

/* " as uid 33"; nothing if that is not known. */
void details_user(struct buf *out, const struct facts *facts, uint32_t process);
/* "; 118 of the files it opened were /etc/passwd"; nothing if no file stands out. */
void details_open_files(struct buf *out, const struct facts *facts, uint32_t process);

#endif
