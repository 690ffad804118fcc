/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terms -> bounds.  SQLite checks every row against every term again, so bounds may be wider than
 * what was asked, never narrower.
 */
#include "sql/plan.h"

#include <string.h>

#include "export/event_columns.h"
#include "replay/words.h"

/* Letters of idxStr. */
enum {
	TERM_FILE = 'f',
	TERM_LANE = 'l',
	TERM_SINCE = 's',
	TERM_UNTIL = 'u',
	TERM_AT = 'a', /* both */
	TERM_REL_SINCE = 'r',
	TERM_REL_UNTIL = 'R',
	TERM_REL_AT = 'q',
	TERM_END_SINCE = 'e',
	TERM_END_UNTIL = 'E',
	TERM_END_AT = 'd',
};

/* By column: letters of lower bound, upper bound, equality; 0: of no use. */
static const struct {
	const char *name;
	char since, until, equal;
} useful[] = {
	{"lane", 0, 0, TERM_LANE},
	{"time_ns", TERM_SINCE, TERM_UNTIL, TERM_AT},
	{"rel_ns", TERM_REL_SINCE, TERM_REL_UNTIL, TERM_REL_AT},
	{"end_ns", TERM_END_SINCE, TERM_END_UNTIL, TERM_END_AT},
};

static char letter_of(const struct sql_table *table, int column, unsigned char op)
{
	struct sql_column own;

	if (table->view || column < 1 || !sql_column_at(table, (unsigned)column - 1, &own))
		return 0;
	for (size_t i = 0; i < sizeof(useful) / sizeof(useful[0]); i++) {
		if (strcmp(useful[i].name, own.name) != 0)
			continue;
		if (op == SQLITE_INDEX_CONSTRAINT_EQ)
			return useful[i].equal;
		if (op == SQLITE_INDEX_CONSTRAINT_GT || op == SQLITE_INDEX_CONSTRAINT_GE)
			return useful[i].since;
		if (op == SQLITE_INDEX_CONSTRAINT_LT || op == SQLITE_INDEX_CONSTRAINT_LE)
			return useful[i].until;
	}
	return 0;
}

/* The number of own columns is that of "file". */
static int file_column(const struct sql_table *table)
{
	struct sql_column column;
	int count = 0;

	while (sql_column_at(table, (unsigned)count, &column))
		count++;
	return count + 1;
}

static int flags_of(const struct sql_table *table, sqlite3_uint64 used)
{
	int flags = 0;

	if (table->view)
		return PLAN_WHOLE;
	for (unsigned i = 0; event_columns[i].name; i++) {
		if (!(used & 1ULL << (i + 1)))
			continue;
		if (event_columns[i].needs_whole)
			flags |= PLAN_WHOLE;
		if (event_columns[i].needs_objects)
			flags |= PLAN_OBJECTS;
	}
	return flags;
}

/* A guess in rows: each bound leaves a tenth. */
static void set_cost(const struct sql_table *table, const char *letters, sqlite3_index_info *info)
{
	double rows = table->view ? 1000 : 100000;

	for (; *letters; letters++) {
		if (*letters != TERM_FILE)
			rows /= *letters == TERM_LANE ? 3 : 10;
	}
	info->estimatedRows = (sqlite3_int64)rows + 1;
	info->estimatedCost = rows + 1;
}

/* Under another collation more texts are equal than those of the same bytes. */
static bool is_binary(sqlite3_index_info *info, int term)
{
	return !sqlite3_stricmp(sqlite3_vtab_collation(info, term), "BINARY");
}

int plan_make(const struct sql_table *table, sqlite3_index_info *info)
{
	char *letters = sqlite3_malloc(info->nConstraint + 1);
	int file = file_column(table), count = 0;

	if (!letters)
		return SQLITE_NOMEM;
	for (int i = 0; i < info->nConstraint; i++) {
		const struct sqlite3_index_constraint *term = &info->aConstraint[i];
		bool is_file = term->iColumn == file && term->op == SQLITE_INDEX_CONSTRAINT_EQ;
		char letter = is_file ? TERM_FILE : letter_of(table, term->iColumn, term->op);

		if (is_file && !term->usable) {
			sqlite3_free(letters);
			return SQLITE_CONSTRAINT;
		}
		if (!letter || !term->usable || (letter == TERM_LANE && !is_binary(info, i)))
			continue;
		letters[count++] = letter;
		info->aConstraintUsage[i].argvIndex = count;
		info->aConstraintUsage[i].omit = is_file;
	}
	letters[count] = '\0';
	info->idxStr = letters;
	info->needToFreeIdxStr = 1;
	info->idxNum = flags_of(table, info->colUsed);
	set_cost(table, letters, info);
	return SQLITE_OK;
}

/* ---- values ------------------------------------------------------------------------------- */

static void raise(int64_t *bound, int64_t value)
{
	if (value > *bound)
		*bound = value;
}

static void lower(int64_t *bound, int64_t value)
{
	if (value < *bound)
		*bound = value;
}

