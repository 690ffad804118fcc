/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between an opened dump and the list.  Packed, a row is '1' if the dump is complete or '0', the
 * four cells, each with its NUL and empty if not known, and the line of JSON.
 */
#include "cli/list_row.h"

#include <errno.h>
#include <sys/stat.h>

#include "cli/text.h"
#include "common/checksum.h"
#include "common/cleanup.h"
#include "common/json.h"

static void add_cell(struct buf *out, const char *text)
{
	buf_add(out, text ? text : "", text ? strlen(text) + 1 : 1);
}

int list_row_pack(const struct dump *dump, uint64_t bytes, struct buf *out)
{
	const struct snapshot *snapshot = dump_snapshot(dump);
	const struct container_identity *who = &snapshot->identity;
	struct json *object = dumps_json(dump, bytes);
	bool complete = dumps_complete(dump);
	struct text text;
	int err;

	buf_add_char(out, complete ? '1' : '0');
	add_cell(out, text_workload(&text, who->namespace, who->pod, who->container));
	add_cell(out, who->restart < 0 ? NULL : text_uint(&text, (uint64_t)who->restart));
	add_cell(out, text_failure(&text, &snapshot->failure));
	add_cell(out, complete ? dump_cause(dump) : "(incomplete: see igrec info)");
	err = json_write(object, out);
	json_free(object);
	return err || out->failed ? -ENOMEM : 0;
}

/* The next cell; false if none ends here. */
static bool take_cell(const char **at, const char *end, const char **ret)
{
	const char *nul = memchr(*at, '\0', (size_t)(end - *at));

	if (!nul)
		return false;
	*ret = nul == *at ? NULL : *at;
	*at = nul + 1;
	return true;
}

bool list_row_unpack(const char *data, size_t bytes, struct list_row *ret)
{
	const char *at = data + 1, *end = data + bytes;

	if (!bytes || !take_cell(&at, end, &ret->who) || !take_cell(&at, end, &ret->restart) ||
	    !take_cell(&at, end, &ret->kind) || !take_cell(&at, end, &ret->cause))
		return false;
	ret->complete = data[0] == '1';
	ret->json = at;
	ret->json_bytes = (size_t)(end - at);
	return true;
}

uint64_t list_row_maker(void)
{
	struct stat info = {};
	struct checksum checksum;

	/* Two builds of one version may differ: the program's file tells them apart. */
	if (stat("/proc/self/exe", &info) < 0)
		info = (struct stat){};
	checksum_init(&checksum);
	checksum_add(&checksum, IGREC_VERSION, sizeof(IGREC_VERSION));
	checksum_add(&checksum, &info.st_size, sizeof(info.st_size));
	checksum_add(&checksum, &info.st_mtim, sizeof(info.st_mtim));
	return checksum_value(&checksum);
}
