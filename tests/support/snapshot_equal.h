/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether two snapshots say the same.
 */
#ifndef TESTS_SUPPORT_SNAPSHOT_EQUAL_H
#define TESTS_SUPPORT_SNAPSHOT_EQUAL_H

#include "dumper/snapshot.h"

/* NULL if equal, else the name of the first part that differs. */
const char *snapshot_difference(const struct snapshot *a, const struct snapshot *b);

#endif
