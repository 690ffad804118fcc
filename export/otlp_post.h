/* SPDX-License-Identifier: Apache-2.0 */
/* A dump sent to an OpenTelemetry receiver, by OTLP over HTTP. */
#ifndef EXPORT_OTLP_POST_H
#define EXPORT_OTLP_POST_H

#include "export/export.h"
#include "export/http.h"
#include "export/otlp.h"

/*
 * Spans go to URL/v1/traces, log records to URL/v1/logs; signals: OTLP_BIT() of each that is
 * wanted. Headers are those of the environment: OTEL_EXPORTER_OTLP_HEADERS, "name=value,...". 0;
 * -ENOMEM; -ENOENT, -EIO and -EINVAL with *ret_why filled: no library, not sent or refused, bad
 * headers.
 */
int otlp_post(const struct export *export, const char *url, unsigned signals,
	      struct export_counts *ret, struct http_error *ret_why);

#endif
