/* SPDX-License-Identifier: Apache-2.0 */
/*
 * noise RECORDS: opens /etc/app (which is not there) and then writes RECORDS times 96 random bytes
 * to standard output, which no compression makes smaller; exits with 1.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long records = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	uint64_t dice = 88172645463325252ULL, line[12];

	open("/etc/app", O_RDONLY);
	for (long i = 0; i < records; i++) {
		for (size_t word = 0; word < sizeof(line) / sizeof(line[0]); word++) {
			dice ^= dice << 13;
			dice ^= dice >> 7;
			dice ^= dice << 17;
			line[word] = dice;
		}
		if (write(1, line, sizeof(line)) != sizeof(line))
			return 2;
	}
	return 1;
}
