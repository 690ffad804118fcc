/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of runtimes as containerd 1.6, CRI-O 1.24, Docker 20.10, Podman 4.3, runc 1.1, crun 1.8
 * and nerdctl 1.7 write them, cut down to what is read and its neighbours, below a root directory
 * of the test's own as a node's is mounted for igrecd in a pod.
 */
#include "recorder/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/cleanup.h"

#define ID	 "4f1d0c2b9e7a4f1d0c2b9e7a4f1d0c2b9e7a4f1d0c2b9e7a4f1d0c2b9e7a4f1d"
#define SANDBOX	 "aaaa0c2b9e7a4f1d0c2b9e7a4f1d0c2b9e7a4f1d0c2b9e7a4f1d0c2b9e7aaaaa"
#define UID	 "0f6c9a52-7d3e-4a0e-b6ff-1c2d3e4f5a6b"
#define UID_	 "0f6c9a52_7d3e_4a0e_b6ff_1c2d3e4f5a6b"
#define HASH	 "8ed7b1bd5c7e4b0e9e5b1bd5c7e4b0e9"
#define TASK	 "/run/containerd/io.containerd.runtime.v2.task/"
#define USERDATA "/run/containers/storage/overlay-containers/" ID "/userdata/config.json"
#define LIBPOD	 "/var/lib/containers/storage/overlay-containers/"

#define BURSTABLE "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice/"

static char base[] = "/tmp/igrec-identity-XXXXXX";
static struct config config;
static struct identity_roots roots;

