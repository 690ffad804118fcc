/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: defaults, what is accepted, and the sentence said about what is not. */
#include "common/config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"

#define PATH "config_test.conf"

static int load(const char *text, size_t bytes, struct config *config, struct config_error *error)
{
	AUTO_CLOSE int fd = open(PATH, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, bytes), (ssize_t)bytes);
	config_init(config);
	err = config_load(config, PATH, error);
	unlink(PATH);
	return err;
}

static void test_defaults(void **state)
{
	struct config config;
	struct config_error error;

	config_init(&config);
	assert_int_equal(config_check(&config, &error), 0);
	assert_string_equal(config.store, "/var/lib/igrec");
	assert_string_equal(config.socket, "/run/igrec/igrecd.sock");
	assert_string_equal(config.bpffs, "/sys/fs/bpf/igrec");
	assert_string_not_equal(config.node, "");
	assert_int_equal(config.ring_bytes, 512 << 10);
	/* As many pods as a kubelet allows by default. */
	assert_true(config.ring_memory_bytes / config.ring_bytes >= 110 + config.ring_pool);
	assert_int_equal(config.payload, IGREC_PAYLOAD_STDIO);
	assert_int_equal(config.payload_bytes, 256);
	assert_int_equal(config.failure_kinds, 0x7f);
	assert_true(config.stop_signals == (1ULL << SIGTERM | 1ULL << SIGINT));
	assert_true(config.child_signals & (1ULL << SIGSEGV));
	assert_false(config.child_signals & (1ULL << SIGKILL));
	assert_int_equal(config.age_ns, 14 * 86400 * 1000000000ULL);
	assert_int_equal(config.log_level, LOG_LEVEL_INFO);
}

static void test_every_key_has_help(void **state)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	for (size_t i = 0; i < count; i++) {
		assert_non_null(keys[i].help);
		assert_non_null(keys[i].preset);
	}
}

static void test_file(void **state)
{
	static const char text[] = "# first\n"
				   "[igrecd]\n"
				   "store = /tmp/a b   # where\n"
				   "node=n1\n"
				   "\n"
				   "[ring]\n"
				   "  size: 1MiB\n"
				   "memory-limit = 0.5G\n"
				   "[payload]\npolicy = all\n"
				   "[failure]\n"
				   "kinds = signal, oom\n"
				   "stop-signals = none\n"
				   "child-signals = SIGSEGV 6\n"
				   "[retention]\nfree-space = 1G\nage = 12h";
	struct config config;
	struct config_error error;

	assert_int_equal(load(text, strlen(text), &config, &error), 0);
	assert_string_equal(config.store, "/tmp/a b");
	assert_string_equal(config.node, "n1");
	assert_int_equal(config.ring_bytes, 1 << 20);
	assert_int_equal(config.ring_memory_bytes, 512 << 20);
	assert_int_equal(config.payload, IGREC_PAYLOAD_ALL);
	assert_int_equal(config.failure_kinds, 6);
	assert_int_equal(config.stop_signals, 0);
	assert_int_equal(config.child_signals, 1 << SIGSEGV | 1 << SIGABRT);
	assert_int_equal(config.free_space.bytes, 1 << 30);
	assert_int_equal(config.free_space.percent, 0);
	assert_int_equal(config.age_ns, 43200 * 1000000000ULL);
	assert_int_equal(config_space_bytes(&config.free_space, 5), 1 << 30);
}

struct refusal {
	const char *text;
	const char *said; /* whole, without the file's name and a colon */
};

