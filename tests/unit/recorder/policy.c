/* SPDX-License-Identifier: Apache-2.0 */
/* Policies from a configuration file to what holds for one container. */
#include "recorder/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"

#define PATH "policy_test.conf"

static const char text[] = "[payload]\n"
			   "policy = stdio\n"
			   "[policy quiet]\n"
			   "namespace = kube-* monitoring\n"
			   "record = no\n"
			   "[policy dns]\n"
			   "namespace = kube-system\n"
			   "pod = coredns-*\n"
			   "record = yes\n"
			   "[policy bank]\n"
			   "image = registry/bank/*\n"
			   "payload = none\n"
			   "ring-size = 2MiB\n"
			   "[policy batch]\n"
			   "container = worker job-?\n"
			   "kinds = oom signal exit\n"
			   "ignore-exit-codes = 3, 64-78\n"
			   "stop-signals = none\n"
			   "payload-bytes = 16\n";

static struct config config;

static int load(const char *from, struct config_error *error)
{
	AUTO_CLOSE int fd = open(PATH, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, from, strlen(from)), (ssize_t)strlen(from));
	config_init(&config);
	err = config_load(&config, PATH, error);
	unlink(PATH);
	return err ? err : config_check(&config, error);
}

static int set_up(void **state)
{
	struct config_error error;

	return load(text, &error);
}

static struct policy policy_of(char *namespace, char *pod, char *container, char *image)
{
	struct container_identity identity = {
		.namespace = namespace, .pod = pod, .container = container, .image = image};
	struct policy policy;

	policy_for(&config, &identity, &policy);
	return policy;
}

static void later_sections_come_over_earlier_ones(void **state)
{
	assert_false(policy_of("kube-system", "kube-proxy-x", "proxy", "p:1").record);
	assert_true(policy_of("kube-system", "coredns-x", "coredns", "c:1").record);
	assert_false(policy_of("monitoring", "prom-0", "prom", "p:1").record);
	assert_true(policy_of("default", "coredns-x", "coredns", "c:1").record);
}

static void keys_of_a_section(void **state)
{
	struct policy bank = policy_of("prod", "pay-0", "pay", "registry/bank/pay:7");
	struct policy other = policy_of("prod", "pay-0", "pay", "registry/other:7");

	assert_int_equal(bank.payload, IGREC_PAYLOAD_NONE);
	assert_int_equal(bank.ring_bytes, 2 << 20);
	assert_int_equal(bank.failure.kinds, config.failure_kinds);
	assert_int_equal(other.payload, IGREC_PAYLOAD_STDIO);
	assert_int_equal(other.ring_bytes, config.ring_bytes);
}

static bool is_failure(const struct policy *policy, int code)
{
	struct failure_end end = {.wait_status = code << 8, .is_init = true};
	struct failure failure;

	return failure_judge(&policy->failure, &end, &failure);
}

static void exit_codes_can_be_ignored(void **state)
{
	struct policy batch = policy_of(NULL, NULL, "job-7", NULL);
	struct policy other = policy_of(NULL, NULL, "job-77", NULL);

	assert_int_equal(batch.failure.stop_signals, 0);
	assert_int_equal(batch.payload_bytes, 16);
	for (int code = 1; code < 256; code++) {
		assert_int_equal(is_failure(&batch, code), code != 3 && (code < 64 || code > 78));
		assert_true(is_failure(&other, code));
	}
}

static void a_name_that_is_unknown_matches_no_glob(void **state)
{
	assert_true(policy_of(NULL, NULL, "web", NULL).record);
	assert_int_equal(policy_of(NULL, NULL, "web", NULL).payload, IGREC_PAYLOAD_STDIO);
}

static void pause_containers_are_not_recorded(void **state)
{
	struct container_identity identity = {.type = "sandbox"};
	struct policy policy;

	policy_for(&config, &identity, &policy);
	assert_false(policy.record);
}

