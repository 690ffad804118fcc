/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON, read and written: the one home of jansson.
 *
 * Strings from containers may be any bytes. Written, valid UTF-8 stays and every other byte becomes
 * U+FFFD, so that output is always valid JSON; characters that a terminal could act upon are
 * written as \uXXXX.
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
/*
 * A value: object, array, string, number, bool. A parsed one can be looked into and written, one
 * made by json_new_*() can be added to and written.
 */
struct json;

/* Parse. Returns 0 and a value to free, -EBADMSG for bad JSON, -ENOMEM; ret untouched on failure.
 */
int json_parse(const char *text, size_t bytes, struct json **ret);
/*
 * The same for an open file of at most max_bytes, from where it stands; it stays open. -EFBIG
 * beyond, -errno of read.
 */
int json_parse_fd(int fd, size_t max_bytes, struct json **ret);
struct json *json_new_object(void);
struct json *json_new_array(void);
void json_free(struct json *json);
/* Empties what json_new_*() gave, for the next one; keeps the memory. */
void json_clear(struct json *json);

/* Look up a member of an object by key; borrowed; NULL if absent or not an object. */
struct json *json_get(const struct json *object, const char *key);
/* Element of an array, borrowed; NULL past the end. */
struct json *json_at(const struct json *array, size_t index);
/* Borrowed text of a string value, NULL if it is no string. */
const char *json_text(const struct json *json);
/* Borrowed text of a string member, NULL if absent or no string. */
const char *json_get_text(const struct json *object, const char *key);
/* The same with its length: a text that was read may hold NUL. */
const char *json_get_bytes(const struct json *object, const char *key, size_t *ret_bytes);
/*
 * Integer member; 0, or -ENOENT if absent or no integer. In a text that holds any number beyond
 * int64_t, integers beyond 2^53 count as absent: they cannot be read exactly.
 */
int json_get_int(const struct json *object, const char *key, int64_t *ret);
bool json_get_bool(const struct json *object, const char *key);

/*
 * Add to an object (key) or, with key NULL, to an array. Keys must differ, and be
 * printable ASCII without quotes and backslashes. A NULL text is null.
 * Out of memory is reported by json_write(), which then writes nothing.
 */
void json_add_text(struct json *to, const char *key, const char *text);
void json_add_bytes(struct json *to, const char *key, const void *data, size_t bytes);
void json_add_int(struct json *to, const char *key, int64_t value);
/* Above INT64_MAX it is written as a string of decimal digits. */
void json_add_uint(struct json *to, const char *key, uint64_t value);
/* A number with three decimals: value / 1000. */
void json_add_thousandths(struct json *to, const char *key, int64_t value);
void json_add_bool(struct json *to, const char *key, bool value);
void json_add_null(struct json *to, const char *key);
/*
 * Adds an empty object or array, to which all that is added goes until json_close(). Cheaper than
 * one of its own. At most JSON_DEPTH_MAX of them within one another.
 */
#define JSON_DEPTH_MAX 15
void json_open_object(struct json *to, const char *key);
void json_open_array(struct json *to, const char *key);
void json_close(struct json *to);
/* Takes ownership of value, also on failure. */
void json_add(struct json *to, const char *key, struct json *value);
/* Adds all members of a parsed object to an object. */
void json_add_members(struct json *to, const struct json *from);

/* Appends the value on one line in insertion order, without a newline. 0 or -ENOMEM. */
int json_write(const struct json *json, struct buf *out);

#endif
