/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Annotations and labels with Kubernetes' names.  Sources: containerd pkg/cri/annotations, CRI-O
 * pkg/annotations, kubelet pkg/kubelet/types/labels.go and kuberuntime/labels.go, dockershim.
 */
#include <errno.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/parse.h"
#include "recorder/runtime.h"

#define FIELD(member) offsetof(struct container_identity, member)

static const struct {
	const char *key;
	size_t offset;
} known[] = {
	{"io.kubernetes.cri.container-name", FIELD(container)},
	{"io.kubernetes.cri.container-type", FIELD(type)},
	{"io.kubernetes.cri.image-name", FIELD(image)},
	{"io.kubernetes.cri.sandbox-name", FIELD(pod)},
	{"io.kubernetes.cri.sandbox-namespace", FIELD(namespace)},
	{"io.kubernetes.cri.sandbox-uid", FIELD(pod_uid)},
	{"io.kubernetes.cri.sandbox-id", FIELD(sandbox_id)},
	{"io.kubernetes.cri-o.ContainerType", FIELD(type)},
	{"io.kubernetes.cri-o.ImageName", FIELD(image)},
	{"io.kubernetes.cri-o.Image", FIELD(image)},
	{"io.kubernetes.cri-o.ImageRef", FIELD(image_id)},
	{"io.kubernetes.cri-o.SandboxID", FIELD(sandbox_id)},
	{"io.kubernetes.container.name", FIELD(container)},
	{"io.kubernetes.pod.name", FIELD(pod)},
	{"io.kubernetes.pod.namespace", FIELD(namespace)},
	{"io.kubernetes.pod.uid", FIELD(pod_uid)},
	{"io.kubernetes.sandbox.id", FIELD(sandbox_id)},
};

static const char *const restart_keys[] = {
	"io.kubernetes.container.restartCount",
	"annotation.io.kubernetes.container.restartCount",
};

int runtime_set(char **field, const char *text)
{
	if (!text || !*text || *field)
		return 0;
	*field = strdup(text);
	return *field ? 0 : -ENOMEM;
}

void runtime_set_restart(struct container_identity *identity, const char *text)
{
	uint64_t count;

	if (identity->restart < 0 && text && !parse_uint(text, 0, INT32_MAX, &count))
		identity->restart = (int64_t)count;
}

int runtime_add_pod_keys(const struct json *annotations, struct container_identity *identity)
{
	const char *docker_type = json_get_text(annotations, "io.kubernetes.docker.type");
	int err = 0;

	if (docker_type)
		err = runtime_set(&identity->type,
				  strcmp(docker_type, "podsandbox") ? "container" : "sandbox");
	for (size_t i = 0; i < ARRAY_SIZE(known) && !err; i++)
		err = runtime_set((char **)((char *)identity + known[i].offset),
				  json_get_text(annotations, known[i].key));
	for (size_t i = 0; i < ARRAY_SIZE(restart_keys); i++)
		runtime_set_restart(identity, json_get_text(annotations, restart_keys[i]));
	return err;
}
