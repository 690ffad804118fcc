/* SPDX-License-Identifier: Apache-2.0 */
/* Findings for people and for programs; evidence is shown as replay shows it. */
#include "common/json.h"
#include "explain/explain.h"
#include "replay/excerpt.h"

/* ---- text ------------------------------------------------------------------------------------ */

static int add_evidence(struct explanation *explanation, const struct finding *finding,
			struct buf *out)
{
	return excerpt_text(explanation->timeline, explanation->arch, finding->evidence,
			    finding->n_evidence, "", out);
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
	return excerpt_json(explanation->timeline, explanation->arch, finding->evidence,
			    finding->n_evidence, "evidence", to);
}
