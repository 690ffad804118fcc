/* SPDX-License-Identifier: Apache-2.0 */
/* The table of formats. */
#include "export/export.h"

#include <string.h>

#include "export/formats.h"

const struct export_format export_formats[] = {
	{"ndjson", "one JSON object a line, as of igrec replay --json", export_ndjson},
	{"csv", "RFC 4180, a line of column names first", export_csv},
	{"chrome", "Trace Event Format, for Perfetto and chrome://tracing", export_chrome},
	{"otlp", "OpenTelemetry: spans of calls, then log records of all that happened",
	 export_otlp},
	{"otlp-traces", "the spans alone", export_otlp_traces},
	{"otlp-logs", "the log records alone", export_otlp_logs},
	{"strace", "as of strace -f -ttt -T -y", export_strace},
	{0},
};

const struct export_format *export_format_find(const char *name)
{
	for (const struct export_format *format = export_formats; format->name; format++) {
		if (!strcmp(format->name, name))
			return format;
	}
	return NULL;
}

int export_dump(const struct export *export, const struct export_format *format,
		struct export_counts *ret)
{
	struct export_counts counts = {0};
	int err = format->write(export, &counts);

	*ret = counts;
	return err;
}
