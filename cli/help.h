/* SPDX-License-Identifier: Apache-2.0 */
/* Help texts and shell completion, made from the table of verbs. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

/* Help on a verb that exists, or with NULL on all of igrec. */
void help_print(FILE *out, const char *verb);

void help_print_version(FILE *out);

#endif