static const struct refusal refusals[] = {
	{"[ring]\nsize = 3K\n",
	 "2: ring.size: \"3K\" is not a size in bytes such as 4096, 512KiB or 1.5G, from 64KiB to "
	 "16MiB, a multiple of 4KiB"},
	{"[ring]\nsize = 65K\n",
	 "2: ring.size: \"65K\" is not a size in bytes such as 4096, 512KiB or 1.5G, from 64KiB to "
	 "16MiB, a multiple of 4KiB"},
	{"[ring]\npool = -1\n", "2: ring.pool: \"-1\" is not a whole number from 1 to 256"},
	{"[ring]\npool =\n", "2: ring.pool: \"\" is not a whole number from 1 to 256"},
	{"[payload]\n\n\npolicy = some\n",
	 "4: payload.policy: \"some\" is not one of: none stdio all"},
	{"[payload]\nbytes = 257\n",
	 "2: payload.bytes: \"257\" is not a whole number from 1 to 256"},
	{"[failure]\nkinds = exit crash\n",
	 "2: failure.kinds: \"exit crash\" is not none or a list of: exit signal oom child-signal "
	 "child-oom crash-loop requested"},
	{"[failure]\nstop-signals = SIGFOO\n",
	 "2: failure.stop-signals: \"SIGFOO\" is not none or a list of signals such as TERM SEGV"},
	{"[retention]\nage = 14\n",
	 "2: retention.age: \"14\" is not a duration such as 10ms, 2s, 5m, 1h or 14d, from 0s to "
	 "36500d"},
	{"[retention]\nfree-space = 91%\n", "2: retention.free-space: \"91%\" is not a size in "
					    "bytes such as 4096, 512KiB or 1.5G, or a "
					    "share from 1% to 90%"},
	{"[igrecd]\nstore = var/lib\n",
	 "2: igrecd.store: \"var/lib\" is not an absolute path of at most 1023 bytes"},
	{"[igrecd]\nnode = a b\n",
	 "2: igrecd.node: \"a b\" is not a name of 1 to 253 bytes without spaces"},
	{"[igrecd]\nstore = /a\nstor = /b\n", "3: there is no key igrecd.stor; see igrec.conf(5)"},
	{"[igrecd]\nstore = /a\n[log]\n[igrecd]\nstore = /b\n",
	 "5: igrecd.store: was set before, on line 2"},
	{"\n[foo]\n", "2: there is no section [foo]; see igrec.conf(5)"},
	{"[foo]\na = b\n", "1: there is no section [foo]; see igrec.conf(5)"},
	{"store = /a\n", "1: \"store\" stands before any [section]"},
	{"[igrecd]\nstore\n", "2: neither [section], key = value nor # comment"},
	{"[igrecd\nstore = /a\n", "1: neither [section], key = value nor # comment"},
	{"[ring]\nsize = 1M\n  pool = x\n",
	 "3: ring.pool: \"x\" is not a whole number from 1 to 256"},
};

static void test_refusals(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct config config;
		struct config_error error;
		const char *text = refusals[i].text;

		assert_int_equal(load(text, strlen(text), &config, &error), -EINVAL);
		assert_memory_equal(error.text, PATH ":", strlen(PATH ":"));
		assert_string_equal(error.text + strlen(PATH ":"), refusals[i].said);
	}
}

static void test_no_text(void **state)
{
	static char line[4096];
	struct config config;
	struct config_error error;

	assert_int_equal(load("[log]\n\0\n", 8, &config, &error), -EINVAL);
	assert_string_equal(error.text, PATH ":2: there is a NUL byte; this is no text file");
	memset(line, 'x', sizeof(line));
	assert_int_equal(load(line, sizeof(line), &config, &error), -EINVAL);
	assert_string_equal(error.text, PATH ":1: this line is too long");
	assert_int_equal(load("", 0, &config, &error), 0);
}

static void test_missing_file(void **state)
{
	struct config config;
	struct config_error error;

	config_init(&config);
	assert_int_equal(config_load(&config, "/nonexistent/x.conf", &error), -ENOENT);
	assert_string_equal(error.text, "/nonexistent/x.conf: No such file or directory");
	assert_true(config_load(&config, "/", &error) < 0);
}

static void test_command_line(void **state)
{
	struct config config;
	struct config_error error;

	config_init(&config);
	assert_int_equal(config_set(&config, "--ring-size", "ring", "size", "128K", &error), 0);
	assert_int_equal(config.ring_bytes, 128 << 10);
	assert_int_equal(config_set(&config, "--ring-size", "ring", "size", "1", &error), -EINVAL);
	assert_string_equal(error.text,
			    "--ring-size: ring.size: \"1\" is not a size in bytes such "
			    "as 4096, 512KiB or 1.5G, from 64KiB to 16MiB, a multiple of "
			    "4KiB");
	assert_int_equal(config.ring_bytes, 128 << 10);
}

static void test_across_keys(void **state)
{
	struct config config;
	struct config_error error;

	config_init(&config);
	config.ring_memory_bytes = config.ring_bytes - 4096;
	assert_int_equal(config_check(&config, &error), -EINVAL);
	assert_non_null(strstr(error.text, "ring.memory-limit"));
	config_init(&config);
	config.start_percent = 60;
	assert_int_equal(config_check(&config, &error), -EINVAL);
	assert_non_null(strstr(error.text, "flow lane"));
}

static void test_across_keys_names_the_line(void **state)
{
	static const char *const text[] = {
		"[ring]\nsize = 4M\nmemory-limit = 1M\n",
		"[ring]\n\nmemory-limit = 64KiB\n",
		"\n[ring]\nsize = 512KiB\n",
	};
	struct config config;
	struct config_error error;

	for (size_t i = 0; i < ARRAY_SIZE(text); i++) {
		assert_int_equal(load(text[i], strlen(text[i]), &config, &error), 0);
		if (config.ring_memory_bytes > config.ring_bytes)
			config.ring_memory_bytes = 64 << 10; /* as --memory-limit does */
		assert_int_equal(config_check(&config, &error), -EINVAL);
		assert_ptr_equal(strstr(error.text, PATH ":3: ring.memory-limit"), error.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_every_key_has_help),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_no_text),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_command_line),
		cmocka_unit_test(test_across_keys),
		cmocka_unit_test(test_across_keys_names_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
