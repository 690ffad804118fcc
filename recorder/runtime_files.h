/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening and reading the files that runtimes keep, on the node's file system as igrecd sees it.
 * Nothing here leaves that, follows a link out of a runtime's directory, waits, or reads without
 * a bound: what lies there may be half written, huge or planted.
 */
#ifndef RECORDER_RUNTIME_FILES_H
#define RECORDER_RUNTIME_FILES_H

#include <limits.h>

#include "common/json.h"

#define RUNTIME_FILE_BYTES_MAX (4 << 20)

/* The next path of a list that spaces separate, which *list moves behind. False: there is none. */
bool runtime_next_path(const char **list, char ret[PATH_MAX]);

/*
 * A directory by its path on the node, whose root is `host_root` here; links are followed as the
 * node would. A descriptor, or -errno.
 */
int runtime_dir_open(const char *host_root, const char *path);
/* A directory below one, no links. A descriptor, or -errno. */
int runtime_dir_open_below(int dir, const char *path);
/* A regular file below a directory for reading, no links. A descriptor, or -errno. */
int runtime_file_open(int dir, const char *path);
/* A regular file below a directory as JSON, no links. 0, -errno, -EBADMSG, -EFBIG, -ENOMEM. */
int runtime_json_read(int dir, const char *path, struct json **ret);

#endif
