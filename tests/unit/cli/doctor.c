/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of igrec doctor, on made-up kernel files. */
#include "cli/doctor.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "tests/support/temp_store.h"

typedef void check_fn(const char *path, struct doctor_finding *ret);

static const struct {
	check_fn *check;
	const char *content; /* NULL: there is no such file */
	enum doctor_state state;
	const char *said;
} rows[] = {
	{doctor_btf, "x", DOCTOR_OK, ""},
	{doctor_btf, NULL, DOCTOR_FAIL, "CONFIG_DEBUG_INFO_BTF"},
	{doctor_cgroups,
	 "30 23 0:26 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
	 DOCTOR_OK, "/sys/fs/cgroup/unified"},
	{doctor_cgroups, "31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
	 DOCTOR_FAIL, "mount -t cgroup2"},
	{doctor_cgroups, NULL, DOCTOR_FAIL, "mount -t cgroup2"},
	{doctor_lockdown, NULL, DOCTOR_OK, ""},
	{doctor_lockdown, "none [integrity] confidentiality\n", DOCTOR_OK, ""},
	{doctor_lockdown, "none integrity [confidentiality]\n", DOCTOR_FAIL, "lockdown=integrity"},
	{doctor_privileges, "Name:\tx\nCapEff:\t000001ffffffffff\n", DOCTOR_OK, ""},
	{doctor_privileges, "CapEff:\t000000c000000000\n", DOCTOR_OK, ""},
	{doctor_privileges, "CapEff:\t0000008000000000\n", DOCTOR_WARN, "root"},
	{doctor_privileges, "CapEff:\t0000000000000000\n", DOCTOR_WARN, "root"},
	{doctor_privileges, NULL, DOCTOR_WARN, "root"},
};

static void test_files(void **state)
{
	char *directory = temp_directory_new();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct doctor_finding finding = {0};
		char path[4096];

		snprintf(path, sizeof(path), "%s/file%zu", directory, i);
		if (rows[i].content)
			file_write(path, rows[i].content, strlen(rows[i].content));
		rows[i].check(path, &finding);
		print_message("%s: %s\n", finding.name, finding.text);
		assert_int_equal(finding.state, rows[i].state);
		assert_non_null(strstr(finding.text, rows[i].said));
	}
	temp_directory_remove(directory);
}

static void test_runtimes(void **state)
{
	char *directory = temp_directory_new();
	struct doctor_finding finding;
	struct config config;
	char path[4096];

	config_init(&config);
	snprintf(config.host_root, sizeof(config.host_root), "%s", directory);
	doctor_runtimes(&config, &finding);
	assert_int_equal(finding.state, DOCTOR_WARN);
	assert_non_null(strstr(finding.text, directory));
	snprintf(config.containerd, sizeof(config.containerd), "/nowhere /ctd");
	snprintf(config.runc, sizeof(config.runc), "/runc");
	snprintf(path, sizeof(path), "%s/ctd", directory);
	file_write(path, "", 0);
	snprintf(path, sizeof(path), "%s/runc", directory);
	file_write(path, "", 0);
	doctor_runtimes(&config, &finding);
	assert_int_equal(finding.state, DOCTOR_OK);
	assert_string_equal(finding.text, "containerd in /ctd, runc in /runc");
	temp_directory_remove(directory);
}

static void test_store(void **state)
{
	struct config config;
	struct doctor_finding finding;
	char *directory = temp_directory_new();

	config_init(&config);
	config.free_space = (struct config_space){.bytes = 1};
	snprintf(config.store, sizeof(config.store), "%s", directory);
	doctor_store(&config, &finding);
	assert_int_equal(finding.state, DOCTOR_OK);
	config.free_space = (struct config_space){.bytes = 1ULL << 60};
	doctor_store(&config, &finding);
	assert_int_equal(finding.state, DOCTOR_WARN);
	assert_non_null(strstr(finding.text, "retention.free-space"));
	temp_directory_remove(directory);
	doctor_store(&config, &finding);
	assert_int_equal(finding.state, DOCTOR_WARN);
	assert_non_null(strstr(finding.text, "--store"));
}

static void test_no_daemon(void **state)
{
	struct doctor_finding finding;

	doctor_daemon("/nonexistent/igrecd.sock", &finding);
	assert_int_equal(finding.state, DOCTOR_WARN);
	doctor_bpffs("/nonexistent/igrec", &finding);
	assert_int_not_equal(finding.state, DOCTOR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_runtimes),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_no_daemon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
