/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of causes, routine failures, acts and capabilities. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

#include "explain/advice.h"
#include "explain/call_causes.h"
#include "explain/capability.h"
#include "explain/routine.h"

static void every_failed_call_has_a_cause(void **state)
{
	static const struct {
		enum act_kind act;
		int error;
		const char *object;
		bool refused, privileged;
		const char *kind;
	} rows[] = {
		{ACT_OPEN, ENOENT, "/etc/app.conf", false, false, "missing-file"},
		{ACT_OPEN, ENOENT, "/usr/lib/libfoo.so.1", false, false, "library"},
		{ACT_OPEN, EACCES, "/etc/shadow", false, false, "permission"},
		{ACT_OPEN, EROFS, "/x", false, false, "read-only"},
		{ACT_OPEN, EMFILE, "/x", false, false, "fd-limit"},
		{ACT_SOCKET, EMFILE, "", false, false, "fd-limit"},
		{ACT_EXEC, ENOENT, "/bin/x", false, false, "missing-program"},
		{ACT_EXEC, EACCES, "/bin/x", false, false, "not-executable"},
		{ACT_EXEC, ENOEXEC, "/bin/x", false, false, "exec-format"},
		{ACT_DIRECTORY, ENOENT, "/x", false, false, "wrong-directory"},
		{ACT_WRITE, ENOSPC, "/x", false, false, "no-space"},
		{ACT_WRITE, EPIPE, "pipe:[1]", false, false, "broken-pipe"},
		{ACT_CONNECT, ECONNREFUSED, "10.0.0.1:80", false, false, "refused"},
		{ACT_OPTION, ECONNREFUSED, "10.0.0.1:80", false, false, "refused"},
		{ACT_CONNECT, ENOENT, "/run/x.sock", false, false, "missing-file"},
		{ACT_CONNECT, ETIMEDOUT, "10.0.0.1:80", false, false, "timeout"},
		{ACT_CONNECT, ENETUNREACH, "10.0.0.1:80", false, false, "unreachable"},
		{ACT_READ, ECONNRESET, "10.0.0.1:80", false, false, "reset"},
		{ACT_BIND, EADDRINUSE, "0.0.0.0:80", false, false, "address-in-use"},
		{ACT_BIND, EADDRNOTAVAIL, "10.0.0.1:80", false, false, "address-not-available"},
		{ACT_BIND, EACCES, "0.0.0.0:80", false, false, "capability"},
		{ACT_FORK, EAGAIN, "", false, false, "process-limit"},
		{ACT_MEMORY, ENOMEM, "", false, false, "no-memory"},
		{ACT_LOCK, EAGAIN, "/x", false, false, "lock"},
		{ACT_PRIVILEGE, EPERM, "", false, true, "capability"},
		{ACT_CHANGE, EPERM, "/x", false, true, "capability"},
		{ACT_OTHER, EPERM, "", true, false, "seccomp"},
		{ACT_OTHER, ENOSYS, "", false, false, "unsupported"},
		{ACT_OTHER, ELIBBAD, "", false, false, "failed-call"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(call_cause_of(rows[i].act, rows[i].error, rows[i].object,
						  rows[i].refused, rows[i].privileged)
					    ->kind,
				    rows[i].kind);
}

static void routine_failures_are_known(void **state)
{
	static const struct {
		enum act_kind act;
		int error;
		const char *object;
		bool routine;
	} rows[] = {
		{ACT_OPEN, ENOENT, "/etc/ld.so.preload", true},
		{ACT_OPEN, ENOENT, "/usr/lib/locale/C.UTF-8/LC_TIME", true},
		{ACT_CONNECT, ENOENT, "/var/run/nscd/socket", true},
		{ACT_OPEN, ENOENT, "/root/.gitconfig", true},
		{ACT_TIDY, ENOTTY, "/dev/null", true},
		{ACT_WAIT, ECHILD, "", true},
		{ACT_CHANGE, EEXIST, "/run/app", true},
		{ACT_OPEN, ENOENT, "/etc/app/config.yaml", false},
		{ACT_OPEN, ENOENT, "/srv/tls/cert.pem", false},
		{ACT_OPEN, EMFILE, "/usr/lib/locale/x", false},
		{ACT_BIND, EADDRINUSE, "0.0.0.0:80", false},
		{ACT_CONNECT, ECONNREFUSED, "10.0.0.1:80", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (routine_is(rows[i].act, rows[i].error, rows[i].object) != rows[i].routine)
			fail_msg("%s: %d", rows[i].object, rows[i].error);
	}
}

static struct event event_of(const char *name, unsigned args, uint64_t arg1)
{
	struct event event = {.nr = syscall_by_name(ARCH_X86_64, name)->nr, .args = args};

	event.arg[1] = arg1;
	return event;
}

static void acts_and_capabilities_go_by_name(void **state)
{
	struct act_table table;
	struct event mount = event_of("mount", 5, 0), lock = event_of("fcntl", 3, 6 /* F_SETLK */);
	struct event dup = event_of("fcntl", 3, 0 /* F_DUPFD */);

	act_table_init(&table, ARCH_X86_64);
	assert_int_equal(act_kind_of(&table, ARCH_X86_64, &mount), ACT_PRIVILEGE);
	assert_int_equal(act_kind_of(&table, ARCH_X86_64, &lock), ACT_LOCK);
	assert_int_equal(act_kind_of(&table, ARCH_X86_64, &dup), ACT_DESCRIPTOR);
	mount.nr = 511;
	assert_int_equal(act_kind_of(&table, ARCH_X86_64, &mount), ACT_OTHER);
	mount = event_of("mount", 5, 0);
	assert_string_equal(capability_of(ARCH_X86_64, &mount), "CAP_SYS_ADMIN");
	assert_null(capability_of(ARCH_X86_64, &lock));
}

static void words_tell_what_to_do_next(void **state)
{
	static const struct {
		const char *text, *next;
	} rows[] = {
		{"x509: certificate signed by unknown authority", "openssl x509"},
		{"tlsv1 alert protocol", "openssl x509"},
		{"FATAL: password authentication failed for user", "the Secret"},
		{"WRONGPASS invalid username", "the Secret"},
		{"unknown flag: --x", "command and args"},
		{"Usage: app FILE", "command and args"},
		{"DATABASE_URL is not set", "env and envFrom"},
		{"sh: X: unbound variable", "env and envFrom"},
		{"data has version 3", "compare the versions"},
		{"incompatible data", "compare the versions"},
		{"this must run as root", "the capabilities"},
		{"mount: Operation not permitted", "the capabilities"},
		{"conversion failed", "the program's own"},
		{"who has root here", "the program's own"},
		{"not settled", "the program's own"},
		{"stray ':'", "the program's own"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!strstr(advice_on(rows[i].text), rows[i].next))
			fail_msg("%s: %s", rows[i].text, advice_on(rows[i].text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_failed_call_has_a_cause),
		cmocka_unit_test(routine_failures_are_known),
		cmocka_unit_test(acts_and_capabilities_go_by_name),
		cmocka_unit_test(words_tell_what_to_do_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
