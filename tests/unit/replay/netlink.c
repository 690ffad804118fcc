/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of netlink sockets as strace prints them. */
#include <linux/netlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "decode/netlink.h"
#include "replay/netlink_text.h"
#include "tests/unit/replay/rendered.h"

/* A socket of the protocol, and what was sent on it. */
static char *sent(unsigned protocol, const struct sample_capture *data)
{
	struct sample_tape tape = tape_new();
	struct sample_record made = call_of(&init, "socket", 2000, 3);
	struct sample_record record = call_of(&init, "sendto", 1000, (int64_t)data->bytes);
	struct replay_counts counts;
	char *text;

	made.arg[0] = AF_NETLINK;
	made.arg[1] = SOCK_RAW;
	made.arg[2] = protocol;
	sample_add(&tape, &made);
	record.arg[0] = 3;
	record.arg[1] = 0x1000;
	record.arg[2] = data->bytes;
	record.capture[0] = *data;
	record.captures = 1;
	sample_add(&tape, &record);
	text = render_as(tape.snapshot, REPLAY_STRACE, &counts);
	snapshot_free(tape.snapshot);
	return text;
}

#define HEADER(length, type, flags) length "\0\0\0" type "\0" flags "\1\0\0\0\2\0\0\0"
#define TOLD(length, type, flags)                                                                  \
	"{nlmsg_len=" length ", nlmsg_type=" type ", nlmsg_flags=" flags                           \
	", nlmsg_seq=1, nlmsg_pid=2}"

