/* SPDX-License-Identifier: Apache-2.0 */
/* sample_dump DIRECTORY: writes a made-up dump there and prints its path. */
#include "tests/support/temp_store.h"

#include "common/cleanup.h"

int main(int argc, char **argv)
{
	AUTO_FREE char *path = argc == 2 ? sample_dump_new(argv[1], 200) : NULL;

	if (!path)
		return 2;
	puts(path);
	return 0;
}
