/* SPDX-License-Identifier: Apache-2.0 */
/* Names of pods as Kubernetes' controllers make them. */
#include "storage/workload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/cleanup.h"

static void names(void **state)
{
	static const struct {
		const char *pod, *workload;
	} cases[] = {
		{"web-7d4b9c5f66-x2v4k", "web"},
		{"coredns-5d78c9869d-zk8sf", "coredns"},
		{"shop-api-66f8b9-lq7wz", "shop-api"},
		{"fluentd-x2v4k", "fluentd"},
		{"backup-28512345-x2v4k", "backup"},
		{"backup-1700000000-x2v4k", "backup"},
		{"indexed-3-x2v4k", "indexed-3"},
		{"db-0", "db-0"},
		{"db-12345678", "db-12345678"},
		{"etcd-node1", "etcd-node1"},
		{"web", "web"},
		{"web-redis", "web-redis"},
		{"my-nginx", "my-nginx"},
		{"x2v4k", "x2v4k"},
		{"-x2v4k", "-x2v4k"},
		{"a-x2v4k", "a"},
		{"7d4b9c5f66-x2v4k", "7d4b9c5f66"},
		{"web-x2v4", "web-x2v4"},
		{"web-x2v4kk", "web-x2v4kk"},
		{"web-", "web-"},
		{"", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char workload[64];

		workload_of_pod(cases[i].pod, workload, sizeof(workload));
		assert_string_equal(workload, cases[i].workload);
	}
}

static void room_is_kept_to(void **state)
{
	char workload[4];

	workload_of_pod("shop-api-66f8b9-lq7wz", workload, sizeof(workload));
	assert_string_equal(workload, "sho");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(room_is_kept_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