static const struct {
	unsigned protocol;
	struct sample_capture data;
	const char *wanted;
} messages[] = {
	{NETLINK_ROUTE, TEXT(1, HEADER("\20", "\1", "\0\0")), TOLD("16", "NLMSG_NOOP", "0")},
	{NETLINK_ROUTE,
	 TEXT(1, HEADER("\50", "\22", "\1\3") "\0\0\4\3\1\0\0\0\1\0\0\0\0\0\0\0\10\0\35\0\1\0\0\0"),
	 "[" TOLD("40", "RTM_GETLINK",
		  "NLM_F_REQUEST|NLM_F_DUMP") ", {ifi_family=AF_UNSPEC, "
					      "ifi_type=ARPHRD_LOOPBACK, "
					      "ifi_index=if_nametoindex(\"lo\"), ifi_flags=IFF_UP, "
					      "ifi_change=0}, [{nla_len=8, "
					      "nla_type=IFLA_EXT_MASK}, RTEXT_FILTER_VF]]"},
	{NETLINK_ROUTE, TEXT(1, HEADER("\24", "\26", "\1\3") "\12\0\0\0"),
	 "[" TOLD("20", "RTM_GETADDR", "NLM_F_REQUEST|NLM_F_DUMP") ", {ifa_family=AF_INET6, ...}]"},
	{NETLINK_ROUTE,
	 TEXT(1, HEADER("\54", "\24", "\2\0") "\2\10\200\376\1\0\0\0"
					      "\10\0\1\0\177\0\0\1\7\0\3\0lo\0\0\4\0\143\0"),
	 "[" TOLD("44", "RTM_NEWADDR",
		  "NLM_F_MULTI") ", {ifa_family=AF_INET, ifa_prefixlen=8, "
				 "ifa_flags=IFA_F_PERMANENT, ifa_scope=RT_SCOPE_HOST, "
				 "ifa_index=if_nametoindex(\"lo\")}, "
				 "[[{nla_len=8, nla_type=IFA_ADDRESS}, inet_addr(\"127.0.0.1\")], "
				 "[{nla_len=7, "
				 "nla_type=IFA_LABEL}, \"lo\"], {nla_len=4, nla_type=0x63 /* "
				 "IFA_??? */}]]"},
	{NETLINK_ROUTE,
	 TEXT(1, HEADER("\44", "\2", "\0\1") "\357\377\377\377" HEADER("\70", "\20", "\5\6")),
	 "[" TOLD("36", "NLMSG_ERROR", "NLM_F_CAPPED") ", {error=-EEXIST, msg=" TOLD(
		 "56", "RTM_NEWLINK", "NLM_F_REQUEST|NLM_F_ACK|NLM_F_EXCL|NLM_F_CREATE") "}]"},
	{NETLINK_ROUTE,
	 TEXT(1, HEADER("\60", "\2", "\0\2") "\377\377\377\377" HEADER(
			 "\20", "\20", "\1\0") "\12\0\1\0abcde\0\0\0"),
	 "[" TOLD("48", "NLMSG_ERROR", "NLM_F_ACK_TLVS") ", [{error=-EPERM, msg=" TOLD(
		 "16", "RTM_NEWLINK",
		 "NLM_F_REQUEST") "}, [{nla_len=10, nla_type=NLMSGERR_ATTR_MSG}, "
				  "\"abcde\"]]]"},
	{NETLINK_ROUTE, TEXT(1, HEADER("\24", "\3", "\2\0") "\0\0\0\0"),
	 "[" TOLD("20", "NLMSG_DONE", "NLM_F_MULTI") ", 0]"},
	{NETLINK_AUDIT, TEXT(1, "\22\0\0\0\350\3\1\0\1\0\0\0\2\0\0\0ab"),
	 "[" TOLD("18", "AUDIT_GET", "NLM_F_REQUEST") ", \"\\x61\\x62\"]"},
	{NETLINK_NETFILTER,
	 TEXT(1, "\40\0\0\0\0\12\1\4\1\0\0\0\2\0\0\0\2\0\0\0\6\0\1\0t\0\0\0\4\0\2\200"),
	 "[" TOLD("32", "NFNL_SUBSYS_NFTABLES<<8|NFT_MSG_NEWTABLE",
		  "NLM_F_REQUEST|NLM_F_CREATE") ", {nfgen_family=AF_INET, version=NFNETLINK_V0, "
						"res_id=htons(0)}, [[{nla_len=6, "
						"nla_type=0x1}, \"\\x74\\x00\"], {nla_len=4, "
						"nla_type=NLA_F_NESTED|0x2}]]"},
	{NETLINK_SOCK_DIAG,
	 TEXT(1, HEADER("\50", "\24", "\1\3") "\1\0\0\0\0\4\0\0\0\0\0\0\5\0\0\0\1\0\0\0\2\0\0\0"),
	 "[" TOLD("40", "SOCK_DIAG_BY_FAMILY",
		  "NLM_F_REQUEST|NLM_F_DUMP") ", {sdiag_family=AF_UNIX, "
					      "sdiag_protocol=0, udiag_states=1<<TCP_LISTEN, "
					      "udiag_ino=0, "
					      "udiag_show=UDIAG_SHOW_NAME|UDIAG_SHOW_PEER, "
					      "udiag_cookie=[1, 2]}]"},
	{31, TEXT(1, HEADER("\22", "\143", "\1\0") "ab"),
	 "[" TOLD("18", "0x63 /* NLMSG_??? */", "NLM_F_REQUEST") ", \"\\x61\\x62\"]"},
	{NETLINK_ROUTE, TEXT(1, HEADER("\20", "\3", "\0\0") HEADER("\20", "\3", "\0\0")),
	 "[" TOLD("16", "NLMSG_DONE", "0") ", " TOLD("16", "NLMSG_DONE", "0") "]"},
	{NETLINK_ROUTE, CUT(1, HEADER("\20", "\3", "\0\0")),
	 "[" TOLD("16", "NLMSG_DONE", "0") ", ...]"},
	{NETLINK_ROUTE, TEXT(1, "\20\0\0"), "\"\\x10\\x00\\x00\""},
	{NETLINK_ROUTE, TEXT(1, HEADER("\1", "\3", "\0\0") "xx"), TOLD("1", "NLMSG_DONE", "0")},
	{NETLINK_KOBJECT_UEVENT, TEXT(1, "add@/x"), "\"add@/x\""},
};

static void test_messages_as_strace_prints_them(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		AUTO_FREE char *text = sent(messages[i].protocol, &messages[i].data);

		if (!strstr(text, messages[i].wanted))
			fail_msg("%s is not in %s", messages[i].wanted, text);
	}
}

/* Lengths and types that no kernel makes: some text, and nothing beyond the bytes. */
static void test_hostile_messages(void **state)
{
	uint32_t random = 1;

	for (unsigned round = 0; round < 4000; round++) {
		size_t bytes = round % 97;
		AUTO_FREE unsigned char *data = malloc(bytes ? bytes : 1);
		struct value value = {
			.type = VALUE_SOCKET_DATA,
			.data = data,
			.data_bytes = bytes,
			.truncated = round & 1,
		};
		struct buf out = {0};

		assert_non_null(data);
		for (size_t i = 0; i < bytes; i++) {
			random = random * 1664525 + 1013904223;
			data[i] = random >> 29 ? (random >> 16 & 0x1f) : 0;
		}
		netlink_text(&out, round % 33, &value);
		assert_true(out.bytes > 0);
		assert_false(out.failed);
		buf_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_as_strace_prints_them),
		cmocka_unit_test(test_hostile_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
