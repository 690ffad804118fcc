/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of a policy section's keys and how they are filled.  Sections stay in the order of
 * the file, for a later one comes over an earlier one; what they mean is recorder/policy.c's.
 */
#include "common/config_policy.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/config_value.h"

#define KIB    (1ULL << 10)
#define MIB    (1ULL << 20)
#define PREFIX "policy "

#define FIELD(member) offsetof(struct config_policy, member)

static const struct config_key keys[CONFIG_POLICY_KEYS] = {
	[CONFIG_POLICY_NAMESPACE] = {"policy", "namespace", CONFIG_GLOBS, FIELD(namespace),
				     .help = "for containers in these namespaces"},
	[CONFIG_POLICY_POD] = {"policy", "pod", CONFIG_GLOBS, FIELD(pod),
			       .help = "for containers of these pods"},
	[CONFIG_POLICY_CONTAINER] = {"policy", "container", CONFIG_GLOBS, FIELD(container),
				     .help = "for containers with these names"},
	[CONFIG_POLICY_IMAGE] = {"policy", "image", CONFIG_GLOBS, FIELD(image),
				 .help = "for containers of these images"},
	[CONFIG_POLICY_RECORD] = {"policy", "record", CONFIG_CHOICE, FIELD(record),
				  .names = "no yes", .help = "whether they are recorded at all"},
	[CONFIG_POLICY_RING_SIZE] = {"policy", "ring-size", CONFIG_SIZE, FIELD(ring_bytes),
				     64 * KIB, 16 * MIB, IGREC_BLOCK_BYTES,
				     .help = "memory of the ring of each"},
	[CONFIG_POLICY_PAYLOAD] = {"policy", "payload", CONFIG_CHOICE, FIELD(payload),
				   .names = "none stdio all", .help = "as [payload] policy"},
	[CONFIG_POLICY_PAYLOAD_BYTES] = {"policy", "payload-bytes", CONFIG_COUNT,
					 FIELD(payload_bytes), 1, IGREC_CAPTURE_PAYLOAD_BYTES,
					 .help = "as [payload] bytes"},
	[CONFIG_POLICY_KINDS] = {"policy", "kinds", CONFIG_NAMES, FIELD(failure_kinds),
				 .names = CONFIG_FAILURE_NAMES, .help = "as [failure] kinds"},
	[CONFIG_POLICY_IGNORE_CODES] = {"policy", "ignore-exit-codes", CONFIG_CODES_SET,
					FIELD(ignored_codes),
					.help = "ends with these exit codes are no failures"},
	[CONFIG_POLICY_STOP_SIGNALS] = {"policy", "stop-signals", CONFIG_SIGNALS,
					FIELD(stop_signals), .help = "as [failure] stop-signals"},
	[CONFIG_POLICY_CHILD_SIGNALS] = {"policy", "child-signals", CONFIG_SIGNALS,
					 FIELD(child_signals),
					 .help = "as [failure] child-signals"},
};

const struct config_key *config_policy_keys(size_t *ret_count)
{
	*ret_count = ARRAY_SIZE(keys);
	return keys;
}

bool config_policy_is(const char *section)
{
	return !strncmp(section, PREFIX, strlen(PREFIX));
}

bool config_policy_name_ok(const char *section, const char *origin, struct config_error *error)
{
	size_t length = strlen(section + strlen(PREFIX));

	if (length && length <= CONFIG_POLICY_NAME_MAX)
		return true;
	config_error_add(error, "%s: [%s]: a policy's name has 1 to %d characters", origin, section,
			 CONFIG_POLICY_NAME_MAX);
	return false;
}

const struct config_key *config_policy_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!*name || !strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

/* The section by its name, made if it is new; NULL: there are too many. */
static struct config_policy *section_of(struct config *config, const char *name)
{
	struct config_policy *policy;

	for (unsigned i = 0; i < config->n_policies; i++)
		if (!strcmp(config->policy[i].name, name))
			return &config->policy[i];
	if (config->n_policies == CONFIG_POLICIES_MAX)
		return NULL;
	policy = &config->policy[config->n_policies++];
	*policy = (struct config_policy){0};
	snprintf(policy->name, sizeof(policy->name), "%s", name);
	return policy;
}

int config_policy_set(struct config *config, const char *origin, const char *section,
		      const char *name, const char *value, unsigned line,
		      struct config_error *error)
{
	const struct config_key *key = config_policy_find(name);
	struct config_policy *policy = section_of(config, section + strlen(PREFIX));

	if (!policy) {
		config_error_add(error, "%s: there are more than %d [policy] sections", origin,
				 CONFIG_POLICIES_MAX);
	} else if (!key) {
		config_error_add(error, "%s: there is no key %s.%s; see igrec.conf(5)", origin,
				 section, name);
	} else if (policy->line[key - keys]) {
		config_error_add(error, "%s: %s.%s: was set before, on line %u", origin, section,
				 name, policy->line[key - keys]);
	} else if (config_value_set(policy, key, value)) {
		config_error_add(error, "%s: %s.%s: \"%.100s\" is not ", origin, section, name,
				 value);
		config_error_wanted(error, key);
	} else {
		policy->line[key - keys] = line;
		return 0;
	}
	return -EINVAL;
}

void config_policy_check(const struct config *config, struct config_error *error)
{
	for (unsigned i = 0; i < config->n_policies; i++) {
		const struct config_policy *policy = &config->policy[i];
		unsigned line = policy->line[CONFIG_POLICY_RING_SIZE];

		if (!line || policy->ring_bytes <= config->ring_memory_bytes)
			continue;
		config_error_add(error,
				 "%s:%u: policy %s.ring-size: ring.memory-limit holds no such "
				 "ring: raise it or lower ring-size",
				 config->file, line, policy->name);
		return;
	}
}
