/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where long output goes: through $PAGER if stdout is a terminal, else to stdout itself.
 */
#ifndef CLI_PAGER_H
#define CLI_PAGER_H

#include <stdio.h>
#include <sys/types.h>

struct pager {
	FILE *out; /* write here */
	pid_t pid; /* 0: no pager runs */
};

/* Never fails: without a pager, out is stdout. */
void pager_open(struct pager *pager);
/* Waits until the reader has left the pager. 0 or -errno if not all could be written. */
int pager_close(struct pager *pager);

#endif
