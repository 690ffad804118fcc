/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secrets PATH --password SECRET: lets SECRET, and what its own text has, reach the tape in every
 * way that a program has, and fails.  The path may hold it, too.  With a further argument it waits
 * before that, and with two it reads a file first.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "facts.h"

static void put(const char *text)
{
	if (write(1, text, strlen(text)) < 0)
		_exit(2);
}

static void put_all(const char *secret)
{
	char line[256], half[64];
	struct iovec parts[2] = {{"password=", 9}, {(void *)secret, strlen(secret)}};

	snprintf(line, sizeof(line), "DB_PASSWORD=%s\nHOME=/\n", secret);
	put(line);
	snprintf(line, sizeof(line), "connecting to postgres://app:%s@db:5432/app\n", secret);
	put(line);
	snprintf(line, sizeof(line), "{\"name\":\"API_TOKEN\",\"value\":\"%s\"}\n", secret);
	put(line);
	if (writev(1, parts, 2) < 0)
		_exit(2);
	/* In pieces, within the name and within the value. */
	put("\ntok");
	snprintf(half, sizeof(half), "en=%.5s", secret);
	put(half);
	put(secret + 5);
	put("\n");
}

/* What no pattern is about. */
static void put_bare(const char *secret)
{
	char line[256];

	snprintf(line, sizeof(line), "it is %s, they say\n", secret);
	put(line);
}

/* What is neither written nor on a descriptor that programs talk through. */
static void read_file(void)
{
	char text[64];
	int fd = open("/etc/tour", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text)) < 0)
		_exit(2);
	close(fd);
}

int main(int argc, char **argv)
{
	int fd;

	if (argc < 4)
		return 2;
	prctl(PR_SET_NAME, "secrets");
	put_all(argv[3]);
	put_bare(argv[3]);
	fd = open(argv[1], O_RDONLY);
	fprintf(stderr, "cannot open %s with token=%s\n", argv[1], argv[3]);
	if (argc > 5)
		read_file();
	if (argc > 4) {
		fact_ready();
		if (read(0, &fd, 1) < 0)
			return 2;
		fd = -1;
	}
	return fd < 0 ? 1 : 3;
}
