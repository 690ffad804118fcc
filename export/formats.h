/* SPDX-License-Identifier: Apache-2.0 */
/* The formats, one file each, for the table in export.c. */
#ifndef EXPORT_FORMATS_H
#define EXPORT_FORMATS_H

#include "export/export.h"

int export_ndjson(const struct export *export, struct export_counts *ret);
int export_strace(const struct export *export, struct export_counts *ret);
int export_csv(const struct export *export, struct export_counts *ret);
int export_chrome(const struct export *export, struct export_counts *ret);
int export_otlp(const struct export *export, struct export_counts *ret);
int export_otlp_traces(const struct export *export, struct export_counts *ret);
int export_otlp_logs(const struct export *export, struct export_counts *ret);

#endif
