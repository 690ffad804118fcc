/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths by pattern.  One that a file was opened by may be relative; what the kernel made of it is
 * in the same record then, component by component (IGREC_ARG_OBJECT), and both go.
 */
#include "dumper/scrub_paths.h"

#include <fnmatch.h>
#include <limits.h>
#include <string.h>

#include "common/cleanup.h"
#include "dumper/snapshot_texts.h"

struct covering {
	const struct scrub *scrub;
	struct literals *literals;
	size_t covered;
};

bool scrub_path_fits(const char *pattern, const char *path)
{
	size_t bytes = strlen(pattern);

	if (strpbrk(pattern, "*?["))
		return !fnmatch(pattern, path, 0);
	while (bytes > 1 && pattern[bytes - 1] == '/')
		bytes--;
	return !strncmp(pattern, path, bytes) &&
	       (!path[bytes] || path[bytes] == '/' || pattern[bytes - 1] == '/');
}

static bool fits(const struct scrub *scrub, const unsigned char *data, size_t bytes)
{
	char path[PATH_MAX];

	if (!bytes || bytes >= sizeof(path))
		return false;
	memcpy(path, data, bytes);
	path[bytes] = '\0';
	for (size_t i = 0; i < scrub->n_paths; i++)
		if (scrub_path_fits(scrub->paths[i], path))
			return true;
	return false;
}

static void cover(struct covering *covering, unsigned char *data, size_t bytes)
{
	if (data[0] != MASK_CHAR)
		covering->covered++;
	literals_add(covering->literals, data, bytes);
	memset(data, MASK_CHAR, bytes);
}

/* ---- paths in texts --------------------------------------------------------------------- */

static bool ends_path(unsigned char c)
{
	return c <= ' ' || c == 0x7f || strchr("\"'`:;,()[]{}<>|=", c);
}

/* Whether a path can begin here: at a '/' that does not follow a part of one. */
static bool begins_path(const unsigned char *text, size_t at)
{
	return text[at] == '/' && (!at || (ends_path(text[at - 1])));
}

static void cover_paths(struct covering *covering, unsigned char *text, size_t bytes)
{
	for (size_t at = 0, end; at < bytes; at = end) {
		end = at + 1;
		if (!begins_path(text, at))
			continue;
		/* Up to the string's end, for names with spaces and the like; else up to a sign. */
		end = at + strnlen((const char *)text + at, bytes - at);
		if (!fits(covering->scrub, text + at, end - at))
			for (end = at + 1; end < bytes && !ends_path(text[end]);)
				end++;
		if (fits(covering->scrub, text + at, end - at))
			cover(covering, text + at, end - at);
	}
}

size_t scrub_paths_text(const struct scrub *scrub, unsigned char *text, size_t bytes,
			struct literals *literals)
{
	struct covering covering = {scrub, literals, 0};

	if (scrub->n_paths)
		cover_paths(&covering, text, bytes);
	return covering.covered;
}

static void cover_text(void *context, const struct snapshot_text *text)
{
	struct covering *covering = context;

	/* A relative path is one only as a whole. */
	if (fits(covering->scrub, text->data, text->bytes))
		cover(covering, text->data, text->bytes);
	else
		cover_paths(covering, text->data, text->bytes);
}

/* ---- what the kernel made of them ------------------------------------------------------- */

/* The path of components that stand the last one first, each with its NUL. 0: too long. */
static size_t object_path(const struct event_capture *capture, unsigned char ret[PATH_MAX])
{
	size_t end = capture->bytes, bytes = 0;

	while (end > 0) {
		size_t begin = end - 1;

		if (!capture->data[begin]) /* the component's own NUL */
			end = begin;
		while (begin > 0 && capture->data[begin - 1])
			begin--;
		if (bytes + 1 + (end - begin) >= PATH_MAX)
			return 0;
		ret[bytes++] = '/';
		memcpy(ret + bytes, capture->data + begin, end - begin);
		bytes += end - begin;
		end = begin;
	}
	return bytes;
}

static void cover_components(struct covering *covering, const struct event_capture *capture)
{
	unsigned char *data = (unsigned char *)capture->data;

	covering->covered++;
	for (size_t i = 0; i < capture->bytes; i++)
		if (data[i])
			data[i] = MASK_CHAR;
}

static void cover_objects(struct covering *covering, const struct event *event)
{
	unsigned char path[PATH_MAX];
	bool found = false;

	for (unsigned i = 0; i < event->captures; i++) {
		const struct event_capture *capture = &event->capture[i];
		size_t bytes;

		if (capture->arg < IGREC_ARG_OBJECT || capture->inode || !capture->bytes)
			continue;
		bytes = object_path(capture, path);
		if (!fits(covering->scrub, path, bytes))
			continue;
		found = true;
		literals_add(covering->literals, path, bytes);
		cover_components(covering, capture);
	}
	for (unsigned i = 0; found && i < event->captures; i++)
		if (event->capture[i].bytes &&
		    capture_use_of(event, covering->scrub->arch, i) == CAPTURE_PATH)
			cover(covering, (unsigned char *)event->capture[i].data,
			      event->capture[i].bytes);
}

static void cover_lane(struct covering *covering, const struct snapshot_lane *lane,
		       enum igrec_lane number)
{
	struct event event;

	for (size_t i = 0; i < lane->n_blocks; i++) {
		const unsigned char *records = lane->data + lane->blocks[i].offset;
		size_t bytes = lane->blocks[i].bytes;
		int size;

		for (size_t at = 0; at < bytes; at += (size_t)size) {
			size = event_parse(records + at, bytes - at, number, &event);
			if (size <= 0)
				break;
			cover_objects(covering, &event);
		}
	}
}

size_t scrub_paths(const struct scrub *scrub, struct snapshot *snapshot, struct literals *literals)
{
	struct covering covering = {scrub, literals, 0};

	if (!scrub->n_paths)
		return 0;
	for (int lane = 0; lane < IGREC_LANES; lane++)
		cover_lane(&covering, &snapshot->lane[lane], (enum igrec_lane)lane);
	snapshot_texts(snapshot, scrub->arch, cover_text, &covering);
	return covering.covered;
}
