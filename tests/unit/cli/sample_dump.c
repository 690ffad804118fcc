/* SPDX-License-Identifier: Apache-2.0 */
/* sample_dump DIRECTORY [N]: writes a made-up dump of N or 200 records there, prints its path. */
#include "tests/support/temp_store.h"

#include "common/cleanup.h"
#include "common/parse.h"

int main(int argc, char **argv)
{
	AUTO_FREE char *path = NULL;
	uint64_t records = 200;

	if (argc < 2 || argc > 3 || (argc == 3 && parse_uint(argv[2], 0, 1000000, &records)))
		return 2;
	path = sample_dump_new(argv[1], (unsigned)records);
	puts(path);
	return 0;
}
