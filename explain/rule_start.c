/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's program was never started, and no call failed: the runtime looked at the program
 * and did not like what it saw.
 */
#include <string.h>
#include <sys/stat.h>

#include "decode/value.h"
#include "explain/rules.h"
#include "explain/words.h"

#define SCORE 92

/* The path and mode of a stat that succeeded. */
static bool looked_at(const struct facts *facts, const struct act *act, char path[256],
		      uint32_t *ret_mode)
{
	const struct layout *layout;
	bool has_path = false, has_mode = false;
	struct event event;

	facts_event(facts, act, &event);
	layout = event_layout(facts->arch, &event);
	for (unsigned i = 0; i < layout->count; i++) {
		struct value value = event_argument(&event, layout, i), member;

		if (value.type == VALUE_PATH && value.data_bytes && value.data_bytes < 256) {
			memcpy(path, value.data, value.data_bytes);
			path[value.data_bytes] = '\0';
			has_path = true;
		}
		for (unsigned j = 0;
		     value.type == VALUE_STRUCT && value.layout && j < value.layout->count; j++) {
			if (value.layout->fields[j].type != VALUE_FILE_MODE ||
			    !struct_member(&value, j, &member))
				continue;
			*ret_mode = (uint32_t)member.number;
			has_mode = true;
		}
	}
	return has_path && has_mode;
}

/* The last thing that was looked at, if hardly anything came after it. */
static const struct act *last_look(const struct facts *facts)
{
	unsigned seen = 0;

	for (size_t i = facts->n_acts; i > 0 && seen < 12; i--) {
		const struct act *act = &facts->acts[i - 1];

		if (act->in_flight)
			continue;
		seen++;
		if (act->error && act->kind == ACT_EXEC)
			return NULL;
		if (act->kind == ACT_LOOK && !act->error)
			return act;
	}
	return NULL;
}

void rule_start(const struct facts *facts, const struct candidates *candidates,
		struct findings *findings)
{
	const struct act *look = facts->setup_only ? last_look(facts) : NULL;
	struct finding *finding;
	char path[256];
	uint32_t mode;
	bool is_directory;

	if (!look || !looked_at(facts, look, path, &mode))
		return;
	is_directory = S_ISDIR(mode);
	if (!is_directory && (!S_ISREG(mode) || (mode & 0111)))
		return;
	finding = findings_add(findings, is_directory ? "is-a-directory" : "not-executable",
			       CONFIDENCE_CERTAIN, SCORE);
	if (!finding)
		return;
	buf_add_text(&finding->object, path);
	buf_add_text(&finding->sentence, "the container's program ");
	words_object(&finding->sentence, path);
	if (is_directory)
		buf_add_text(&finding->sentence, " is a directory");
	else
		buf_printf(&finding->sentence, " is not executable: its mode is %04o",
			   mode & 07777);
	buf_add_text(&finding->sentence, ", so the runtime did not start it");
	finding_add_evidence(finding, look->entry);
	buf_add_text(&finding->next, "chmod +x the program in the image, or look at command and "
				     "args of the container");
}
