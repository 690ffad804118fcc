/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as both cgroup drivers of kubelet, containerd, CRI-O, Docker, Podman and runc make them. */
#include "recorder/cgroup_name.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/cleanup.h"

#define ID     "4f1d0c2b9e7a"
#define SLICES "/kubepods.slice/kubepods-burstable.slice/"
#define POD    "kubepods-burstable-pod1b2c_3d.slice"

static void ids(void **state)
{
	static const struct {
		const char *path, *prefixes;
		bool required;
		const char *id; /* NULL: none */
	} cases[] = {
		{"/kubepods/burstable/pod1/" ID, "cri-containerd", false, ID},
		{SLICES POD "/cri-containerd-" ID ".scope", "cri-containerd nerdctl", false, ID},
		{"/system.slice/nerdctl-" ID ".scope", "cri-containerd nerdctl", false, ID},
		{"/system.slice/docker-" ID ".scope", "docker", false, ID},
		{"/default/docker-web", "docker", false, "docker-web"}, /* a name of ctr's */
		{"/kubepods/pod1/crio-" ID, "crio libpod", true, ID},
		{"/machine.slice/libpod-" ID ".scope", "crio libpod", true, ID},
		{"/machine.slice/libpod-conmon-" ID ".scope", "crio libpod", true, "conmon-" ID},
		{"/libpod_parent/conmon", "crio libpod", true, NULL},
		{"/web", "runc", false, "web"},
		{"/a/.hidden", "runc", false, NULL},
		{"/a/..", "runc", false, NULL},
		{"/a/.scope", "runc", false, NULL},
		{"/a/", "runc", false, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char id[NAME_MAX + 1] = "";
		int err = cgroup_name_id(cases[i].path, cases[i].prefixes, cases[i].required, id);

		assert_int_equal(err, cases[i].id ? 0 : -EINVAL);
		if (cases[i].id)
			assert_string_equal(id, cases[i].id);
	}
}

static void paths_of_bundles(void **state)
{
	static const struct {
		const char *oci, *id, *path;
		bool same;
	} cases[] = {
		{"/kubepods/burstable/pod1/" ID, ID, "/kubepods/burstable/pod1/" ID, true},
		{"kubepods-burstable-pod1b2c_3d.slice:cri-containerd:" ID, ID,
		 SLICES POD "/cri-containerd-" ID ".scope", true},
		{"system.slice:docker:" ID, ID, "/system.slice/docker-" ID ".scope", true},
		{":runc:" ID, ID, "/system.slice/runc-" ID ".scope", true},
		{"machine.slice::" ID, ID, "/machine.slice/" ID ".scope", true},
		{"-.slice:a:" ID, ID, "/a-" ID ".scope", true},
		{"", "web", "/web", true},
		{NULL, "web", "/web", true},
		{"some/where", "web", "/some/where", true},
		/* A cgroup inside a container, made to look like another container's. */
		{"/kubepods/pod1/" ID, ID, "/kubepods/pod2/evil/kubepods/pod1/" ID, false},
		{"/kubepods/pod1/" ID, ID, "/pod1/" ID, false},
		{"/some/where", "web", "/web", false},
		{"kubepods.slice:cri-containerd:" ID, ID,
		 "/evil/kubepods.slice/cri-containerd-" ID ".scope", false},
		{"no-slice:a:" ID, ID, "/no-slice/a-" ID ".scope", false},
		{"a.slice:b/c:" ID, ID, "/a.slice/b/c-" ID ".scope", false},
		{"a.slice:b:c:d", ID, "/a.slice/b-c:d.scope", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(cgroup_name_is(cases[i].oci, cases[i].id, cases[i].path),
				 cases[i].same);
}

static void too_long_paths_are_no_match(void **state)
{
	char slice[2 * PATH_MAX];

	memset(slice, 'a', sizeof(slice));
	for (size_t i = 1; i < sizeof(slice); i += 2)
		slice[i] = '-';
	memcpy(slice + sizeof(slice) - 12, "b.slice:c:d", 12);
	assert_false(cgroup_name_is(slice, "d", "/c-d.scope"));
}

static void pods(void **state)
{
	static const struct {
		const char *path, *qos, *uid; /* NULL: no pod's */
		bool whole;
	} cases[] = {
		{"/kubepods/burstable/pod12-ab/" ID, "burstable", "12-ab", false},
		{"/kubepods/besteffort/pod12/" ID, "besteffort", "12", false},
		{"/kubepods/pod12/" ID, "guaranteed", "12", false},
		{"/kubepods/pod12", "guaranteed", "12", true},
		{SLICES POD "/crio-" ID ".scope", "burstable", "1b2c-3d", false},
		{"/kubepods.slice/kubepods-pod1_2.slice/a.scope", "guaranteed", "1-2", false},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod9.slice",
		 "besteffort", "9", true},
		/* kubelet --cgroup-root, as kind has it */
		{"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
		 "kubelet-kubepods-burstable-pod7.slice/a.scope",
		 "burstable", "7", false},
		{"/kubelet/kubepods/burstable/pod7/x", "burstable", "7", false},
		{"/kubepods", NULL, NULL, false},
		{"/kubepods/burstable", NULL, NULL, false},
		{"/kubepods/other/pod1/x", NULL, NULL, false},
		{"/docker/" ID, NULL, NULL, false},
		{"/mykubepods.slice/mykubepods-pod1.slice", NULL, NULL, false},
		{"/kubepods/pod/x", NULL, NULL, false},
		{"/kubepods/pod\x1b[1m/x", NULL, NULL, false},
		{"/", NULL, NULL, false},
		{"", NULL, NULL, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cgroup_pod pod;
		int err = cgroup_name_pod(cases[i].path, &pod);

		assert_int_equal(err, cases[i].qos ? 0 : -ENOENT);
		if (err)
			continue;
		assert_string_equal(pod.qos, cases[i].qos);
		assert_string_equal(pod.uid, cases[i].uid);
		assert_int_equal(pod.is_whole, cases[i].whole);
	}
}

static void static_pods(void **state)
{
	assert_true(cgroup_name_is_static_uid("8ed7b1bd5c7e4b0e9e5b1bd5c7e4b0e9"));
	assert_false(cgroup_name_is_static_uid("8ed7b1bd-5c7e-4b0e-9e5b-1bd5c7e4b0e9"));
	assert_false(cgroup_name_is_static_uid("8ed7"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),	       cmocka_unit_test(paths_of_bundles),
		cmocka_unit_test(pods),	       cmocka_unit_test(too_long_paths_are_no_match),
		cmocka_unit_test(static_pods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
