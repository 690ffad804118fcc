/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store in a temporary directory, for tests.  What goes wrong here aborts.
 */
#ifndef TESTS_SUPPORT_TEMP_STORE_H
#define TESTS_SUPPORT_TEMP_STORE_H

#include <stddef.h>

#include "storage/store.h"

/* Makes an empty directory; to be freed by temp_directory_remove(). */
char *temp_directory_new(void);
/* Removes it with the files in it. */
void temp_directory_remove(char *path);

/* Names in the directory apart from "." and "..". */
size_t temp_directory_count(const char *path);

/* Reads or writes a whole file. */
unsigned char *file_read(const char *path, size_t *ret_bytes);
void file_write(const char *path, const void *data, size_t bytes);

/* Writes sample_snapshot_new() with so many flow records into the directory; the file's path,
 * to be freed. */
char *sample_dump_new(const char *directory, unsigned flow_records);

#endif
