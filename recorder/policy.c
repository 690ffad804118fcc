/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matches [policy] sections with identities.  Asked when a container's names are read, and for all
 * of them after a reload.
 */
#include "recorder/policy.h"

#include <fnmatch.h>
#include <string.h>

#include "recorder/identity.h"

static bool matches_any(const char *globs, const char *text)
{
	char glob[CONFIG_LIST_BYTES];

	while (*globs) {
		size_t bytes = strcspn(globs, " ");

		memcpy(glob, globs, bytes);
		glob[bytes] = '\0';
		if (text && !fnmatch(glob, text, 0))
			return true;
		globs += bytes;
		globs += strspn(globs, " ");
	}
	return false;
}

/* A section that does not ask for a name takes any; "none" takes no container. */
static bool asks_for(const struct config_policy *section, enum config_policy_key key,
		     const char *globs, const char *text)
{
	return !section->line[key] || matches_any(globs, text);
}

static bool matches(const struct config_policy *section, const struct container_identity *identity)
{
	return asks_for(section, CONFIG_POLICY_NAMESPACE, section->namespace,
			identity->namespace) &&
	       asks_for(section, CONFIG_POLICY_POD, section->pod, identity->pod) &&
	       asks_for(section, CONFIG_POLICY_CONTAINER, section->container,
			identity->container) &&
	       asks_for(section, CONFIG_POLICY_IMAGE, section->image, identity->image);
}

static void take_failure(const struct config_policy *section, struct failure_policy *ret)
{
	if (section->line[CONFIG_POLICY_KINDS])
		ret->kinds = section->failure_kinds;
	if (section->line[CONFIG_POLICY_STOP_SIGNALS])
		ret->stop_signals = section->stop_signals;
	if (section->line[CONFIG_POLICY_CHILD_SIGNALS])
		ret->child_signals = section->child_signals;
	if (section->line[CONFIG_POLICY_IGNORE_CODES])
		memcpy(ret->ignored_codes, section->ignored_codes, sizeof(ret->ignored_codes));
}

static void take(const struct config_policy *section, struct policy *ret)
{
	if (section->line[CONFIG_POLICY_RECORD])
		ret->record = section->record;
	if (section->line[CONFIG_POLICY_RING_SIZE])
		ret->ring_bytes = section->ring_bytes;
	if (section->line[CONFIG_POLICY_PAYLOAD])
		ret->payload = section->payload;
	if (section->line[CONFIG_POLICY_PAYLOAD_BYTES])
		ret->payload_bytes = section->payload_bytes;
	take_failure(section, &ret->failure);
}

static void take_node(const struct config *config, struct policy *ret)
{
	*ret = (struct policy){
		.record = true,
		.ring_bytes = config->ring_bytes,
		.payload = config->payload,
		.payload_bytes = config->payload_bytes,
		.failure =
			{
				.kinds = config->failure_kinds,
				.stop_signals = config->stop_signals,
				.child_signals = config->child_signals,
			},
	};
}

void policy_for(const struct config *config, const struct container_identity *identity,
		struct policy *ret)
{
	take_node(config, ret);
	for (unsigned i = 0; i < config->n_policies; i++)
		if (matches(&config->policy[i], identity))
			take(&config->policy[i], ret);
	if (identity_is_sandbox(identity))
		ret->record = false;
}

void policy_before_names(const struct config *config, struct policy *ret)
{
	take_node(config, ret);
	for (unsigned i = 0; i < config->n_policies; i++) {
		const struct config_policy *section = &config->policy[i];

		if (section->line[CONFIG_POLICY_PAYLOAD] && section->payload < ret->payload)
			ret->payload = section->payload;
		if (section->line[CONFIG_POLICY_PAYLOAD_BYTES] &&
		    section->payload_bytes < ret->payload_bytes)
			ret->payload_bytes = section->payload_bytes;
	}
}

unsigned policy_ring_sizes(const struct config *config, uint64_t *ret_sizes)
{
	unsigned count = 0;

	for (unsigned i = 0; i < config->n_policies; i++) {
		uint64_t size = config->policy[i].ring_bytes;
		unsigned known = 0;

		while (known < count && ret_sizes[known] != size)
			known++;
		if (config->policy[i].line[CONFIG_POLICY_RING_SIZE] && known == count)
			ret_sizes[count++] = size;
	}
	return count;
}

void policy_reload(struct config *config, const struct config *fresh)
{
	memcpy(config->policy, fresh->policy, sizeof(config->policy));
	config->n_policies = fresh->n_policies;
	config->payload = fresh->payload;
	config->payload_bytes = fresh->payload_bytes;
	config->failure_kinds = fresh->failure_kinds;
	config->stop_signals = fresh->stop_signals;
	config->child_signals = fresh->child_signals;
	config->per_container_per_hour = fresh->per_container_per_hour;
	config->per_node_per_minute = fresh->per_node_per_minute;
	config->crash_loop = fresh->crash_loop;
	config->crash_loop_ns = fresh->crash_loop_ns;
	config->log_level = fresh->log_level;
}
