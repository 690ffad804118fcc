/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File names of dumps: TIME_NAMESPACE_POD_CONTAINER_KIND_ID.igrec, as docs/dump-format.md
 * describes them.  Names hold only [A-Za-z0-9._-], sort by time, and fit NAME_MAX.
 */
#ifndef STORAGE_DUMP_NAME_H
#define STORAGE_DUMP_NAME_H

#include <stddef.h>
#include <stdint.h>

#define DUMP_ID_LENGTH 12  /* hex digits */
#define DUMP_NAME_ROOM 256 /* enough for every name and its NUL */

/* What a name says. Texts are as in the name: reduced to its characters and cut. */
struct dump_name {
	int64_t time_ns; /* CLOCK_REALTIME, whole milliseconds */
	char namespace[49], pod[81], container[65], kind[13]; /* "" where the name has "-" */
	char id[DUMP_ID_LENGTH + 1];
};

/* Fills in the texts of *ret from any text, NULL for unknown; what does not fit is left out from
 * its middle. time_ns is cut to milliseconds and to the years 1970 to 2262. */
void dump_name_set(struct dump_name *ret, int64_t time_ns, const char *namespace, const char *pod,
		   const char *container, const char *kind, const char *id);

/* Reduces one text to what a name shows of it, so that texts can be compared with names. */
void dump_name_reduce(const char *text, char *ret, size_t room);

/* Writes the file name, at most DUMP_NAME_ROOM bytes with NUL. */
void dump_name_format(const struct dump_name *name, char *ret);

/* The other direction. 0, or -EINVAL if `file` is no name that dump_name_format() makes. */
int dump_name_parse(const char *file, struct dump_name *ret);

#endif