static void nothing_forbidden_is_captured_before_the_names(void **state)
{
	struct policy policy;

	policy_before_names(&config, &policy);
	assert_true(policy.record);
	assert_int_equal(policy.payload, IGREC_PAYLOAD_NONE);
	assert_int_equal(policy.payload_bytes, 16);
	config.n_policies = 0;
	policy_before_names(&config, &policy);
	assert_int_equal(policy.payload, IGREC_PAYLOAD_STDIO);
}

static void refusals(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{"[policy a]\nrecord = maybe\n",
		 PATH ":2: policy a.record: \"maybe\" is not one of: no yes"},
		{"[policy a]\n\nnames = x\n",
		 PATH ":3: there is no key policy a.names; see igrec.conf(5)"},
		{"[policy a]\npod = x\npod = y\n",
		 PATH ":3: policy a.pod: was set before, on line 2"},
		{"[policy a]\nignore-exit-codes = 0\n",
		 PATH ":2: policy a.ignore-exit-codes: \"0\" is not none or a list of exit codes "
		      "such as 3 or 64-78, from 1 to 255"},
		{"[policy a]\nignore-exit-codes = 9-3\n",
		 PATH ":2: policy a.ignore-exit-codes: \"9-3\" is not none or a list of exit codes "
		      "such as 3 or 64-78, from 1 to 255"},
		{"[policy ]\n", PATH ":1: [policy ]: a policy's name has 1 to 40 characters"},
		{"[policy]\nrecord = no\n",
		 PATH ":1: there is no section [policy]; see igrec.conf(5)"},
		{"[policy a]\nring-size = 16M\n[ring]\nmemory-limit = 1M\n",
		 PATH ":2: policy a.ring-size: ring.memory-limit holds no such ring: raise it or "
		      "lower ring-size"},
		{"[runtimes]\ncontainerd = run\n",
		 PATH ":2: runtimes.containerd: \"run\" is not a list of absolute paths of less "
		      "than 512 bytes"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config_error error;

		assert_int_equal(load(cases[i].text, &error), -EINVAL);
		assert_string_equal(error.text, cases[i].said);
	}
}

static void too_many_sections(void **state)
{
	char many[CONFIG_POLICIES_MAX * 40 + 80] = "";
	struct config_error error;
	size_t used = 0;

	for (int i = 0; i < CONFIG_POLICIES_MAX; i++)
		used += (size_t)snprintf(many + used, sizeof(many) - used,
					 "[policy p%d]\nrecord = no\n", i);
	assert_int_equal(load(many, &error), 0);
	snprintf(many + used, sizeof(many) - used, "[policy more]\nrecord = no\n");
	assert_int_equal(load(many, &error), -EINVAL);
	assert_non_null(strstr(error.text, "more than 32 [policy] sections"));
}

static void a_reload_takes_what_can_change(void **state)
{
	static struct config fresh;
	struct policy policy;

	config_init(&fresh);
	fresh.ring_bytes = 64 << 10;
	fresh.failure_kinds = 1;
	policy_reload(&config, &fresh);
	policy = policy_of("kube-system", "kube-proxy-x", "proxy", "p:1");
	assert_true(policy.record);
	assert_int_equal(policy.failure.kinds, 1);
	assert_int_equal(config.ring_bytes, 512 << 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(later_sections_come_over_earlier_ones, set_up),
		cmocka_unit_test_setup(keys_of_a_section, set_up),
		cmocka_unit_test_setup(exit_codes_can_be_ignored, set_up),
		cmocka_unit_test_setup(a_name_that_is_unknown_matches_no_glob, set_up),
		cmocka_unit_test_setup(pause_containers_are_not_recorded, set_up),
		cmocka_unit_test_setup(nothing_forbidden_is_captured_before_the_names, set_up),
		cmocka_unit_test_setup(refusals, set_up),
		cmocka_unit_test_setup(too_many_sections, set_up),
		cmocka_unit_test_setup(a_reload_takes_what_can_change, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
