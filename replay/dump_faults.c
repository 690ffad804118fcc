/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collects faults.  Their texts may quote what stands in a damaged file, so everything that is
 * not printable ASCII is replaced.
 */
#include <stdarg.h>

#include "replay/dump_faults.h"

#define FAULTS_MAX 64

static void format_fault(struct dump_fault *fault, const char *format, va_list args)
{
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	for (char *c = fault->text; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
}

void dump_fault_set(struct dump_fault *fault, const char *format, ...)
{
	va_list args;

	if (!fault)
		return;
	va_start(args, format);
	format_fault(fault, format, args);
	va_end(args);
}

void dump_faults_add(struct dump_faults *faults, const char *format, ...)
{
	va_list args;

	if (faults->count > FAULTS_MAX)
		return;
	if (!faults->list)
		faults->list = calloc(FAULTS_MAX + 1, sizeof(*faults->list));
	if (!faults->list) {
		faults->failed = true;
		return;
	}
	if (faults->count == FAULTS_MAX) {
		dump_fault_set(&faults->list[faults->count++], "more faults than are listed here");
		return;
	}
	va_start(args, format);
	format_fault(&faults->list[faults->count++], format, args);
	va_end(args);
}

void dump_faults_done(struct dump_faults *faults)
{
	free(faults->list);
	*faults = (struct dump_faults){};
}
