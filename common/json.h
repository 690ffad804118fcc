/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON, read and written: the one home of jansson.
 *
 * Strings from containers may be any bytes. json_add_bytes() keeps valid UTF-8 and writes every
 * other byte as U+FFFD, so that output is always valid JSON.
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct json; /* a value: object, array, string, number, bool */

/* Parse. Returns 0 and a value to free, -EBADMSG for bad JSON, -ENOMEM; ret untouched on failure. */
int json_parse(const char *text, size_t bytes, struct json **ret);
/* The same for a file of at most max_bytes; -EFBIG beyond, -errno of open and read. */
int json_parse_file(int dir_fd, const char *path, size_t max_bytes, struct json **ret);
struct json *json_new_object(void);
struct json *json_new_array(void);
void json_free(struct json *json);

/* Look up a member of an object by key; borrowed; NULL if absent or not an object. */
struct json *json_get(const struct json *object, const char *key);
/* Element of an array, borrowed; NULL past the end. */
struct json *json_at(const struct json *array, size_t index);
/* Borrowed text of a string member, NULL if absent or no string. */
const char *json_get_text(const struct json *object, const char *key);
/* Integer member; 0, or -ENOENT if absent or no integer. */
int json_get_int(const struct json *object, const char *key, int64_t *ret);
bool json_get_bool(const struct json *object, const char *key);

/* Add to an object (key) or, with key NULL, to an array. Out of memory is reported by json_write. */
void json_add_text(struct json *to, const char *key, const char *text);
void json_add_bytes(struct json *to, const char *key, const void *data, size_t bytes);
void json_add_int(struct json *to, const char *key, int64_t value);
/* Above INT64_MAX it is written as a string of decimal digits. */
void json_add_uint(struct json *to, const char *key, uint64_t value);
void json_add_bool(struct json *to, const char *key, bool value);
void json_add_null(struct json *to, const char *key);
/* Takes ownership of value, also on failure. */
void json_add(struct json *to, const char *key, struct json *value);

/* Appends the value on one line in insertion order, without a newline. 0 or -ENOMEM. */
int json_write(const struct json *json, struct buf *out);

#endif
