/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests -> a receiver, one after the other.  The first that is refused, even in part, ends it:
 * what a receiver lacks is to be known.
 */
#include "export/otlp_post.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/escape.h"

#define HEADERS_MAX 32

struct post {
	struct http *http;
	const char *url;
	struct buf target, answer;
	struct http_error *why;
};

/* "1" and 1 are the same: a 64-bit number. */
static int64_t rejected(const struct json *partial, const char *key)
{
	const char *text = json_get_text(partial, key);
	int64_t number = 0;

	if (text)
		return strtoll(text, NULL, 10);
	return json_get_int(partial, key, &number) ? 0 : number;
}

/* An answer that is no JSON says nothing. */
static int check_answer(struct post *post, enum otlp_signal signal)
{
	const char *key = signal == OTLP_TRACES ? "rejectedSpans" : "rejectedLogRecords";
	CLEANUP(buf_done) struct buf words = {};
	struct json *answer = NULL;
	const struct json *partial;
	int64_t count;

	if (!post->answer.bytes || json_parse(post->answer.data, post->answer.bytes, &answer))
		return 0;
	partial = json_get(answer, "partialSuccess");
	count = partial ? rejected(partial, key) : 0;
	if (count > 0) {
		const char *message = json_get_text(partial, "errorMessage");

		escape_name_text(&words, message ? message : "no reason given");
		snprintf(post->why->text, sizeof(post->why->text),
			 "%s refused %" PRId64 " of what was sent: %.200s", buf_text(&post->target),
			 count, buf_text(&words) ? buf_text(&words) : "");
	}
	json_free(answer);
	return count > 0 ? -EIO : 0;
}

static int post_request(void *user, enum otlp_signal signal, const void *json, size_t bytes)
{
	struct post *post = user;
	size_t length = strlen(post->url);
	int err;

	while (length && post->url[length - 1] == '/')
		length--;
	buf_clear(&post->target);
	buf_add(&post->target, post->url, length);
	buf_add_text(&post->target, signal == OTLP_TRACES ? "/v1/traces" : "/v1/logs");
	if (!buf_text(&post->target))
		return -ENOMEM;
	err = http_post_json(post->http, buf_text(&post->target), json, bytes, &post->answer,
			     post->why);
	return err ? err : check_answer(post, signal);
}

/* "name=value,name=value" -> "name: value" lines in *text, each with its NUL. */
static int read_headers(const char *from, struct buf *text, size_t *ret_count)
{
	size_t count = 0;

	while (from && *from) {
		size_t bytes = strcspn(from, ",");
		const char *equal = memchr(from, '=', bytes);

		if (!equal || equal == from || memchr(from, '\n', bytes) ||
		    memchr(from, '\r', bytes) || ++count > HEADERS_MAX)
			return -EINVAL;
		buf_add(text, from, (size_t)(equal - from));
		buf_add_text(text, ": ");
		buf_add(text, equal + 1, bytes - (size_t)(equal + 1 - from));
		buf_add_char(text, '\0');
		from += bytes + (from[bytes] == ',');
	}
	*ret_count = count;
	return text->failed ? -ENOMEM : 0;
}

static int connect_to(struct post *post)
{
	CLEANUP(buf_done) struct buf text = {};
	const char *lines[HEADERS_MAX + 1] = {0};
	size_t count = 0, at = 0;
	int err = read_headers(getenv("OTEL_EXPORTER_OTLP_HEADERS"), &text, &count);

	if (err == -EINVAL)
		snprintf(post->why->text, sizeof(post->why->text),
			 "OTEL_EXPORTER_OTLP_HEADERS is not of the form name=value,name=value");
	if (err)
		return err;
	for (size_t i = 0; i < count; i++) {
		lines[i] = text.data + at;
		at += strlen(lines[i]) + 1;
	}
	return http_new(lines, &post->http, post->why);
}

int otlp_post(const struct export *export, const char *url, unsigned signals,
	      struct export_counts *ret, struct http_error *ret_why)
{
	struct post post = {.url = url, .why = ret_why};
	int err = connect_to(&post);

	if (!err)
		err = otlp_each(export, signals, post_request, &post, ret);
	http_free(post.http);
	buf_done(&post.target);
	buf_done(&post.answer);
	return err;
}