static void make_parents(char *path)
{
	for (char *slash = path + strlen(base) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

/* A file of the node. */
static void put(const char *path, const char *text)
{
	char full[1024];
	AUTO_FCLOSE FILE *out = NULL;

	snprintf(full, sizeof(full), "%s%s", base, path);
	make_parents(full);
	out = fopen(full, "w");
	assert_non_null(out);
	fputs(text, out);
}

static void put_directory(const char *path)
{
	char full[1024];

	snprintf(full, sizeof(full), "%s%s/", base, path);
	make_parents(full);
}

/* A bundle with this cgroupsPath and these annotations. */
static void put_bundle(const char *path, const char *cgroup_path, const char *annotations)
{
	char text[4096];

	snprintf(text, sizeof(text),
		 "{\"ociVersion\":\"1.0.2-dev\",\"process\":{\"rlimits\":[{\"type\":"
		 "\"RLIMIT_NOFILE\",\"hard\":18446744073709551615}]},\"annotations\":{%s},"
		 "\"linux\":{\"cgroupsPath\":\"%s\",\"resources\":{}}}",
		 annotations, cgroup_path);
	put(path, text);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int set_up(void **state)
{
	memcpy(base + strlen(base) - 6, "XXXXXX", 6);
	if (!mkdtemp(base))
		return -1;
	config_init(&config);
	snprintf(config.host_root, sizeof(config.host_root), "%s", base);
	identity_roots_of(&config, &roots);
	put_directory("/run/runc");
	put_directory("/run/crun");
	return 0;
}

static int tear_down(void **state)
{
	return nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct container_identity found;

static int look_up(const char *cgroup_path)
{
	container_identity_done(&found);
	return identity_find(&roots, cgroup_path, &found);
}

/* What a lookup gives: NULL for a field without a value. */
static void check(const char *runtime, const char *namespace, const char *pod,
		  const char *container, const char *image, int64_t restart)
{
	const struct {
		const char *wanted, *got;
	} pairs[] = {{runtime, found.runtime},
		     {namespace, found.namespace},
		     {pod, found.pod},
		     {container, found.container},
		     {image, found.image}};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (pairs[i].wanted && !pairs[i].got)
			fail_msg("no \"%s\"", pairs[i].wanted);
		if (pairs[i].wanted)
			assert_string_equal(pairs[i].got, pairs[i].wanted);
		else
			assert_null(pairs[i].got);
	}
	assert_int_equal(found.restart, restart);
}

/* ---- runc, crun -------------------------------------------------------------------------- */

static void put_runc(const char *id, const char *cgroup_path, const char *bundle)
{
	char path[256], text[1024];

	snprintf(path, sizeof(path), "/run/runc/%s/state.json", id);
	snprintf(text, sizeof(text),
		 "{\"id\":\"%s\",\"init_process_pid\":42,\"config\":{\"cgroups\":{\"name\":\"%s\","
		 "\"path\":\"%s\",\"scope_prefix\":\"\",\"systemd\":false},"
		 "\"labels\":[\"other=1\",\"bundle=%s\"]}}",
		 id, id, cgroup_path, bundle);
	put(path, text);
}

static void runc_by_its_default_path(void **state)
{
	put_runc("crash-app", "", "/nowhere");
	assert_int_equal(look_up("/crash-app"), 0);
	check("runc", NULL, NULL, "crash-app", NULL, -1);
	assert_string_equal(found.container_id, "crash-app");
	assert_string_equal(found.cgroup_path, "/crash-app");
	assert_null(found.qos);
}

static void runc_by_a_path_of_its_own(void **state)
{
	put_runc("web", "/some/where", "/nowhere");
	assert_int_equal(look_up("/some/where"), 0);
	assert_string_equal(found.container_id, "web");
	assert_int_equal(look_up("/web"), -ENOENT);
}

static void runc_in_a_scope(void **state)
{
	put("/run/runc/web/state.json",
	    "{\"config\":{\"cgroups\":{\"name\":\"web\",\"path\":\"\",\"parent\":\"ci.slice\","
	    "\"scope_prefix\":\"runc\",\"systemd\":true}}}");
	assert_int_equal(look_up("/ci.slice/runc-web.scope"), 0);
	check("runc", NULL, NULL, "web", NULL, -1);
	assert_int_equal(look_up("/web"), -ENOENT);
}

static void a_directory_without_state_is_a_container_to_be(void **state)
{
	put_directory("/run/runc/young");
	assert_int_equal(look_up("/young"), -EAGAIN);
	put("/run/runc/young/state.json", "{\"config\": {\"cgr"); /* half written */
	assert_int_equal(look_up("/young"), -EAGAIN);
}

static void names_of_a_pod_from_the_bundle(void **state)
{
	put_bundle("/bundle/config.json", "",
		   "\"io.kubernetes.cri.container-name\":\"api\","
		   "\"io.kubernetes.cri.sandbox-name\":\"shop-7d4-x\","
		   "\"io.kubernetes.cri.sandbox-namespace\":\"prod\","
		   "\"io.kubernetes.cri.sandbox-uid\":\"u-1\","
		   "\"io.kubernetes.cri.image-name\":\"registry/shop:3\"");
	put_runc("abc123", "/kubepods/podu-1/abc123", "/bundle");
	assert_int_equal(look_up("/kubepods/podu-1/abc123"), 0);
	check("runc", "prod", "shop-7d4-x", "api", "registry/shop:3", -1);
	assert_string_equal(found.container_id, "abc123");
	assert_string_equal(found.pod_uid, "u-1");
	assert_string_equal(found.qos, "guaranteed");
}

static void crun_by_its_status(void **state)
{
	put("/run/crun/c-1/status",
	    "{\"pid\": 7, \"cgroup-path\": \"/c-1\", \"bundle\": \"/nowhere\"}");
	assert_int_equal(look_up("/c-1"), 0);
	check("crun", NULL, NULL, "c-1", NULL, -1);
}

static void link_in(const char *target, const char *path)
{
	char full[1024];

	snprintf(full, sizeof(full), "%s%s", base, path);
	make_parents(full);
	assert_int_equal(symlink(target, full), 0);
}

static void links_in_a_state_directory_are_not_followed(void **state)
{
	put_runc("real", "/linked", "/nowhere");
	link_in("real", "/run/runc/linked");
	assert_int_equal(look_up("/linked"), 0);
	assert_string_equal(found.container_id, "real"); /* found by the scan, not the link */

	put_bundle("/elsewhere/config.json", "/default/x", "");
	link_in("../../../../../elsewhere", TASK "default/x");
	assert_int_equal(look_up("/default/x"), -ENOENT);
	put_directory(TASK "default/y");
	link_in("/elsewhere/config.json", TASK "default/y/config.json");
	assert_int_equal(look_up("/default/y"), -EAGAIN);
}

/* Links on the way to a runtime's directory are those of the node, not of igrecd's own root. */
static void links_of_the_node_stay_in_it(void **state)
{
	put_bundle("/data/ctd/io.containerd.runtime.v2.task/default/x/config.json", "/default/x",
		   "");
	link_in("/data/ctd", "/run/containerd");
	assert_int_equal(look_up("/default/x"), 0);
}

static void files_that_are_no_files_do_not_stop_igrecd(void **state)
{
	char full[1024];

	put_directory(TASK "default/pipe");
	snprintf(full, sizeof(full), "%s%s", base, TASK "default/pipe/config.json");
	assert_int_equal(mkfifo(full, 0600), 0);
	assert_int_equal(look_up("/default/pipe"), -EAGAIN);

	put_bundle(TASK "default/huge/config.json", "/default/huge", "");
	snprintf(full, sizeof(full), "%s%s", base, TASK "default/huge/config.json");
	assert_int_equal(truncate(full, 1LL << 32), 0);
	assert_int_equal(look_up("/default/huge"), -EAGAIN);
}

/* ---- containerd -------------------------------------------------------------------------- */

static const char cri[] = "\"io.kubernetes.cri.container-name\":\"app\","
			  "\"io.kubernetes.cri.container-type\":\"container\","
			  "\"io.kubernetes.cri.image-name\":\"registry.local/app:1\","
			  "\"io.kubernetes.cri.sandbox-id\":\"" SANDBOX "\","
			  "\"io.kubernetes.cri.sandbox-name\":\"web-0\","
			  "\"io.kubernetes.cri.sandbox-namespace\":\"prod\","
			  "\"io.kubernetes.cri.sandbox-uid\":\"" UID "\"";

static void containerd_pod_by_cgroupfs(void **state)
{
	put_bundle(TASK "k8s.io/" ID "/config.json", "/kubepods/besteffort/pod" UID "/" ID, cri);
	put("/var/log/pods/prod_web-0_" UID "/app/2.log", "");
	put("/var/log/pods/prod_web-0_" UID "/app/10.log", "");
	put("/var/log/pods/prod_web-0_" UID "/app/11.log.20240101-000000.gz", "");
	put("/var/log/pods/prod_web-0_" UID "/side/77.log", "");
	assert_int_equal(look_up("/kubepods/besteffort/pod" UID "/" ID), 0);
	check("containerd", "prod", "web-0", "app", "registry.local/app:1", 10);
	assert_string_equal(found.container_id, ID);
	assert_string_equal(found.pod_uid, UID);
	assert_string_equal(found.sandbox_id, SANDBOX);
	assert_string_equal(found.qos, "besteffort");
	assert_false(found.static_pod);
	assert_false(identity_is_sandbox(&found));
}

static void containerd_pod_by_systemd(void **state)
{
	put_bundle(TASK "k8s.io/" ID "/config.json",
		   "kubepods-burstable-pod" UID_ ".slice:cri-containerd:" ID, cri);
	assert_int_equal(look_up(BURSTABLE "cri-containerd-" ID ".scope"), 0);
	check("containerd", "prod", "web-0", "app", "registry.local/app:1", -1);
	assert_string_equal(found.qos, "burstable");
	assert_int_equal(look_up(BURSTABLE "docker-" ID ".scope"), -ENOENT);
}

static void containerd_sandbox(void **state)
{
	put_bundle(TASK "k8s.io/" ID "/config.json", "/kubepods/pod" UID "/" ID,
		   "\"io.kubernetes.cri.container-type\":\"sandbox\","
		   "\"io.kubernetes.cri.sandbox-name\":\"web-0\"");
	assert_int_equal(look_up("/kubepods/pod" UID "/" ID), 0);
	assert_true(identity_is_sandbox(&found));
	assert_int_equal(look_up("/kubepods/pod" UID), -ENOENT);
}

static void containerd_static_pod(void **state)
{
	put_bundle(TASK "k8s.io/" ID "/config.json", "/kubepods/burstable/pod" HASH "/" ID,
		   "\"io.kubernetes.cri.container-name\":\"etcd\","
		   "\"io.kubernetes.cri.sandbox-name\":\"etcd-node1\","
		   "\"io.kubernetes.cri.sandbox-namespace\":\"kube-system\"");
	put("/var/log/pods/kube-system_etcd-node1_" HASH "/etcd/0.log", "");
	assert_int_equal(look_up("/kubepods/burstable/pod" HASH "/" ID), 0);
	check("containerd", "kube-system", "etcd-node1", "etcd", NULL, 0);
	assert_string_equal(found.pod_uid, HASH); /* no annotation: from the path */
	assert_true(found.static_pod);
}

static void containerd_by_ctr(void **state)
{
	put_bundle(TASK "ci/job-7/config.json", "/ci/job-7", "");
	assert_int_equal(look_up("/ci/job-7"), 0);
	check("containerd", "ci", NULL, "job-7", NULL, -1);
	assert_null(found.qos);
}

static void containerd_by_nerdctl(void **state)
{
	/* Labels of the image came along. */
	put_bundle(TASK "default/" ID "/config.json", "system.slice:nerdctl:" ID,
		   "\"nerdctl/name\":\"web\",\"nerdctl/namespace\":\"default\","
		   "\"io.kubernetes.cri.container-type\":\"sandbox\","
		   "\"io.kubernetes.cri.sandbox-name\":\"victim\"");
	assert_int_equal(look_up("/system.slice/nerdctl-" ID ".scope"), 0);
	check("containerd", "default", NULL, "web", NULL, -1);
	assert_false(identity_is_sandbox(&found));

	put_bundle(TASK "k8s.io/" SANDBOX "/config.json", "/k8s.io/" SANDBOX,
		   "\"nerdctl/name\":\"web2\",\"io.kubernetes.cri.sandbox-name\":\"victim\"");
	assert_int_equal(look_up("/k8s.io/" SANDBOX), 0);
	check("containerd", "k8s.io", NULL, "web2", NULL, -1);
}

/* ---- Docker ------------------------------------------------------------------------------ */

static void put_docker(const char *cgroup_path, const char *labels)
{
	char text[2048];

	put_bundle(TASK "moby/" ID "/config.json", cgroup_path, "");
	snprintf(text, sizeof(text),
		 "{\"StreamConfig\":{},\"State\":{\"Running\":true,\"Pid\":0},\"ID\":\"" ID "\","
		 "\"Config\":{\"Hostname\":\"4f1d\",\"Image\":\"shop:3\",\"Labels\":{%s}},"
		 "\"Image\":\"sha256:77\",\"Name\":\"/web\",\"RestartCount\":2}",
		 labels);
	put("/var/lib/docker/containers/" ID "/config.v2.json", text);
}

static void docker_by_cgroupfs(void **state)
{
	put_docker("/docker/" ID, "\"io.kubernetes.pod.name\":\"victim\"");
	assert_int_equal(look_up("/docker/" ID), 0);
	check("docker", NULL, NULL, "web", "shop:3", 2);
	assert_string_equal(found.image_id, "sha256:77");
}

static void docker_by_systemd(void **state)
{
	put_docker("system.slice:docker:" ID, "");
	assert_int_equal(look_up("/system.slice/docker-" ID ".scope"), 0);
	check("docker", NULL, NULL, "web", "shop:3", 2);
}

static void docker_under_a_kubelet(void **state)
{
	put_docker("kubepods-burstable-pod" UID_ ".slice:docker:" ID,
		   "\"io.kubernetes.pod.name\":\"web-0\",\"io.kubernetes.pod.namespace\":\"prod\","
		   "\"io.kubernetes.pod.uid\":\"" UID "\","
		   "\"io.kubernetes.container.name\":\"app\","
		   "\"io.kubernetes.docker.type\":\"container\","
		   "\"annotation.io.kubernetes.container.restartCount\":\"5\"");
	assert_int_equal(look_up(BURSTABLE "docker-" ID ".scope"), 0);
	check("docker", "prod", "web-0", "app", "shop:3", 5);
}

static void docker_without_its_file(void **state)
{
	put_bundle(TASK "moby/" ID "/config.json", "/docker/" ID, "");
	assert_int_equal(look_up("/docker/" ID), 0);
	check("docker", NULL, NULL, ID, NULL, -1);
}

/* ---- CRI-O, Podman ----------------------------------------------------------------------- */

#define CRIO(type)                                                                                 \
	"\"io.container.manager\":\"cri-o\","                                                      \
	"\"io.kubernetes.container.hash\":\"e1a3\","                                               \
	"\"io.kubernetes.container.name\":\"app\","                                                \
	"\"io.kubernetes.container.restartCount\":\"4\","                                          \
	"\"io.kubernetes.cri-o.ContainerID\":\"" ID "\","                                          \
	"\"io.kubernetes.cri-o.ContainerType\":\"" type "\","                                      \
	"\"io.kubernetes.cri-o.Image\":\"docker.io/library/shop:3\","                              \
	"\"io.kubernetes.cri-o.ImageName\":\"docker.io/library/shop:3\","                          \
	"\"io.kubernetes.cri-o.ImageRef\":\"9f00d\","                                              \
	"\"io.kubernetes.cri-o.LogPath\":\"/var/log/pods/prod_web-0_" UID "/app/4.log\","          \
	"\"io.kubernetes.cri-o.Metadata\":\"{\\\"name\\\":\\\"app\\\",\\\"attempt\\\":4}\","       \
	"\"io.kubernetes.cri-o.SandboxID\":\"" SANDBOX "\","                                       \
	"\"io.kubernetes.pod.name\":\"web-0\",\"io.kubernetes.pod.namespace\":\"prod\","           \
	"\"io.kubernetes.pod.uid\":\"" UID "\""

static void crio_by_systemd(void **state)
{
	put_bundle(USERDATA, "kubepods-burstable-pod" UID_ ".slice:crio:" ID, CRIO("container"));
	assert_int_equal(look_up(BURSTABLE "crio-" ID ".scope"), 0);
	check("cri-o", "prod", "web-0", "app", "docker.io/library/shop:3", 4);
	assert_string_equal(found.container_id, ID);
	assert_string_equal(found.image_id, "9f00d");
	assert_string_equal(found.sandbox_id, SANDBOX);
	assert_string_equal(found.pod_uid, UID);
	/* The monitor beside it. */
	assert_int_equal(look_up(BURSTABLE "crio-conmon-" ID ".scope"), -ENOENT);
}

static void crio_by_cgroupfs(void **state)
{
	put_bundle(USERDATA, "/kubepods/burstable/pod" UID "/crio-" ID, CRIO("container"));
	assert_int_equal(look_up("/kubepods/burstable/pod" UID "/crio-" ID), 0);
	check("cri-o", "prod", "web-0", "app", "docker.io/library/shop:3", 4);
}

static void crio_sandbox(void **state)
{
	put_bundle(USERDATA, "/kubepods/burstable/pod" UID "/crio-" ID, CRIO("sandbox"));
	assert_int_equal(look_up("/kubepods/burstable/pod" UID "/crio-" ID), 0);
	assert_true(identity_is_sandbox(&found));
}

static void put_podman(const char *cgroup_path, const char *name, const char *annotations)
{
	char text[1024];

	put_bundle(LIBPOD ID "/userdata/config.json", cgroup_path, annotations);
	snprintf(text, sizeof(text),
		 "[{\"id\":\"" SANDBOX "\",\"names\":[\"other\"]},{\"id\":\"" ID
		 "\",\"names\":[\"%s\"],\"image\":\"77aa\",\"layer\":\"1\",\"metadata\":"
		 "\"{\\\"image-name\\\":\\\"registry.local/bb:1\\\",\\\"name\\\":\\\"x\\\"}\"}]",
		 name);
	put(LIBPOD "containers.json", text);
}

static void podman_by_both_drivers(void **state)
{
	put_directory("/run/containers/storage/overlay-containers/" ID "/userdata");
	put_podman("/libpod_parent/libpod-" ID, "web",
		   "\"io.container.manager\":\"libpod\",\"io.kubernetes.pod.name\":\"victim\","
		   "\"io.kubernetes.cri-o.ContainerType\":\"sandbox\"");
	assert_int_equal(look_up("/libpod_parent/libpod-" ID), 0);
	check("podman", NULL, NULL, "web", "registry.local/bb:1", -1);
	assert_string_equal(found.image_id, "77aa");
	assert_false(identity_is_sandbox(&found)); /* an image's annotation says so */

	put_podman("machine.slice:libpod:" ID, "web", "");
	assert_int_equal(look_up("/machine.slice/libpod-" ID ".scope"), 0);
	check("podman", NULL, NULL, "web", "registry.local/bb:1", -1);
	assert_int_equal(look_up("/machine.slice/libpod-conmon-" ID ".scope"), -ENOENT);
	assert_int_equal(look_up("/libpod_parent/conmon"), -ENOENT);
}

static void podman_infra(void **state)
{
	put_podman("machine.slice:libpod:" ID, "5a5a-infra",
		   "\"io.kubernetes.cri-o.ContainerType\":\"sandbox\"");
	assert_int_equal(look_up("/machine.slice/libpod-" ID ".scope"), 0);
	assert_true(identity_is_sandbox(&found));
}

/* ---- claims ------------------------------------------------------------------------------ */

/* A container that may make cgroups names one as another container's. */
static void names_claim_nothing(void **state)
{
	put_bundle(TASK "k8s.io/" ID "/config.json", "/kubepods/burstable/pod" UID "/" ID, cri);
	put_bundle(USERDATA, "kubepods-burstable-pod" UID_ ".slice:crio:" ID, CRIO("container"));
	put_runc("web", "/web", "/nowhere");
	assert_int_equal(look_up("/default/evil/kubepods/burstable/pod" UID "/" ID), -ENOENT);
	assert_int_equal(look_up("/default/evil/" ID), -ENOENT);
	assert_int_equal(look_up("/default/evil/crio-" ID ".scope"), -ENOENT);
	assert_int_equal(look_up("/default/evil/web"), -ENOENT);
	assert_int_equal(look_up("/default/evil/cri-containerd-..scope"), -ENOENT);
}

static void the_cgroup_names_what_no_runtime_knows(void **state)
{
	assert_int_equal(look_up("/else/thing"), -ENOENT);
	assert_int_equal(identity_from_cgroup(&roots, "/else/thing", &found), 0);
	check("cgroup", NULL, NULL, "thing", NULL, -1);
	assert_string_equal(found.cgroup_path, "/else/thing");
	assert_false(identity_is_unit(&found));
	container_identity_done(&found);
}

/* It came and went while no igrecd ran, and its bundle with it. */
static void the_log_directory_names_the_pod(void **state)
{
	put("/var/log/pods/web-0_" UID "/app/2.log", "");
	put("/var/log/pods/prod_web-0_" UID "0/app/2.log", "");
	assert_int_equal(identity_from_cgroup(&roots, "/kubepods/burstable/pod" UID "/" ID, &found),
			 0);
	check("cgroup", NULL, NULL, ID, NULL, -1);
	container_identity_done(&found);
	put("/var/log/pods/prod_web-0_" UID "/app/2.log", "");
	assert_int_equal(identity_from_cgroup(&roots, "/kubepods/burstable/pod" UID "/" ID, &found),
			 0);
	check("cgroup", "prod", "web-0", ID, NULL, -1);
	assert_string_equal(found.pod_uid, UID);
}

/* Of this program in the default hierarchy, as cgroups(7) tells it. */
static const char *own_cgroup(void)
{
	static char line[4096];
	AUTO_FCLOSE FILE *file = fopen("/proc/self/cgroup", "re");

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "0::", 3)) {
			line[strcspn(line, "\n")] = '\0';
			return line + 3;
		}
	return "/";
}

static void units_are_known_if_wanted(void **state)
{
	struct config_error error;

	assert_int_equal(look_up("/system.slice/nginx.service"), -ENOENT);
	assert_int_equal(config_set(&config, "test", "runtimes", "record-units",
				    "nginx*.service /batch/*", &error),
			 0);
	assert_int_equal(look_up("/system.slice/nginx.service"), 0);
	check("systemd", NULL, NULL, "nginx.service", NULL, -1);
	assert_true(identity_is_unit(&found));
	assert_int_equal(look_up("/batch/7"), 0);
	check("cgroup", NULL, NULL, "7", NULL, -1);
	assert_int_equal(look_up("/system.slice/ssh.service"), -ENOENT);
	/* All, but not the one that this program runs in. */
	assert_int_equal(config_set(&config, "test", "runtimes", "record-units", "*", &error), 0);
	assert_int_equal(look_up(own_cgroup()), -ENOENT);
	assert_int_equal(look_up("/no.slice/other.service"), 0);
	put_runc("job.service", "/batch/job.service", "/nowhere");
	assert_int_equal(look_up("/batch/job.service"), 0);
	check("runc", NULL, NULL, "job.service", NULL, -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static int free_found(void **state)
{
	container_identity_done(&found);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(runc_by_its_default_path),
		TEST(runc_by_a_path_of_its_own),
		TEST(runc_in_a_scope),
		TEST(a_directory_without_state_is_a_container_to_be),
		TEST(names_of_a_pod_from_the_bundle),
		TEST(crun_by_its_status),
		TEST(links_in_a_state_directory_are_not_followed),
		TEST(links_of_the_node_stay_in_it),
		TEST(files_that_are_no_files_do_not_stop_igrecd),
		TEST(containerd_pod_by_cgroupfs),
		TEST(containerd_pod_by_systemd),
		TEST(containerd_sandbox),
		TEST(containerd_static_pod),
		TEST(containerd_by_ctr),
		TEST(containerd_by_nerdctl),
		TEST(docker_by_cgroupfs),
		TEST(docker_by_systemd),
		TEST(docker_under_a_kubelet),
		TEST(docker_without_its_file),
		TEST(crio_by_systemd),
		TEST(crio_by_cgroupfs),
		TEST(crio_sandbox),
		TEST(podman_by_both_drivers),
		TEST(podman_infra),
		TEST(names_claim_nothing),
		TEST(the_cgroup_names_what_no_runtime_knows),
		TEST(the_log_directory_names_the_pod),
		TEST(units_are_known_if_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, free_found);
}
