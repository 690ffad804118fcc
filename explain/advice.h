/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about a message of a program, where its words tell what it is about. */
#ifndef EXPLAIN_ADVICE_H
#define EXPLAIN_ADVICE_H

/* Static text; a general one where no words are known. */
const char *advice_on(const char *text);

#endif
