/* SPDX-License-Identifier: Apache-2.0 */
/* Values of single keys: the inner half of common/config.c. */
#ifndef COMMON_CONFIG_VALUE_H
#define COMMON_CONFIG_VALUE_H

#include "common/config.h"

/* Stores value in key's field of a struct. 0, or -EINVAL, -ERANGE with that unchanged. */
int config_value_set(void *to, const struct config_key *key, const char *value);

/* Appends to an error's text; what does not fit is cut. */
void config_error_add(struct config_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Appends what the key allows: "one of: none stdio all". */
void config_error_wanted(struct config_error *error, const struct config_key *key);

#endif