/*
 * A number as the whole numbers around it; false for what is none. Beyond 2^53 a REAL is not exact:
 * SQLite compares it exactly with integers, so one that does not fit bounds nothing.
 */
static bool around(sqlite3_value *value, int64_t *ret_below, int64_t *ret_above)
{
	double real;

	switch (sqlite3_value_type(value)) {
	case SQLITE_INTEGER:
		*ret_below = *ret_above = sqlite3_value_int64(value);
		return true;
	case SQLITE_FLOAT:
		real = sqlite3_value_double(value);
		if (!(real > -9e18 && real < 9e18))
			return false;
		*ret_below = (int64_t)real - 1;
		*ret_above = (int64_t)real + 1;
		return true;
	default:
		return false;
	}
}

static void read_lane(sqlite3_value *value, struct plan *plan)
{
	const char *name = (const char *)sqlite3_value_text(value);
	unsigned lanes = 0;

	for (int lane = 0; name && lane < IGREC_LANES; lane++) {
		if (!strcmp(name, lane_name((enum igrec_lane)lane)))
			lanes |= 1U << lane;
	}
	plan->lanes &= lanes;
}

static void read_time(char letter, sqlite3_value *value, struct plan *plan)
{
	int64_t below, above;

	if (!around(value, &below, &above))
		return;
	if (letter == TERM_SINCE || letter == TERM_AT)
		raise(&plan->since_ns, below);
	if (letter == TERM_UNTIL || letter == TERM_AT)
		lower(&plan->until_ns, above);
	if (letter == TERM_REL_SINCE || letter == TERM_REL_AT)
		raise(&plan->rel_since_ns, below);
	if (letter == TERM_REL_UNTIL || letter == TERM_REL_AT)
		lower(&plan->rel_until_ns, above);
	if (letter == TERM_END_SINCE || letter == TERM_END_AT)
		raise(&plan->end_since_ns, below);
	if (letter == TERM_END_UNTIL || letter == TERM_END_AT)
		lower(&plan->end_until_ns, above);
}

void plan_read(const char *letters, sqlite3_value **values, int count, struct plan *ret)
{
	struct plan plan = {
		.lanes = (1U << IGREC_LANES) - 1,
		.since_ns = INT64_MIN,
		.until_ns = INT64_MAX,
		.rel_since_ns = INT64_MIN,
		.rel_until_ns = INT64_MAX,
		.end_since_ns = INT64_MIN,
		.end_until_ns = INT64_MAX,
	};

	for (int i = 0; i < count; i++) {
		if (letters[i] == TERM_FILE) {
			plan.file = (const char *)sqlite3_value_text(values[i]);
			plan.is_empty |= !plan.file;
		} else if (letters[i] == TERM_LANE) {
			read_lane(values[i], &plan);
		} else {
			read_time(letters[i], values[i], &plan);
		}
	}
	plan.is_empty |= !plan.lanes;
	*ret = plan;
}

/* ---- bounds ------------------------------------------------------------------------------- */

/* bound + offset as CLOCK_MONOTONIC, clipped to what that can be; none stays none. */
static uint64_t moved(int64_t bound, int64_t offset)
{
	int64_t sum;

	if (bound == INT64_MAX)
		return UINT64_MAX;
	if (bound == INT64_MIN)
		return 0;
	if (__builtin_add_overflow(bound, offset, &sum))
		return offset < 0 ? 0 : UINT64_MAX;
	return sum < 0 ? 0 : (uint64_t)sum;
}

struct plan_bounds plan_bounds(const struct plan *plan, const struct snapshot *snapshot)
{
	int64_t real = snapshot->realtime_offset_ns == INT64_MIN ? INT64_MAX
								 : -snapshot->realtime_offset_ns;
	int64_t zero = (int64_t)(snapshot->failure.time_ns ? snapshot->failure.time_ns
							   : snapshot->taken_ns);
	uint64_t since_ns = moved(plan->since_ns, real);
	uint64_t until_ns = moved(plan->until_ns, real);
	uint64_t rel_since_ns = moved(plan->rel_since_ns, zero);
	uint64_t rel_until_ns = moved(plan->rel_until_ns, zero);
	uint64_t end_since_ns = moved(plan->end_since_ns, real);
	struct plan_bounds bounds = {
		.since_ns = since_ns > rel_since_ns ? since_ns : rel_since_ns,
		.until_ns = until_ns < rel_until_ns ? until_ns : rel_until_ns,
		.part = {.lanes = plan->lanes, .until_ns = moved(plan->end_until_ns, real)},
	};

	/* What begins later ends later. */
	bounds.part.since_ns = bounds.since_ns > end_since_ns ? bounds.since_ns : end_since_ns;
	return bounds;
}

bool plan_is_part(const struct plan *plan, int number)
{
	return !(number & PLAN_WHOLE) &&
	       (plan->lanes != (1U << IGREC_LANES) - 1 || plan->since_ns != INT64_MIN ||
		plan->rel_since_ns != INT64_MIN || plan->end_since_ns != INT64_MIN ||
		plan->end_until_ns != INT64_MAX);
}
