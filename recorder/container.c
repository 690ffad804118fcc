/* SPDX-License-Identifier: Apache-2.0 */
/* The record that the daemon keeps of each recorded cgroup. */
#include "recorder/container.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_PREFIX_MIN 4

struct container *container_new(uint32_t slot, uint64_t cgroup_id, const char *path,
				uint64_t seen_ns)
{
	struct container *container = calloc(1, sizeof(*container));

	if (!container)
		return NULL;
	container->slot = slot;
	container->cgroup_id = cgroup_id;
	container->seen_ns = seen_ns;
	container->path = strdup(path);
	if (!container->path) {
		container_free(container);
		return NULL;
	}
	return container;
}

void container_free(struct container *container)
{
	if (!container)
		return;
	for (size_t i = 0; i < container->n_vitals; i++)
		free(container->vitals[i].name);
	free(container->vitals);
	cgroup_meter_close(&container->meter);
	oom_scene_done(&container->oom);
	samples_done(&container->samples);
	cgroup_place_done(&container->place);
	container_identity_done(&container->identity);
	free(container->path);
	free(container);
}

const char *container_label(const struct container *container, char *buffer, size_t room)
{
	const struct container_identity *identity = &container->identity;

	if (!container->named)
		snprintf(buffer, room, "cgroup %s", container->path);
	else if (identity->pod)
		snprintf(buffer, room, "%s/%s/%s", identity->namespace ? identity->namespace : "-",
			 identity->pod, identity->container);
	else
		snprintf(buffer, room, "%s", identity->container);
	return buffer;
}

bool container_matches(const struct container *container, const char *wanted)
{
	const struct container_identity *identity = &container->identity;
	size_t bytes = strlen(wanted);

	if (!container->named)
		return false;
	if (!strcmp(identity->container, wanted) || !strcmp(identity->container_id, wanted))
		return true;
	return bytes >= ID_PREFIX_MIN && !strncmp(identity->container_id, wanted, bytes);
}
