/* SPDX-License-Identifier: Apache-2.0 */
/* [policy NAME] sections: the part of common/config.c that concerns them. */
#ifndef COMMON_CONFIG_POLICY_H
#define COMMON_CONFIG_POLICY_H

#include "common/config.h"

/* inih cuts longer names of sections without a word. */
#define CONFIG_POLICY_NAME_MAX 40

/* The section is "policy NAME". */
bool config_policy_is(const char *section);
/* Whether that name is one; else error says what is allowed. */
bool config_policy_name_ok(const char *section, const char *origin, struct config_error *error);
/* The key by its name, NULL if there is none; "" is any key. */
const struct config_key *config_policy_find(const char *name);
/* Sets a key of a section, which is made on first use. 0 or -EINVAL with error's text set. */
int config_policy_set(struct config *config, const char *origin, const char *section,
		      const char *name, const char *value, unsigned line,
		      struct config_error *error);
/* What concerns several keys. Sets error's text if something is not allowed. */
void config_policy_check(const struct config *config, struct config_error *error);

#endif
