/* SPDX-License-Identifier: Apache-2.0 */
/* Which capability a system call takes: capabilities(7). */
#ifndef EXPLAIN_CAPABILITY_H
#define EXPLAIN_CAPABILITY_H

#include "decode/event.h"
#include "decode/syscall_table.h"

/* "CAP_NET_RAW"; NULL if the call takes none, or one of many. */
const char *capability_of(enum arch arch, const struct event *event);

#endif
