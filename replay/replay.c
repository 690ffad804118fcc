/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshot -> timeline -> filter -> renderer -> stream.  Text is gathered in one buffer that is
 * written out whenever it is large, so that nothing is allocated per event.
 */
#include "replay/replay.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "replay/render.h"

/* A screen of text is shown before more is gathered. */
#define FIRST_FLUSH_BYTES 4096

typedef void (*render_fn)(struct render *render, const struct timeline_entry *entry,
			  struct buf *out);

static const struct {
	const char *name;
	render_fn fn;
} formats[] = {
	[REPLAY_COLUMNS] = {"columns", render_columns},
	[REPLAY_WIDE] = {"wide", render_columns},
	[REPLAY_JSON] = {"json", render_json},
	[REPLAY_STRACE] = {"strace", render_strace},
};

int replay_format_parse(const char *name, enum replay_format *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!strcmp(name, formats[i].name)) {
			*ret = (enum replay_format)i;
			return 0;
		}
	}
	return -EINVAL;
}

int replay_write(struct buf *text, FILE *out)
{
	if (text->failed)
		return -ENOMEM;
	errno = 0;
	if (text->bytes && fwrite(text->data, 1, text->bytes, out) != text->bytes)
		return errno ? -errno : -EIO;
	buf_clear(text);
	return 0;
}

static int render_all(struct timeline *timeline, struct render *render, FILE *out, struct buf *text,
		      struct replay_counts *counts)
{
	const struct replay_options *options = render->options;
	size_t flush_bytes = FIRST_FLUSH_BYTES;
	bool has_header = options->format == REPLAY_COLUMNS || options->format == REPLAY_WIDE;
	bool hide = options->hide_setup && timeline_has_started(render->timeline);
	int err;

	if (has_header && !options->no_header)
		render_columns_header(render, text);
	for (size_t i = 0; (err = timeline_reach(timeline, i)) > 0; i++) {
		const struct timeline_entry *entry = timeline_at(timeline, i);

		counts->events += entry->kind == TIMELINE_EVENT;
		if (options->filter && !filter_matches(options->filter, render->timeline, entry))
			continue;
		if (hide && timeline_is_setup(entry)) {
			counts->setup++;
			continue;
		}
		counts->shown += entry->kind == TIMELINE_EVENT;
		render->index = i;
		if (render->objects)
			objects_seek(render->objects, i);
		formats[options->format].fn(render, entry, text);
		if (text->bytes < flush_bytes && !text->failed)
			continue;
		flush_bytes = REPLAY_FLUSH_BYTES;
		err = replay_write(text, out);
		if (err)
			return err;
	}
	if (!err && (text->bytes || text->failed))
		err = replay_write(text, out);
	if (err)
		return err;
	errno = 0;
	return fflush(out) ? errno ? -errno : -EIO : 0;
}

/* Even where descriptors stay numbers, what a netlink socket carries is told. */
static const enum object_style styles[] = {
	[REPLAY_FDS_NUMBERS] = OBJECT_STYLE_NONE,
	[REPLAY_FDS_INODES] = OBJECT_STYLE_INODE,
	[REPLAY_FDS_ADDRESSES] = OBJECT_STYLE_ADDRESS,
};

int replay_render(const struct snapshot *snapshot, const struct replay_options *options, FILE *out,
		  struct replay_counts *ret)
{
	struct timeline *timeline = NULL;
	struct render render = {.options = options};
	struct replay_counts counts = {0};
	struct buf text = {0};
	int err;

	err = timeline_open(snapshot, &timeline);
	if (err)
		return err;
	render.timeline = timeline;
	err = objects_read(timeline, options->arch);
	if (!err)
		err = objects_new(timeline, options->arch, styles[options->fds], &render.objects);
	if (!err)
		err = render_all(timeline, &render, out, &text, &counts);
	counts.incomplete = timeline_is_incomplete(timeline);
	*ret = counts;
	buf_done(&text);
	buf_done(&render.identity);
	buf_done(&render.scratch);
	json_free(render.line);
	objects_free(render.objects);
	timeline_free(timeline);
	return err;
}
