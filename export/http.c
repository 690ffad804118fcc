/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl behind dlopen(3), HTTP and HTTPS only, no redirects: what is sent may be confidential and
 * goes where the user said.  Errors are told in libcurl's words.
 */
#include "export/http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/escape.h"

#define LIBRARY		"libcurl.so.4"
#define CONNECT_SECONDS 10L
#define TOTAL_SECONDS	30L
#define ANSWER_MAX	(64 * 1024)

struct http {
	void *library;
	CURL *curl;
	struct curl_slist *headers;
	char error[CURL_ERROR_SIZE];
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_perform) *easy_perform;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
};

DEFINE_CLEANUP(http, struct http *, http_free)

static void say(struct http_error *why, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct http_error *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
}

static int load(struct http *http, struct http_error *why)
{
	const struct {
		const char *name;
		void *slot;
	} symbols[] = {
		{"curl_easy_init", &http->easy_init},
		{"curl_easy_setopt", &http->easy_setopt},
		{"curl_easy_perform", &http->easy_perform},
		{"curl_easy_getinfo", &http->easy_getinfo},
		{"curl_easy_strerror", &http->easy_strerror},
		{"curl_easy_cleanup", &http->easy_cleanup},
		{"curl_slist_append", &http->slist_append},
		{"curl_slist_free_all", &http->slist_free_all},
	};

	http->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; http->library && i < ARRAY_SIZE(symbols); i++) {
		void *symbol = dlsym(http->library, symbols[i].name);

		memcpy(symbols[i].slot, &symbol, sizeof(symbol));
		if (symbol)
			continue;
		say(why, LIBRARY " has no %s: install a newer libcurl4", symbols[i].name);
		return -ENOENT;
	}
	if (http->library)
		return 0;
	say(why, LIBRARY " is not there: install the package libcurl4");
	return -ENOENT;
}

static int add_header(struct http *http, const char *line)
{
	struct curl_slist *longer = http->slist_append(http->headers, line);

	if (!longer)
		return -ENOMEM;
	http->headers = longer;
	return 0;
}

int http_new(const char *const *headers, struct http **ret, struct http_error *ret_why)
{
	CLEANUP(cleanup_http) struct http *http = calloc(1, sizeof(*http));
	int err;

	if (!http)
		return -ENOMEM;
	err = load(http, ret_why);
	if (err)
		return err;
	http->curl = http->easy_init();
	if (!http->curl)
		return -ENOMEM;
	err = add_header(http, "Content-Type: application/json");
	/* No "Expect: 100-continue", for which receivers would have to be waited. */
	if (!err)
		err = add_header(http, "Expect:");
	for (; !err && *headers; headers++)
		err = add_header(http, *headers);
	if (!err)
		*ret = TAKE_PTR(http);
	return err;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	if (http->headers)
		http->slist_free_all(http->headers);
	if (http->curl)
		http->easy_cleanup(http->curl);
	/* The library stays: others that it brought may have threads or handlers at exit. */
	free(http);
}

static size_t take_answer(char *data, size_t size, size_t count, void *user)
{
	struct buf *answer = user;
	size_t bytes = size * count;
	size_t room = ANSWER_MAX - answer->bytes;

	buf_add(answer, data, bytes < room ? bytes : room);
	return bytes;
}

static CURLcode set_up(struct http *http, const char *url, const void *data, size_t bytes,
		       struct buf *answer)
{
	const struct {
		CURLoption option;
		long value;
	} numbers[] = {
		{CURLOPT_POST, 1},
		{CURLOPT_NOSIGNAL, 1},
		{CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS},
		{CURLOPT_TIMEOUT, TOTAL_SECONDS},
	};
	const struct {
		CURLoption option;
		const void *value;
	} pointers[] = {
		{CURLOPT_URL, url},
		{CURLOPT_POSTFIELDS, data},
		{CURLOPT_HTTPHEADER, http->headers},
		{CURLOPT_PROTOCOLS_STR, "http,https"},
		{CURLOPT_WRITEDATA, answer},
		{CURLOPT_ERRORBUFFER, http->error},
		{CURLOPT_USERAGENT, "igrec/" IGREC_VERSION},
	};
	CURLcode code =
		http->easy_setopt(http->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)bytes);

	if (!code)
		code = http->easy_setopt(http->curl, CURLOPT_WRITEFUNCTION, take_answer);
	for (size_t i = 0; !code && i < ARRAY_SIZE(numbers); i++)
		code = http->easy_setopt(http->curl, numbers[i].option, numbers[i].value);
	for (size_t i = 0; !code && i < ARRAY_SIZE(pointers); i++)
		code = http->easy_setopt(http->curl, pointers[i].option, pointers[i].value);
	return code;
}

/* The first line of what was answered, cut. */
static void say_refused(struct http_error *why, const char *url, long status, struct buf *answer)
{
	CLEANUP(buf_done) struct buf line = {};
	size_t bytes = 0;

	while (bytes < answer->bytes && bytes < 160 && answer->data[bytes] != '\n')
		bytes++;
	if (bytes)
		escape_name(&line, answer->data, bytes);
	say(why, "%s answered %ld%s%s", url, status, bytes ? ": " : "",
	    bytes && buf_text(&line) ? buf_text(&line) : "");
}

int http_post_json(struct http *http, const char *url, const void *data, size_t bytes,
		   struct buf *answer, struct http_error *ret_why)
{
	CURLcode code;
	long status = 0;

	buf_clear(answer);
	http->error[0] = '\0';
	code = set_up(http, url, data, bytes, answer);
	if (!code)
		code = http->easy_perform(http->curl);
	if (code == CURLE_OUT_OF_MEMORY || answer->failed)
		return -ENOMEM;
	if (code) {
		say(ret_why, "cannot send to %s: %s", url,
		    http->error[0] ? http->error : http->easy_strerror(code));
		return -EIO;
	}
	http->easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300)
		return 0;
	say_refused(ret_why, url, status, answer);
	return -EIO;
}
