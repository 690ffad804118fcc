/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See log_lines.h.  Formats: CRI's in k8s.io/cri-client pkg/logs, Docker's in moby
 * daemon/logger/jsonfilelog/jsonlog.  Lines that were written in parts are put together for each
 * stream apart, since parts of both may alternate.
 */
#include "recorder/log_lines.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "common/buf.h"
#include "common/cleanup.h"
#include "common/json.h"

DEFINE_CLEANUP(json, struct json *, json_free)
#define AUTO_JSON CLEANUP(cleanup_json)

static const char *const streams[] = {"stdout", "stderr", ""};

/* A line of which the end is still to come. */
struct open_line {
	struct buf text;
	int64_t time_ns; /* of its first part */
	bool begun;
	bool truncated;
};

struct log_lines {
	enum log_format format;
	size_t most_lines, most_bytes;
	int64_t since_ns, until_ns;
	struct snapshot_log *ring; /* most_lines of them */
	size_t first, count, bytes;
	struct open_line open[ARRAY_SIZE(streams)];
	bool failed; /* out of memory */
};

/* A part of a line, or all of it. */
struct part {
	int64_t time_ns; /* -1 unknown */
	size_t stream;	 /* index */
	const char *text;
	size_t bytes;
	bool more; /* of the line is to follow */
};

/* ---- the ring --------------------------------------------------------------------------- */

struct log_lines *log_lines_new(enum log_format format, size_t most_lines, size_t most_bytes,
				int64_t since_ns, int64_t until_ns)
{
	struct log_lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		return NULL;
	lines->format = format;
	lines->most_lines = most_lines;
	lines->most_bytes = most_bytes;
	lines->since_ns = since_ns;
	lines->until_ns = until_ns;
	lines->ring = calloc(most_lines + 1, sizeof(*lines->ring));
	if (lines->ring)
		return lines;
	free(lines);
	return NULL;
}

static void drop_oldest(struct log_lines *lines)
{
	struct snapshot_log *oldest = &lines->ring[lines->first];

	lines->bytes -= oldest->text_bytes;
	free(oldest->stream);
	free(oldest->text);
	*oldest = (struct snapshot_log){0};
	lines->first = (lines->first + 1) % lines->most_lines;
	lines->count--;
}

void log_lines_free(struct log_lines *lines)
{
	if (!lines)
		return;
	while (lines->count)
		drop_oldest(lines);
	for (size_t i = 0; i < ARRAY_SIZE(streams); i++)
		buf_done(&lines->open[i].text);
	free(lines->ring);
	free(lines);
}

static void push(struct log_lines *lines, size_t stream, struct open_line *line)
{
	struct snapshot_log made = {
		.time_ns = line->time_ns,
		.stream = strdup(streams[stream]),
		.text = malloc(line->text.bytes + 1),
		.text_bytes = line->text.bytes,
		.truncated = line->truncated,
	};

	if (!lines->most_lines || !made.stream || !made.text || line->text.failed) {
		lines->failed |= lines->most_lines > 0;
		free(made.stream);
		free(made.text);
		return;
	}
	if (line->text.bytes)
		memcpy(made.text, line->text.data, line->text.bytes);
	while (lines->count && (lines->count == lines->most_lines ||
				lines->bytes + made.text_bytes > lines->most_bytes))
		drop_oldest(lines);
	lines->ring[(lines->first + lines->count) % lines->most_lines] = made;
	lines->bytes += made.text_bytes;
	lines->count++;
}

static void end_line(struct log_lines *lines, size_t stream)
{
	struct open_line *line = &lines->open[stream];

	if (line->begun && (line->time_ns < 0 ||
			    (line->time_ns >= lines->since_ns && line->time_ns <= lines->until_ns)))
		push(lines, stream, line);
	buf_clear(&line->text);
	line->begun = line->truncated = false;
}

static void add_part(struct log_lines *lines, const struct part *part)
{
	struct open_line *line = &lines->open[part->stream];
	size_t most =
		lines->most_bytes < LOG_LINE_BYTES_MAX ? lines->most_bytes : LOG_LINE_BYTES_MAX;
	size_t room = most - line->text.bytes;

	if (!line->begun)
		line->time_ns = part->time_ns;
	line->begun = true;
	line->truncated |= part->bytes > room;
	buf_add(&line->text, part->text, part->bytes < room ? part->bytes : room);
	if (!part->more)
		end_line(lines, part->stream);
}

int log_lines_move(struct log_lines *lines, struct snapshot *snapshot)
{
	for (size_t i = 0; i < ARRAY_SIZE(streams); i++)
		end_line(lines, i);
	if (lines->failed)
		return -ENOMEM;
	if (!lines->count)
		return 0;
	snapshot->log = calloc(lines->count, sizeof(*snapshot->log));
	if (!snapshot->log)
		return -ENOMEM;
	for (; lines->count; lines->count--) {
		snapshot->log[snapshot->n_log++] = lines->ring[lines->first];
		lines->ring[lines->first] = (struct snapshot_log){0};
		lines->first = (lines->first + 1) % lines->most_lines;
	}
	lines->bytes = 0;
	return 0;
}

/* ---- time ------------------------------------------------------------------------------- */

/* Exactly `digits` digits at *at, which moves behind them. -1: there is something else. */
static int take_number(const char **at, const char *end, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++, (*at)++) {
		if (*at == end || !isdigit((unsigned char)**at))
			return -1;
		value = 10 * value + (**at - '0');
	}
	return value;
}

static bool take_char(const char **at, const char *end, char wanted)
{
	if (*at == end || **at != wanted)
		return false;
	(*at)++;
	return true;
}

