/* SPDX-License-Identifier: Apache-2.0 */
/* Runtime state files as runc 1.1 and crun 1.8 write them, cut down to what is read. */
#include "recorder/identity.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/cleanup.h"

static char base[] = "/tmp/igrec-identity-XXXXXX";
static char runc_root[64], crun_root[64];
static struct identity_roots roots = {.runc = runc_root, .crun = crun_root};

static void put(const char *directory, const char *file, const char *text)
{
	char path[512];
	AUTO_FCLOSE FILE *out = NULL;

	mkdir(directory, 0755);
	snprintf(path, sizeof(path), "%s/%s", directory, file);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
}

static void put_runc(const char *id, const char *cgroup_path, const char *bundle)
{
	char directory[256], text[1024];

	snprintf(directory, sizeof(directory), "%s/%s", runc_root, id);
	snprintf(text, sizeof(text),
		 "{\"id\":\"%s\",\"init_process_pid\":42,\"config\":{\"cgroups\":{\"name\":\"%s\","
		 "\"path\":\"%s\"},\"labels\":[\"other=1\",\"bundle=%s\"]}}",
		 id, id, cgroup_path, bundle);
	put(directory, "state.json", text);
}

static int set_up(void **state)
{
	if (!mkdtemp(base))
		return -1;
	snprintf(runc_root, sizeof(runc_root), "%s/runc", base);
	snprintf(crun_root, sizeof(crun_root), "%s/crun", base);
	return mkdir(runc_root, 0755) || mkdir(crun_root, 0755);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int tear_down(void **state)
{
	return nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void runc_by_its_default_path(void **state)
{
	struct container_identity identity;

	put_runc("crash-app", "", "/nowhere");
	assert_int_equal(identity_find(&roots, "/crash-app", &identity), 0);
	assert_string_equal(identity.runtime, "runc");
	assert_string_equal(identity.container, "crash-app");
	assert_string_equal(identity.container_id, "crash-app");
	assert_string_equal(identity.cgroup_path, "/crash-app");
	assert_null(identity.pod);
	assert_int_equal(identity.restart, -1);
	container_identity_done(&identity);
}

static void runc_by_a_path_of_its_own(void **state)
{
	struct container_identity identity;

	put_runc("web", "/some/where", "/nowhere");
	assert_int_equal(identity_find(&roots, "/some/where", &identity), 0);
	assert_string_equal(identity.container_id, "web");
	container_identity_done(&identity);
	assert_int_equal(identity_find(&roots, "/web", &identity), -ENOENT);
}

static void a_directory_without_state_is_a_container_to_be(void **state)
{
	struct container_identity identity;
	char directory[256];

	snprintf(directory, sizeof(directory), "%s/young", runc_root);
	assert_int_equal(mkdir(directory, 0755), 0);
	assert_int_equal(identity_find(&roots, "/young", &identity), -EAGAIN);
	put(directory, "state.json", "{\"config\": {\"cgr"); /* half written */
	assert_int_equal(identity_find(&roots, "/young", &identity), -EAGAIN);
}

static void names_of_a_pod_from_the_bundle(void **state)
{
	struct container_identity identity;
	char bundle[128];

	snprintf(bundle, sizeof(bundle), "%s/bundle", base);
	put(bundle, "config.json",
	    "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"api\","
	    "\"io.kubernetes.cri.sandbox-name\":\"shop-7d4-x\","
	    "\"io.kubernetes.cri.sandbox-namespace\":\"prod\","
	    "\"io.kubernetes.cri.sandbox-uid\":\"u-1\","
	    "\"io.kubernetes.cri.image-name\":\"registry/shop:3\"}}");
	put_runc("abc123", "/kubepods/podu-1/abc123", bundle);
	assert_int_equal(identity_find(&roots, "/kubepods/podu-1/abc123", &identity), 0);
	assert_string_equal(identity.container, "api");
	assert_string_equal(identity.container_id, "abc123");
	assert_string_equal(identity.pod, "shop-7d4-x");
	assert_string_equal(identity.namespace, "prod");
	assert_string_equal(identity.pod_uid, "u-1");
	assert_string_equal(identity.image, "registry/shop:3");
	container_identity_done(&identity);
}

static void crun_by_its_status(void **state)
{
	struct container_identity identity;
	char directory[256];

	snprintf(directory, sizeof(directory), "%s/c-1", crun_root);
	put(directory, "status",
	    "{\"pid\": 7, \"cgroup-path\": \"/c-1\", \"bundle\": \"/nowhere\"}");
	assert_int_equal(identity_find(&roots, "/c-1", &identity), 0);
	assert_string_equal(identity.runtime, "crun");
	assert_string_equal(identity.container, "c-1");
	container_identity_done(&identity);
}

static void a_link_in_the_state_directory_is_not_followed(void **state)
{
	struct container_identity identity;
	char link[256];

	put_runc("real", "/linked", "/nowhere");
	snprintf(link, sizeof(link), "%s/linked", runc_root);
	assert_int_equal(symlink("real", link), 0);
	assert_int_equal(identity_find(&roots, "/linked", &identity), 0);
	assert_string_equal(identity.container_id, "real"); /* found by the scan, not the link */
	container_identity_done(&identity);
}

static void the_cgroup_names_what_no_runtime_knows(void **state)
{
	struct container_identity identity;

	assert_int_equal(identity_find(&roots, "/else/thing", &identity), -ENOENT);
	assert_int_equal(identity_from_cgroup("/else/thing", &identity), 0);
	assert_string_equal(identity.runtime, "cgroup");
	assert_string_equal(identity.container, "thing");
	assert_string_equal(identity.cgroup_path, "/else/thing");
	container_identity_done(&identity);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runc_by_its_default_path),
		cmocka_unit_test(runc_by_a_path_of_its_own),
		cmocka_unit_test(a_directory_without_state_is_a_container_to_be),
		cmocka_unit_test(names_of_a_pod_from_the_bundle),
		cmocka_unit_test(crun_by_its_status),
		cmocka_unit_test(a_link_in_the_state_directory_is_not_followed),
		cmocka_unit_test(the_cgroup_names_what_no_runtime_knows),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
