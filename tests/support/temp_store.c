/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Temporary directories and files of tests.
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "dumper/dump_writer.h"
#include "tests/support/must.h"
#include "tests/support/sample_snapshot.h"
#include "tests/support/temp_store.h"

char *temp_directory_new(void)
{
	const char *base = getenv("TMPDIR");
	char *path = NULL;

	must(asprintf(&path, "%s/igrec-test-XXXXXX", base ? base : "/tmp") > 0);
	must(mkdtemp(path));
	return path;
}

static bool is_real(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

void temp_directory_remove(char *path)
{
	AUTO_CLOSEDIR DIR *dir = opendir(path);
	const struct dirent *entry;

	must(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (!is_real(entry))
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) < 0)
			must(unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) == 0);
	}
	must(rmdir(path) == 0);
	free(path);
}

size_t temp_directory_count(const char *path)
{
	AUTO_CLOSEDIR DIR *dir = opendir(path);
	const struct dirent *entry;
	size_t count = 0;

	must(dir);
	while ((entry = readdir(dir)) != NULL)
		count += is_real(entry);
	return count;
}

unsigned char *file_read(const char *path, size_t *ret_bytes)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	unsigned char *data;
	struct stat info;

	must(file && fstat(fileno(file), &info) == 0);
	data = malloc((size_t)info.st_size + 1);
	must(data);
	*ret_bytes = fread(data, 1, (size_t)info.st_size, file);
	must(*ret_bytes == (size_t)info.st_size);
	return data;
}

void file_write(const char *path, const void *data, size_t bytes)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, data, bytes) == (ssize_t)bytes);
}

char *sample_dump_new(const char *directory, unsigned flow_records)
{
	const struct sample_options options = {.flow_records = flow_records, .seed = 1};
	struct snapshot *snapshot = sample_snapshot_new(&options);
	AUTO_FREE char *file = NULL;
	struct store *store = NULL;
	char *path = NULL;

	must(store_open(directory, false, &store) == 0);
	must(dump_write(snapshot, &(struct dump_cause){.sentence = "it read address 0"}, store,
			&file) == 0);
	must(asprintf(&path, "%s/%s", directory, file) > 0);
	store_close(store);
	snapshot_free(snapshot);
	return path;
}
