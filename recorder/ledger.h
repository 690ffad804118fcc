/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What igrecd knows of the container in a slot, kept in the kernel beside its ring, so that an
 * igrecd that starts after this one died goes on with it.  One line of JSON.
 */
#ifndef RECORDER_LEDGER_H
#define RECORDER_LEDGER_H

#include "recorder/container.h"

/* Writes the entry anew. What does not fit is left without its names. */
void ledger_save(struct igrec_ledger *entry, const struct container *container);
void ledger_clear(struct igrec_ledger *entry);

/*
 * Makes the container of an entry, whose slot has that generation; its policy and place are the
 * caller's to find. A failure whose dump is not known to be on disk is pending again, and late. 0;
 * -ENOENT: no entry of that generation; -EBADMSG: damaged; -ENOMEM.
 */
int ledger_load(const struct igrec_ledger *entry, uint32_t slot, uint32_t generation,
		struct container **ret);

#endif
