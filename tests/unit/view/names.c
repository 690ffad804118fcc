/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to name servers: whose answer is whose, and which have none. */
#include "tests/unit/view/shown.h"

#define NAME	   "\2db\4test\0"
#define QUERY(id)  "\0" id "\1\0\0\1\0\0\0\0\0\0" NAME "\0\1\0\1"
#define FAILED(id) "\0" id "\x81\x82\0\1\0\0\0\0\0\0" NAME "\0\1\0\1"
#define ANSWER(id, ip)                                                                             \
	"\0" id "\x81\x80\0\1\0\1\0\0\0\0" NAME "\0\1\0\1"                                         \
	"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" ip
#define COLUMNS "qr type name rcode nameserver n_answers answers latency_ns"

#define SERVER_A "\2\0\0\65\12\0\0\12\0\0\0\0\0\0\0\0"
#define SERVER_B "\2\0\0\65\12\0\0\13\0\0\0\0\0\0\0\0"

/* A datagram with the address that it goes to or came from; NULL without. */
static void tell_datagram(struct story *story, const char *call, const void *data, size_t bytes,
			  const char *peer, int64_t result)
{
	struct sample_record record = call_of(&init, call, story->before_ns, result);

	record.arg[0] = 5;
	record.arg[1] = 0x1000;
	record.arg[2] = 512;
	record.arg[4] = peer ? 0x2000 : 0;
	record.arg[5] = peer ? 16 : 0;
	record.captures = peer ? 2 : 1;
	record.capture[0] = (struct sample_capture){1, 0, data, (uint16_t)bytes};
	record.capture[1] = (struct sample_capture){4, 0, peer, 16};
	sample_add(&story->tape, &record);
	story->before_ns -= MS;
}

#define ASK(story, id, peer)                                                                       \
	tell_datagram(story, "sendto", QUERY(id), sizeof(QUERY(id)) - 1, peer,                     \
		      sizeof(QUERY(id)) - 1)
#define HEAR(story, message, peer)                                                                 \
	tell_datagram(story, "recvfrom", message, sizeof(message) - 1, peer, sizeof(message) - 1)

static struct story story_with_socket(void)
{
	struct story story = story_new();

	TELL(&story, &init, "socket", 5, {AF_INET, SOCK_DGRAM, 0});
	return story;
}

static void test_answered_and_not(void **state)
{
	struct story story = story_with_socket();

	TELL(&story, &init, "connect", 0, {5, 0x1000, 16}, 1, SERVER_A, 16);
	ASK(&story, "\1", NULL);
	HEAR(&story, FAILED("\7"), NULL); /* of nobody's question */
	HEAR(&story, ANSWER("\1", "\x0a\0\0\5"), NULL);
	ASK(&story, "\2", NULL);
	HEAR(&story, FAILED("\2"), NULL);
	ASK(&story, "\3", NULL);
	assert_rows_of(story.tape.snapshot, "dns", "qr rcode", filter_with(FILTER_FAILED, NULL),
		       "QR|SERVFAIL\nQ|-\n");
	assert_rows(&story, "dns", COLUMNS,
		    "QR|A|db.test|NOERROR|10.0.0.10:53|1|10.0.0.5,|2001000\n"
		    "QR|A|db.test|SERVFAIL|10.0.0.10:53|0|-|1001000\n"
		    "Q|A|db.test|-|10.0.0.10:53|-|-|-\n");
}

/* musl asks all servers at once, with one id: what one says is not the other's answer. */
static void test_two_servers(void **state)
{
	struct story story = story_with_socket();

	ASK(&story, "\1", SERVER_A);
	ASK(&story, "\1", SERVER_B);
	HEAR(&story, ANSWER("\1", "\x0a\0\0\5"), SERVER_A);
	assert_rows(&story, "dns", "qr nameserver answers",
		    "QR|10.0.0.10:53|10.0.0.5,\nQ|10.0.0.11:53|-\n");
}

/* Asked again, it is the last question that is answered. */
static void test_asked_again(void **state)
{
	struct story story = story_with_socket();

	ASK(&story, "\1", SERVER_A);
	ASK(&story, "\1", SERVER_A);
	HEAR(&story, ANSWER("\1", "\x0a\0\0\5"), SERVER_A);
	tell_datagram(&story, "sendto", QUERY("\4"), sizeof(QUERY("\4")) - 1, SERVER_A,
		      -ECONNREFUSED);
	assert_rows(&story, "dns", "qr error", "Q|-\nQR|-\nQ|ECONNREFUSED\n");
}

/* A name server in the container is asked and answers: nothing that the container asked. */
static void test_server(void **state)
{
	struct story story = story_with_socket();

	HEAR(&story, QUERY("\1"), SERVER_A);
	tell_datagram(&story, "sendto", ANSWER("\1", "\x0a\0\0\5"),
		      sizeof(ANSWER("\1", "\x0a\0\0\5")) - 1, SERVER_A, 40);
	assert_rows(&story, "dns", "qr", "");
}

static void test_cut(void **state)
{
	struct story story = story_with_socket();

	ASK(&story, "\1", SERVER_A);
	tell_datagram(&story, "recvfrom", ANSWER("\1", "\x0a\0\0\5"),
		      sizeof(ANSWER("\1", "\x0a\0\0\5")) - 3, SERVER_A, 40);
	assert_rows(&story, "dns", "rcode n_answers answers answers_cut", "NOERROR|1|-|1\n");
}

static void test_name_of_peer(void **state)
{
	struct story story = story_with_socket();

	ASK(&story, "\1", SERVER_A);
	HEAR(&story, ANSWER("\1", "\x0a\0\0\1"), SERVER_A);
	TELL(&story, &init, "socket", 6, {AF_INET, SOCK_STREAM, 0});
	TELL(&story, &init, "connect", 0, {6, 0x1000, 16}, 1, TEN_443, 16);
	assert_rows(&story, "deps", "target peer_name", "10.0.0.10:53|-\n10.0.0.1:443|db.test\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answered_and_not),
		cmocka_unit_test(test_two_servers),
		cmocka_unit_test(test_asked_again),
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_name_of_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
