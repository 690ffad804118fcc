/* SPDX-License-Identifier: Apache-2.0 */
/* sample_dump DIRECTORY [RECORDS]: writes a made-up dump there and prints its path. */
#include "tests/support/temp_store.h"

#include "common/cleanup.h"
#include "common/parse.h"

int main(int argc, char **argv)
{
	AUTO_FREE char *path = NULL;
	uint64_t records = 200;

	if (argc == 2 || (argc == 3 && !parse_uint(argv[2], 1, 1000000, &records)))
		path = sample_dump_new(argv[1], (unsigned)records);

	if (!path)
		return 2;
	puts(path);
	return 0;
}
