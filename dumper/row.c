/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing, reading and freeing of rows, driven by the descriptions in dumper/row_layout.c.  What
 * is read comes from a file and is checked value by value.
 */
#include <errno.h>
#include <limits.h>

#include "common/cleanup.h"
#include "dumper/row.h"
#include "dumper/row_layout.h"

static const char *const lane_names[IGREC_LANES] = {
	[IGREC_LANE_START] = "start",
	[IGREC_LANE_VITAL] = "vital",
	[IGREC_LANE_FLOW] = "flow",
};

static const char *const policy_names[] = {
	[IGREC_PAYLOAD_NONE] = "none",
	[IGREC_PAYLOAD_STDIO] = "stdio",
	[IGREC_PAYLOAD_ALL] = "all",
};

const char *row_lane_name(enum igrec_lane lane)
{
	return (unsigned)lane < IGREC_LANES ? lane_names[lane] : "?";
}

const char *row_policy_name(enum igrec_payload_policy policy)
{
	return (unsigned)policy < ARRAY_SIZE(policy_names) ? policy_names[policy] : "?";
}

/* ---- writing ---------------------------------------------------------------------------- */

static int bind_bounded(struct db_stmt *stmt, const char *parameter, const char *text, size_t most)
{
	return db_bind_text(stmt, parameter, text, text ? strnlen(text, most) : 0);
}

static int bind_name(struct db_stmt *stmt, const struct row_field *field, const void *at)
{
	uint32_t value;

	if (field->type == ROW_FIELD_KIND)
		return bind_bounded(stmt, field->parameter,
				    failure_kind_name(*(const enum failure_kind *)at),
				    ROW_TEXT_BYTES);
	value = *(const uint32_t *)at;
	if (field->type == ROW_FIELD_LANE)
		return bind_bounded(stmt, field->parameter, row_lane_name((enum igrec_lane)value),
				    ROW_TEXT_BYTES);
	if (value >= ARRAY_SIZE(policy_names))
		return -EINVAL;
	return bind_bounded(stmt, field->parameter, policy_names[value], ROW_TEXT_BYTES);
}

static int bind_blob(struct db_stmt *stmt, const struct row_field *field, const char *row)
{
	const void *data = *(void *const *)(row + field->offset);
	size_t bytes = *(const size_t *)(row + field->bytes_offset);

	if (field->type == ROW_FIELD_BLOB && bytes > ROW_TEXT_BYTES)
		bytes = ROW_TEXT_BYTES;
	return db_bind_blob(stmt, field->parameter, data, bytes);
}

static int bind_number(struct db_stmt *stmt, const struct row_field *field, const void *at)
{
	switch (field->type) {
	case ROW_FIELD_U32:
		return db_bind_int(stmt, field->parameter, *(const uint32_t *)at);
	case ROW_FIELD_I32:
		return db_bind_int(stmt, field->parameter, *(const int32_t *)at);
	case ROW_FIELD_BOOL:
		return db_bind_int(stmt, field->parameter, *(const bool *)at);
	case ROW_FIELD_UNKNOWN_I64:
		if (*(const int64_t *)at < 0)
			return db_bind_null(stmt, field->parameter);
		return db_bind_int(stmt, field->parameter, *(const int64_t *)at);
	default:
		return db_bind_int(stmt, field->parameter, *(const int64_t *)at);
	}
}

static int bind_field(struct db_stmt *stmt, const struct row_field *field, const char *row)
{
	const char *at = row + field->offset;

	switch (field->type) {
	case ROW_FIELD_CHAR:
		return bind_bounded(stmt, field->parameter, at, 1);
	case ROW_FIELD_COMM:
		return bind_bounded(stmt, field->parameter, at, IGREC_COMM_BYTES);
	case ROW_FIELD_KIND:
	case ROW_FIELD_POLICY:
	case ROW_FIELD_LANE:
		return bind_name(stmt, field, at);
	case ROW_FIELD_TEXT:
	case ROW_FIELD_WORD:
		return bind_bounded(stmt, field->parameter, *(char *const *)at, ROW_TEXT_BYTES);
	case ROW_FIELD_BLOB:
	case ROW_FIELD_DATA:
		return bind_blob(stmt, field, row);
	default:
		return bind_number(stmt, field, at);
	}
}

