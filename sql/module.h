/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables as virtual tables of SQLite: eponymous, so nothing is to be created, and functions of
 * a dump file: SELECT ... FROM events('FILE').
 */
#ifndef SQL_MODULE_H
#define SQL_MODULE_H

#include "sql/dumps.h"
#include "sql/sqlite.h"

/* Adds them all to a connection, which then holds `dumps`. SQLITE_OK or an error. */
int module_add_all(sqlite3 *sqlite, struct sql_dumps *dumps);

#endif
