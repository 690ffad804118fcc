/* SPDX-License-Identifier: Apache-2.0 */
/*
 * igrec_sqlite.so, for programs that use SQLite:  .load igrec_sqlite  in its shell,
 * connection.load_extension("igrec_sqlite") in Python.
 */
#include "sql/module.h"

SQLITE_EXTENSION_INIT1

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int sqlite3_igrec_init(sqlite3 *sqlite, char **ret_why,
				const sqlite3_api_routines *routines);
/* The name that SQLite makes of the file's, for who gives none. */
EXPORTED int sqlite3_igrecsqlite_init(sqlite3 *sqlite, char **ret_why,
				      const sqlite3_api_routines *routines);

int sqlite3_igrec_init(sqlite3 *sqlite, char **ret_why, const sqlite3_api_routines *routines)
{
	struct sql_dumps *dumps;
	int code;

	SQLITE_EXTENSION_INIT2(routines)
	dumps = sql_dumps_new();
	if (!dumps)
		return SQLITE_NOMEM;
	code = module_add_all(sqlite, dumps);
	sql_dumps_unref(dumps);
	return code;
}

int sqlite3_igrecsqlite_init(sqlite3 *sqlite, char **ret_why, const sqlite3_api_routines *routines)
{
	return sqlite3_igrec_init(sqlite, ret_why, routines);
}
