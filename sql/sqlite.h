/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite for this stage, which is built twice: into igrec, with SQLITE_CORE, where its functions
 * are called as they are, and as a loadable extension, where they go through the table that the
 * program which loads it hands over.
 */
#ifndef SQL_SQLITE_H
#define SQL_SQLITE_H

#include <sqlite3ext.h>

SQLITE_EXTENSION_INIT3

#endif
