/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors are played from the beginning of the tape for each excerpt, as its entries rise. */
#include "replay/excerpt.h"

#include <errno.h>

#include "replay/render.h"

typedef void (*render_fn)(struct render *render, const struct timeline_entry *entry,
			  struct buf *out);

/* One entry after the other through `render_entry`, then through `take`. */
struct excerpt {
	render_fn render_entry;
	const char *head;
	struct buf *text; /* lines; NULL: */
	struct json *to;
};

static int take(const struct excerpt *excerpt, const struct buf *line)
{
	struct json *entry = NULL;
	int err;

	if (line->failed)
		return -ENOMEM;
	if (excerpt->text) {
		buf_add_text(excerpt->text, excerpt->head);
		buf_add(excerpt->text, line->data, line->bytes);
		return excerpt->text->failed ? -ENOMEM : 0;
	}
	err = json_parse(line->data, line->bytes, &entry);
	if (err == -ENOMEM)
		return err;
	if (!err)
		json_add(excerpt->to, NULL, entry);
	return 0;
}

static int show(const struct excerpt *excerpt, const struct timeline *timeline, enum arch arch,
		const size_t *entries, size_t count)
{
	const struct replay_options options = {
		.arch = arch, .format = REPLAY_COLUMNS, .fds = REPLAY_FDS_ADDRESSES};
	struct render render = {.timeline = timeline, .options = &options};
	struct buf line = {0};
	int err = objects_new(timeline, arch, OBJECT_STYLE_ADDRESS, &render.objects);

	for (size_t i = 0; !err && i < count; i++) {
		render.index = entries[i];
		objects_seek(render.objects, entries[i]);
		buf_clear(&line);
		excerpt->render_entry(&render, timeline_at(timeline, entries[i]), &line);
		err = take(excerpt, &line);
	}
	objects_free(render.objects);
	buf_done(&render.identity);
	buf_done(&render.scratch);
	json_free(render.line);
	buf_done(&line);
	return err;
}

int excerpt_text(const struct timeline *timeline, enum arch arch, const size_t *entries,
		 size_t count, const char *head, struct buf *out)
{
	const struct excerpt excerpt = {.render_entry = render_columns, .head = head, .text = out};

	return show(&excerpt, timeline, arch, entries, count);
}

int excerpt_json(const struct timeline *timeline, enum arch arch, const size_t *entries,
		 size_t count, const char *key, struct json *to)
{
	const struct excerpt excerpt = {.render_entry = render_json, .to = to};
	int err;

	json_open_array(to, key);
	err = show(&excerpt, timeline, arch, entries, count);
	json_close(to);
	return err;
}