/* ".123" as ns; without a point 0. */
static int take_fraction(const char **at, const char *end)
{
	int value = 0, digits = 0;

	if (!take_char(at, end, '.'))
		return 0;
	for (; *at < end && isdigit((unsigned char)**at) && digits < 9; (*at)++, digits++)
		value = 10 * value + (**at - '0');
	if (!digits)
		return -1;
	for (; digits < 9; digits++)
		value *= 10;
	return value;
}

/* "Z" or "+02:00" in seconds. */
static int take_zone(const char **at, const char *end, int *ret)
{
	int sign = take_char(at, end, '+') ? 1 : take_char(at, end, '-') ? -1 : 0;
	int hours, minutes;

	*ret = 0;
	if (!sign)
		return take_char(at, end, 'Z') ? 0 : -EINVAL;
	hours = take_number(at, end, 2);
	if (hours < 0 || hours > 23 || !take_char(at, end, ':'))
		return -EINVAL;
	minutes = take_number(at, end, 2);
	if (minutes < 0 || minutes > 59)
		return -EINVAL;
	*ret = sign * (hours * 3600 + minutes * 60);
	return 0;
}

int log_time_parse(const char *text, size_t bytes, int64_t *ret_ns)
{
	static const char between[] = "--T::";
	static const int least[] = {1970, 1, 1, 0, 0, 0}, most[] = {2261, 12, 31, 23, 59, 60};
	const char *at = text, *end = text + bytes;
	int value[6], fraction, zone;
	struct tm tm;

	for (int i = 0; i < 6; i++) {
		if (i && !take_char(&at, end, between[i - 1]))
			return -EINVAL;
		value[i] = take_number(&at, end, i ? 2 : 4);
		if (value[i] < least[i] || value[i] > most[i])
			return -EINVAL;
	}
	fraction = take_fraction(&at, end);
	if (fraction < 0 || take_zone(&at, end, &zone) || at != end)
		return -EINVAL;
	tm = (struct tm){
		.tm_year = value[0] - 1900,
		.tm_mon = value[1] - 1,
		.tm_mday = value[2],
		.tm_hour = value[3],
		.tm_min = value[4],
		.tm_sec = value[5],
	};
	if (timegm(&tm) < zone)
		return -EINVAL;
	*ret_ns = ((int64_t)timegm(&tm) - zone) * 1000000000 + fraction;
	return 0;
}

/* ---- formats ---------------------------------------------------------------------------- */

static size_t stream_index(const char *name, size_t bytes)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(streams) - 1 &&
	       (strlen(streams[i]) != bytes || memcmp(streams[i], name, bytes) != 0))
		i++;
	return i;
}

/* The word up to the next space, which *at moves behind. NULL: there is no space. */
static const char *take_word(const char **at, const char *end, size_t *ret_bytes)
{
	const char *word = *at, *space = memchr(word, ' ', (size_t)(end - word));

	if (!space)
		return NULL;
	*ret_bytes = (size_t)(space - word);
	*at = space + 1;
	return word;
}

static int parse_cri(const char *line, size_t bytes, struct part *ret)
{
	const char *at = line, *end = line + bytes, *word;
	size_t length;

	word = take_word(&at, end, &length);
	if (!word || log_time_parse(word, length, &ret->time_ns))
		return -EBADMSG;
	word = take_word(&at, end, &length);
	if (!word)
		return -EBADMSG;
	ret->stream = stream_index(word, length);
	word = take_word(&at, end, &length);
	/* An empty line may lack the last space. */
	if (!word && at < end) {
		word = at;
		length = (size_t)(end - at);
		at = end;
	}
	if (!word || !length || (*word != 'P' && *word != 'F') || (length > 1 && word[1] != ':'))
		return -EBADMSG;
	ret->more = *word == 'P';
	ret->text = at;
	ret->bytes = (size_t)(end - at);
	return 0;
}

/* Takes it at once: its text lives as long as the JSON. */
static int add_json(struct log_lines *lines, const char *line, size_t bytes)
{
	AUTO_JSON struct json *json = NULL;
	struct part part = {.time_ns = -1};
	const char *time, *stream;
	int err = json_parse(line, bytes, &json);

	if (err)
		return err;
	part.text = json_get_bytes(json, "log", &part.bytes);
	if (!part.text)
		return -EBADMSG;
	stream = json_get_text(json, "stream");
	part.stream = stream_index(stream ? stream : "", stream ? strlen(stream) : 0);
	time = json_get_text(json, "time");
	if (!time || log_time_parse(time, strlen(time), &part.time_ns))
		part.time_ns = -1;
	part.more = !part.bytes || part.text[part.bytes - 1] != '\n';
	part.bytes -= !part.more;
	add_part(lines, &part);
	return 0;
}

static void add_raw(struct log_lines *lines, const char *line, size_t bytes)
{
	const struct part raw = {
		.time_ns = -1,
		.stream = ARRAY_SIZE(streams) - 1,
		.text = line,
		.bytes = bytes,
	};
	struct part part = {0};

	if (lines->format == LOG_CRI && !parse_cri(line, bytes, &part))
		add_part(lines, &part);
	else if (lines->format != LOG_JSON || add_json(lines, line, bytes))
		add_part(lines, &raw);
}

void log_lines_add(struct log_lines *lines, const char *data, size_t bytes)
{
	const char *end = data + bytes;

	while (data < end) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		const char *line_end = newline ? newline : end;

		add_raw(lines, data, (size_t)(line_end - data));
		data = line_end + 1;
	}
}
