/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identity and failure of a dump as named facts.  Names: OpenTelemetry Semantic Conventions,
 * resource attributes of services, containers, Kubernetes, hosts.
 */
#include "export/container_facts.h"

#include <string.h>

#include "decode/names.h"

struct taker {
	void (*take)(void *user, const struct container_fact *fact);
	void *user;
};

static void put_bytes(const struct taker *to, const char *name, const char *text, size_t bytes)
{
	if (text && bytes)
		to->take(to->user, &(struct container_fact){name, text, bytes, 0});
}

static void put_text(const struct taker *to, const char *name, const char *text)
{
	put_bytes(to, name, text, text ? strlen(text) : 0);
}

static void put_number(const struct taker *to, const char *name, int64_t number)
{
	to->take(to->user, &(struct container_fact){name, NULL, 0, number});
}

/* "registry:5000/app" of "registry:5000/app:1.2@sha256:..." */
static size_t image_name_bytes(const char *image)
{
	size_t bytes = strcspn(image, "@");
	const char *slash = strrchr(image, '/');
	const char *colon = memchr(slash ? slash : image, ':', strlen(slash ? slash : image));

	if (colon && (size_t)(colon - image) < bytes)
		bytes = (size_t)(colon - image);
	return bytes;
}

static void put_kubernetes(const struct taker *to, const struct container_identity *who)
{
	if (!who->pod)
		return;
	put_text(to, "k8s.namespace.name", who->namespace);
	put_text(to, "k8s.pod.name", who->pod);
	put_text(to, "k8s.pod.uid", who->pod_uid);
	put_text(to, "k8s.container.name", who->container);
	if (who->restart >= 0)
		put_number(to, "k8s.container.restart_count", who->restart);
	put_text(to, "k8s.node.name", who->node);
}

static void put_container(const struct taker *to, const struct container_identity *who)
{
	put_text(to, "container.id", who->container_id);
	put_text(to, "container.name", who->container);
	if (who->image) {
		put_bytes(to, "container.image.name", who->image, image_name_bytes(who->image));
		put_text(to, "igrec.image", who->image);
	}
	put_text(to, "container.image.id", who->image_id);
	put_text(to, "container.runtime.name", who->runtime);
	put_text(to, "igrec.cgroup", who->cgroup_path);
}

static void put_failure(const struct taker *to, const struct dump *dump)
{
	const struct failure *failure = &dump_snapshot(dump)->failure;

	put_text(to, "igrec.failure.kind", failure_kind_name(failure->kind));
	if (failure->kind != FAILURE_REQUESTED && failure->signal)
		put_text(to, "igrec.failure.signal", signal_name(failure->signal));
	else if (failure->kind != FAILURE_REQUESTED)
		put_number(to, "igrec.failure.exit_code", failure->exit_code);
	put_text(to, "igrec.failure.cause", dump_cause(dump));
}

void container_facts(const struct dump *dump,
		     void (*take)(void *user, const struct container_fact *fact), void *user)
{
	const struct container_identity *who = &dump_snapshot(dump)->identity;
	const struct taker to = {take, user};
	const char *service = who->container ? who->container : who->container_id;
	bool is_amd64 = !strcmp(dump_arch(dump), "x86_64");

	put_text(&to, "service.name", service ? service : "unknown_service");
	put_kubernetes(&to, who);
	put_container(&to, who);
	put_text(&to, "host.name", who->node);
	put_text(&to, "host.arch", is_amd64 ? "amd64" : "arm64");
	put_text(&to, "os.type", "linux");
	put_text(&to, "igrec.dump", dump_id(dump));
	put_failure(&to, dump);
}
