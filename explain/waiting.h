/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was tried again and again until the end, by one process or by one child after the other: a
 * script that waits for a database, a program that wants a lock.
 */
#ifndef EXPLAIN_WAITING_H
#define EXPLAIN_WAITING_H

#include "explain/candidates.h"

/* The attempts as one candidate. False if nothing was waited for. */
bool waiting_find(const struct facts *facts, struct candidate *ret);

#endif
