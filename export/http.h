/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST over HTTP: the one home of libcurl.  The library is loaded when it is first needed: igrec
 * starts quickly and replays dumps on machines that lack it.
 */
#ifndef EXPORT_HTTP_H
#define EXPORT_HTTP_H

#include <stddef.h>

#include "common/buf.h"

struct http;

struct http_error {
	char text[512]; /* one line, printable: what is wrong and what to do */
};

/*
 * Headers: lines "Name: value" behind those that are always sent; NULL ends. 0; -ENOENT the
 * library is not installed; -ENOMEM.
 */
int http_new(const char *const *headers, struct http **ret, struct http_error *ret_why);
void http_free(struct http *http);

/*
 * Sends JSON. 0 and the answer's first bytes in *answer (emptied before) if the status is 2xx;
 * -EIO with *ret_why filled if not, or if there was no answer within 30 s; -ENOMEM.
 */
int http_post_json(struct http *http, const char *url, const void *data, size_t bytes,
		   struct buf *answer, struct http_error *ret_why);

#endif