int row_write(struct db *db, enum schema_table table, const void *row)
{
	const struct row_layout *layout = row_layout_of(table);
	AUTO_DB_STMT struct db_stmt *stmt = NULL;
	int err;

	err = db_take(db, SCHEMA_INSERT(table), &stmt);
	for (size_t i = 0; i < layout->count && !err; i++)
		err = bind_field(stmt, &layout->fields[i], row);
	return err ? err : db_step(stmt);
}

/* ---- reading ---------------------------------------------------------------------------- */

static int read_number(struct db_stmt *stmt, size_t column, const struct row_field *field, void *at)
{
	int64_t value = db_column_int(stmt, column);
	enum db_type type = db_column_type(stmt, column);

	if (type == DB_NULL && field->type == ROW_FIELD_UNKNOWN_I64)
		value = -1;
	else if (type != DB_INT)
		return -EUCLEAN;
	switch (field->type) {
	case ROW_FIELD_U32:
		*(uint32_t *)at = (uint32_t)value;
		return value == *(uint32_t *)at ? 0 : -EUCLEAN;
	case ROW_FIELD_I32:
		*(int32_t *)at = (int32_t)value;
		return value == *(int32_t *)at ? 0 : -EUCLEAN;
	case ROW_FIELD_BOOL:
		*(bool *)at = value != 0;
		return value == *(bool *)at ? 0 : -EUCLEAN;
	default:
		*(int64_t *)at = value;
		return 0;
	}
}

static int name_index(const char *text, const char *const *list, size_t count, uint32_t *ret)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(text, list[i]) == 0) {
			*ret = (uint32_t)i;
			return 0;
		}
	}
	return -EUCLEAN;
}

static int read_short(const char *text, size_t bytes, size_t most, char *at)
{
	if (bytes > most)
		return -EUCLEAN;
	memcpy(at, text, bytes);
	return 0;
}

/* A text with a place inside the row. */
static int read_name(struct db_stmt *stmt, size_t column, const struct row_field *field, void *at)
{
	size_t bytes;
	const char *text = db_column_data(stmt, column, &bytes);

	if (!text || db_column_type(stmt, column) != DB_TEXT || strlen(text) != bytes)
		return -EUCLEAN;
	switch (field->type) {
	case ROW_FIELD_CHAR:
		return read_short(text, bytes, 1, at);
	case ROW_FIELD_COMM:
		return read_short(text, bytes, IGREC_COMM_BYTES, at);
	case ROW_FIELD_KIND:
		return failure_kind_parse(text, at) ? -EUCLEAN : 0;
	case ROW_FIELD_LANE:
		return name_index(text, lane_names, ARRAY_SIZE(lane_names), at);
	default:
		return name_index(text, policy_names, ARRAY_SIZE(policy_names), at);
	}
}

static int copy_bytes(const void *data, size_t bytes, size_t *budget, void **ret)
{
	char *copy;

	if (bytes >= *budget)
		return -EFBIG;
	copy = malloc(bytes + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, bytes);
	copy[bytes] = '\0';
	*budget -= bytes + 1;
	*ret = copy;
	return 0;
}

static bool is_text(enum row_field_type type)
{
	return type == ROW_FIELD_TEXT || type == ROW_FIELD_WORD;
}

