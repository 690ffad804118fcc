/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as the conditions of a filter: refused with a reason, or applied to a tape.  Each line
 * of the input is a letter that chooses the kind of condition, and its value.
 */
#include <errno.h>

#include "common/cleanup.h"
#include "replay/replay.h"
#include "tests/support/sample_snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

DEFINE_CLEANUP(filter, struct filter *, filter_free)

static const struct snapshot *sample(void)
{
	static const struct sample_options options = {.flow_records = 5, .seed = 3};
	static struct snapshot *snapshot;

	if (!snapshot)
		snapshot = sample_snapshot_new(&options);
	return snapshot;
}

static void add(struct filter *filter, const char *line)
{
	struct filter_error why = {};
	enum filter_key key = (unsigned char)line[0] % (FILTER_LANE + 1);

	if (filter_add(filter, key, line + 1, &why) == -EINVAL && !why.text[0])
		abort();
}

static void render(const struct filter *filter)
{
	const struct replay_options options = {
		.arch = ARCH_X86_64, .format = REPLAY_COLUMNS, .filter = filter};
	struct replay_counts counts;
	AUTO_FREE char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return;
	if (replay_render(sample(), &options, out, &counts) || counts.shown > counts.events)
		abort();
	fclose(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	AUTO_FREE char *text = strndup((const char *)data, bytes);
	CLEANUP(cleanup_filter) struct filter *filter = NULL;
	char *rest = text, *line;

	if (!text || filter_new(ARCH_X86_64, &filter))
		return 0;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0])
			add(filter, line);
	render(filter);
	return 0;
}
