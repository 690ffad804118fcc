/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was said while programs were loaded.  The verifier's log of one program can be megabytes,
 * and its reason stands at the end: the text is a window that keeps the end.
 */
#include "recorder/load_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"

#define KEPT_BYTES (256 * 1024)

static char text[KEPT_BYTES];
static size_t text_bytes;
static char last[256];

void load_log_clear(void)
{
	text_bytes = 0;
	last[0] = 0;
}

static void keep(const char *words, size_t bytes)
{
	if (bytes > KEPT_BYTES) {
		words += bytes - KEPT_BYTES;
		bytes = KEPT_BYTES;
	}
	if (text_bytes + bytes > KEPT_BYTES) {
		size_t gone = text_bytes + bytes - KEPT_BYTES;

		text_bytes -= gone;
		memmove(text, text + gone, text_bytes);
	}
	memcpy(text + text_bytes, words, bytes);
	text_bytes += bytes;
}

void load_log_add(const char *format, va_list args)
{
	AUTO_FREE char *words = NULL;
	int bytes = vasprintf(&words, format, args);

	if (bytes < 0) {
		words = NULL;
		return;
	}
	keep(words, (size_t)bytes);
	if (!strstr(words, "PROG LOAD LOG")) {
		snprintf(last, sizeof(last), "%s", words);
		last[strcspn(last, "\n")] = 0;
	}
}

const char *load_log_last(void)
{
	return last;
}

int load_log_write(const char *path)
{
	AUTO_CLOSE int fd = -1;
	size_t done = 0;

	if (!text_bytes)
		return -ENOENT;
	if (unlink(path) && errno != ENOENT)
		return -errno;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (done < text_bytes) {
		ssize_t written = write(fd, text + done, text_bytes - done);

		if (written < 0)
			return -errno;
		done += (size_t)written;
	}
	return 0;
}
