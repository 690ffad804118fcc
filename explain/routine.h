/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures that are part of any program's ordinary life: libraries, locales and settings that are
 * looked for where they need not be, questions to which "no" is an answer.
 */
#ifndef EXPLAIN_ROUTINE_H
#define EXPLAIN_ROUTINE_H

#include <stdbool.h>

#include "replay/act.h"

/* Whether nobody would wonder about this failure. object: "" if there is none. */
bool routine_is(enum act_kind kind, int error, const char *object);

#endif
