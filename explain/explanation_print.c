/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings for people and for programs.  Evidence is printed by replay's own renderers; objects
 * are played from the beginning for each finding, as its entries rise.
 */
#include <errno.h>

#include "explain/explain.h"
#include "replay/render.h"

static int start_render(const struct explanation *explanation, struct objects **ret_objects,
			struct replay_options *ret_options, struct render *ret)
{
	*ret_options = (struct replay_options){
		.arch = explanation->arch, .format = REPLAY_COLUMNS, .fds = REPLAY_FDS_ADDRESSES};
	*ret = (struct render){.timeline = explanation->timeline, .options = ret_options};
	if (objects_new(explanation->timeline, explanation->arch, OBJECT_STYLE_ADDRESS,
			ret_objects))
		return -ENOMEM;
	ret->objects = *ret_objects;
	return 0;
}

static void end_render(struct render *render)
{
	objects_free(render->objects);
	buf_done(&render->identity);
	buf_done(&render->scratch);
	json_free(render->line);
}

/* ---- text ------------------------------------------------------------------------------------ */

static int add_evidence(struct explanation *explanation, const struct finding *finding,
			struct buf *out)
{
	struct replay_options options;
	struct objects *objects;
	struct render render;

	if (start_render(explanation, &objects, &options, &render))
		return -ENOMEM;
	for (size_t i = 0; i < finding->n_evidence; i++) {
		objects_seek(objects, finding->evidence[i]);
		render_columns(&render, timeline_at(explanation->timeline, finding->evidence[i]),
			       out);
	}
	end_render(&render);
	return out->failed ? -ENOMEM : 0;
}

static int add_finding(struct explanation *explanation, size_t index, struct buf *out)
{
	struct finding *finding = &explanation->findings.all[index];
	int err;

	if (index)
		buf_add_char(out, '\n');
	buf_printf(out, "%zu. %s: ", index + 1, confidence_name(finding->confidence));
	buf_add(out, finding->sentence.data, finding->sentence.bytes);
	buf_add_text(out, ".\n\n");
	err = add_evidence(explanation, finding, out);
	if (finding->excluded.bytes) {
		buf_add_text(out, "\n   excluded: ");
		buf_add(out, finding->excluded.data, finding->excluded.bytes);
	}
	if (finding->next.bytes) {
		buf_add_text(out, "\n   next: ");
		buf_add(out, finding->next.data, finding->next.bytes);
	}
	buf_add_char(out, '\n');
	return err;
}

int explanation_text(struct explanation *explanation, size_t limit, struct buf *out)
{
	size_t count = explanation->findings.count;
	int err = 0;

	if (limit && count > limit)
		count = limit;
	if (!count) {
		buf_add_text(out, explanation->is_request ? "Nothing failed"
							  : "Nothing on the tape explains the end");
		buf_add_text(out, " (");
		buf_add(out, explanation->failure.data, explanation->failure.bytes);
		buf_add_text(out, "). The last acts were:\n\n");
		return add_evidence(explanation, &explanation->last_acts, out);
	}
	for (size_t i = 0; !err && i < count; i++)
		err = add_finding(explanation, i, out);
	return err;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static int add_json_evidence(struct explanation *explanation, const struct finding *finding,
			     struct json *to)
{
	struct replay_options options;
	struct objects *objects;
	struct render render;
	struct buf line = {0};

	if (start_render(explanation, &objects, &options, &render))
		return -ENOMEM;
	json_open_array(to, "evidence");
	for (size_t i = 0; i < finding->n_evidence; i++) {
		struct json *entry = NULL;

		objects_seek(objects, finding->evidence[i]);
		buf_clear(&line);
		render_json(&render, timeline_at(explanation->timeline, finding->evidence[i]),
			    &line);
		if (!line.failed && !json_parse(line.data, line.bytes, &entry))
			json_add(to, NULL, entry);
	}
	json_close(to);
	buf_done(&line);
	end_render(&render);
	return 0;
}

static void add_text(struct json *to, const char *key, const struct buf *text)
{
	if (text->bytes)
		json_add_bytes(to, key, text->data, text->bytes);
	else
		json_add_null(to, key);
}

void finding_json(const struct finding *finding, size_t rank, struct json *to)
{
	json_add_uint(to, "rank", rank);
	json_add_text(to, "kind", finding->kind);
	json_add_text(to, "confidence", confidence_name(finding->confidence));
	add_text(to, "object", &finding->object);
	add_text(to, "sentence", &finding->sentence);
	add_text(to, "excluded", &finding->excluded);
	add_text(to, "next", &finding->next);
}

int explanation_json(struct explanation *explanation, size_t index, struct json *to)
{
	const struct finding *finding = &explanation->findings.all[index];

	finding_json(finding, index + 1, to);
	return add_json_evidence(explanation, finding, to);
}
