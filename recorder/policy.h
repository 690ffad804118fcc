/* SPDX-License-Identifier: Apache-2.0 */
/* What the configuration says for one container, by its names. Pure. */
#ifndef RECORDER_POLICY_H
#define RECORDER_POLICY_H

#include "common/config.h"
#include "dumper/snapshot.h"
#include "recorder/failure.h"

struct policy {
	bool record;
	uint64_t ring_bytes;
	uint32_t payload; /* enum igrec_payload_policy */
	uint32_t payload_bytes;
	struct failure_policy failure;
};

/*
 * The settings of the whole node, and over them each [policy] section that matches, in the order
 * of the file. Pause containers are not recorded.
 */
void policy_for(const struct config *config, const struct container_identity *identity,
		struct policy *ret);

/*
 * Of a container whose names are not known yet: the strictest payload policy of any section, so
 * that nothing is captured that a section forbids; the node's settings for the rest.
 */
void policy_before_names(const struct config *config, struct policy *ret);

/* The ring sizes that sections name, each once, into CONFIG_POLICIES_MAX places; returns how many.
 */
unsigned policy_ring_sizes(const struct config *config, uint64_t *ret_sizes);

/*
 * Takes over from a newly read configuration what can change while igrecd runs: [policy NAME],
 * [failure], [payload] and the log level.
 */
void policy_reload(struct config *config, const struct config *fresh);

#endif