/* A text or blob that the row owns. */
static int read_owned(struct db_stmt *stmt, size_t column, const struct row_field *field,
		      size_t *budget, char *row)
{
	enum db_type wanted = is_text(field->type) ? DB_TEXT : DB_BLOB;
	enum db_type type = db_column_type(stmt, column);
	size_t bytes;
	const void *data;

	if (type == DB_NULL && (field->type == ROW_FIELD_TEXT || field->type == ROW_FIELD_BLOB))
		return 0;
	if (type != wanted)
		return -EUCLEAN;
	data = db_column_data(stmt, column, &bytes);
	if (!data)
		return -ENOMEM;
	if (field->type != ROW_FIELD_DATA && bytes > ROW_TEXT_BYTES)
		return -EUCLEAN;
	if (is_text(field->type) && strlen(data) != bytes)
		return -EUCLEAN;
	if (!is_text(field->type))
		*(size_t *)(row + field->bytes_offset) = bytes;
	return copy_bytes(data, bytes, budget, (void **)(row + field->offset));
}

static int read_field(struct db_stmt *stmt, size_t column, const struct row_field *field,
		      size_t *budget, char *row)
{
	switch (field->type) {
	case ROW_FIELD_CHAR:
	case ROW_FIELD_COMM:
	case ROW_FIELD_KIND:
	case ROW_FIELD_POLICY:
	case ROW_FIELD_LANE:
		return read_name(stmt, column, field, row + field->offset);
	case ROW_FIELD_TEXT:
	case ROW_FIELD_WORD:
	case ROW_FIELD_BLOB:
	case ROW_FIELD_DATA:
		return read_owned(stmt, column, field, budget, row);
	default:
		return read_number(stmt, column, field, row + field->offset);
	}
}

int row_read(struct db_stmt *stmt, enum schema_table table, size_t *budget, void *row)
{
	const struct row_layout *layout = row_layout_of(table);
	int err = 0;

	memset(row, 0, layout->row_bytes);
	for (size_t i = 0; i < layout->count && !err; i++)
		err = read_field(stmt, i, &layout->fields[i], budget, row);
	if (err)
		row_done(table, row);
	return err;
}

int64_t row_rowid(struct db_stmt *stmt, enum schema_table table)
{
	return db_column_int(stmt, row_layout_of(table)->count);
}

void row_done(enum schema_table table, void *row)
{
	const struct row_layout *layout = row_layout_of(table);

	for (size_t i = 0; i < layout->count; i++) {
		if (layout->fields[i].type >= ROW_FIELD_TEXT)
			free(*(void **)((char *)row + layout->fields[i].offset));
	}
	memset(row, 0, layout->row_bytes);
}

/* ---- checksum --------------------------------------------------------------------------- */

void row_checksum_int(struct checksum *checksum, int64_t value)
{
	checksum_add(checksum, "I", 1);
	checksum_add(checksum, &value, sizeof(value));
}

void row_checksum_bytes(struct checksum *checksum, char type, const void *data, size_t bytes)
{
	uint64_t length = bytes;

	checksum_add(checksum, &type, 1);
	checksum_add(checksum, &length, sizeof(length));
	checksum_add(checksum, data, bytes);
}

static void checksum_column(struct checksum *checksum, struct db_stmt *stmt, size_t column)
{
	enum db_type type = db_column_type(stmt, column);
	const void *data;
	size_t bytes = 0;

	switch (type) {
	case DB_INT:
		row_checksum_int(checksum, db_column_int(stmt, column));
		return;
	case DB_TEXT:
	case DB_BLOB:
		data = db_column_data(stmt, column, &bytes);
		row_checksum_bytes(checksum, type == DB_TEXT ? 'T' : 'B', data, data ? bytes : 0);
		return;
	default:
		checksum_add(checksum, type == DB_NULL ? "N" : "R", 1);
	}
}

void row_checksum_add(struct checksum *checksum, struct db_stmt *stmt, enum schema_table table,
		      unsigned version)
{
	const struct row_layout *layout = row_layout_of(table);
	size_t count = layout->count_in[version] ? layout->count_in[version] : layout->count;

	for (size_t i = 0; i < count; i++) {
		if (layout->fields[i].type != ROW_FIELD_DATA)
			checksum_column(checksum, stmt, i);
	}
}
