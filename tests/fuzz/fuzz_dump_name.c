/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a file name: what parses is formatted to the same name again.
 */
#include "common/cleanup.h"
#include "storage/dump_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	AUTO_FREE char *text = strndup((const char *)data, bytes);
	char back[DUMP_NAME_ROOM];
	struct dump_name name;

	if (!text || dump_name_parse(text, &name))
		return 0;
	dump_name_format(&name, back);
	if (strcmp(text, back) != 0)
		abort();
	return 0;
}
