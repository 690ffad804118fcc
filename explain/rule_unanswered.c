/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer that did not answer: a connection that was never made, a request without a reply, or a
 * connection that the peer closed instead of answering.  No call fails then, so this follows what
 * the process did with each of its sockets.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "explain/lookups.h"
#include "explain/rules.h"
#include "explain/says.h"
#include "explain/words.h"
#include "replay/call_object.h"

#define TALKS_MAX     64
#define SILENCE_NS    150000000ULL
#define WAIT_NS	      1500000000ULL /* before it is killed */
#define SOCKET_TYPE   0xf	    /* SOCK_TYPE_MASK, include/linux/net.h */
#define WAKE_BYTES    8		    /* of an eventfd, or less through a pipe */
#define SCORE_CERTAIN 95
#define SCORE_KILLED  96 /* above the kill: rule_killed() */

enum talk_state {
	TALK_NONE,
	TALK_CONNECTING, /* the connect has not come to an end */
	TALK_CONNECTED,
	TALK_ASKED,  /* something was sent, nothing has come back since */
	TALK_CLOSED, /* the peer closed it */
};

/* What a process did with one socket. */
struct talk {
	int fd;
	enum talk_state state;
	uint32_t connect, last; /* entries */
	uint64_t since_ns;	/* when it came into its state */
	uint64_t until_ns;	/* when it was closed; 0: it was not */
	bool is_datagram;	/* its peer need not answer */
	char peer[128];		/* unescaped */
};

struct talks {
	const struct facts *facts;
	uint32_t process;
	struct talk all[TALKS_MAX]; /* the last ones */
	size_t count;
	bool is_server; /* it waits for its clients as well */
};

static struct talk *open_talk(struct talks *talks, int fd)
{
	for (size_t i = talks->count; i > 0; i--) {
		if (talks->all[i - 1].fd == fd)
			return talks->all[i - 1].until_ns ? NULL : &talks->all[i - 1];
	}
	return NULL;
}

static void peer_text(const struct event *event, char peer[128])
{
	const struct event_capture *capture = event_capture_of(event, 1);
	struct buf text = {0};

	if (!capture)
		return;
	call_address_text(&text, capture->data, capture->bytes);
	if (text.bytes && text.bytes < 128)
		memcpy(peer, text.data, text.bytes);
	buf_done(&text);
}

/* By the last socket() before that gave the descriptor. */
static bool is_datagram(const struct facts *facts, const struct act *connect, int fd)
{
	for (size_t i = facts_first_after(facts, connect->entry); i > 0; i--) {
		const struct act *act = &facts->acts[i - 1];
		struct event event;

		if (act->kind != ACT_SOCKET || act->process != connect->process)
			continue;
		facts_event(facts, act, &event);
		if (event.result == fd)
			return event.args > 1 && (event.arg[1] & SOCKET_TYPE) == SOCK_DGRAM;
	}
	return false;
}

static void begin_talk(struct talks *talks, const struct act *act, const struct event *event)
{
	struct talk *talk = open_talk(talks, (int)event->arg[0]);
	bool waits = act->error == EINPROGRESS;

	/* Asked again how it went. */
	if (talk && talk->state == TALK_CONNECTING && (!act->error || act->error == EISCONN)) {
		talk->state = TALK_CONNECTED;
		return;
	}
	if (act->error && !waits)
		return;
	if (talks->count == TALKS_MAX) {
		memmove(talks->all, talks->all + 1, (TALKS_MAX - 1) * sizeof(talks->all[0]));
		talks->count--;
	}
	talk = &talks->all[talks->count++];
	*talk = (struct talk){
		.fd = (int)event->arg[0],
		.state = waits ? TALK_CONNECTING : TALK_CONNECTED,
		.connect = act->entry,
		.last = act->entry,
		.since_ns = event->time_ns,
		.is_datagram = is_datagram(talks->facts, act, (int)event->arg[0]),
	};
	peer_text(event, talk->peer);
}

static void set_state(struct talk *talk, enum talk_state state, const struct act *act,
		      const struct event *event)
{
	talk->state = state;
	talk->last = act->entry;
	talk->since_ns = event->end_ns;
}

static void go_on(struct talk *talk, const struct act *act, const struct event *event)
{
	switch (act->kind) {
	case ACT_SEND:
	case ACT_WRITE:
		if (!act->error && event->result > 0)
			set_state(talk, TALK_ASKED, act, event);
		return;
	case ACT_RECEIVE:
	case ACT_READ:
		if (!act->error && event->result >= 0)
			set_state(talk, event->result ? TALK_CONNECTED : TALK_CLOSED, act, event);
		return;
	case ACT_OPTION:
		/* A failed SO_ERROR is a failed call of its own: rule_failed_call(). */
		if (talk->state == TALK_CONNECTING && event->args > 2 &&
		    event->arg[1] == SOL_SOCKET && event->arg[2] == SO_ERROR)
			set_state(talk, TALK_CONNECTED, act, event);
		return;
	default:
		return;
	}
}

static bool is_close(enum arch arch, const struct event *event)
{
	const struct syscall_descriptor *call = syscall_by_number(arch, event->nr);

	return call && !strcmp(call->name, "close");
}

static void follow(struct talks *talks)
{
	const struct facts *facts = talks->facts;

	for (size_t i = 0; i < facts->n_acts; i++) {
		const struct act *act = &facts->acts[i];
		struct talk *talk;
		struct event event;

		if (act->process != talks->process || act->in_flight)
			continue;
		if (!act->error && (act->kind == ACT_LISTEN || act->kind == ACT_ACCEPT))
			talks->is_server = true;
		facts_event(facts, act, &event);
		if (act->kind == ACT_CONNECT) {
			begin_talk(talks, act, &event);
			continue;
		}
		talk = event.args ? open_talk(talks, (int)event.arg[0]) : NULL;
		if (!talk)
			continue;
		if (act->kind == ACT_TIDY && is_close(facts->arch, &event))
			talk->until_ns = event.time_ns;
		else
			go_on(talk, act, &event);
	}
}

/* ---- what it means ----------------------------------------------------------------------- */

static const struct meaning {
	const char *kind, *sentence;
	const char *phrases[12];
	const char *next;
} meanings[] = {
	[TALK_CONNECTING] = {"timeout",
			     "could not connect to %s: there was no answer within ",
			     {"timed out", "timeout", "time out", "deadline", "timedout",
			      "unavailable", "could not connect", "failed to connect"},
			     "look at NetworkPolicy, firewalls, and whether the host is up"},
	[TALK_ASKED] = {"timeout",
			"sent to %s and got no reply within ",
			{"timed out", "timeout", "time out", "deadline", "timedout", "no response",
			 "no reply", "not respond"},
			"look at what the peer did with the request: its log, its load"},
	[TALK_CLOSED] =
		{"peer-closed",
		 "lost its connection to %s: the peer closed it, after ",
		 {"closed", "eof", "empty reply", "lost", "hang up", "hung up", "unexpected",
		  "reset", "terminated", "ssl", "tls", "disconnect"},
		 "look at the peer's log: it may have refused the request, or speak another "
		 "protocol, such as TLS on the one side only"},
};

static uint64_t silence_of(const struct facts *facts, const struct talks *talks,
			   const struct talk *talk)
{
	uint64_t until_ns = talk->until_ns ? talk->until_ns : facts_end_ns(facts, talks->process);

	return until_ns > talk->since_ns ? until_ns - talk->since_ns : 0;
}

static const struct message *message_of(const struct facts *facts, uint32_t process,
					const struct talk *talk, const struct meaning *meaning)
{
	for (size_t i = facts->n_messages; i > 0; i--) {
		const struct message *message = &facts->messages[i - 1];

		if (message->process != process || message->last_entry < talk->last)
			continue;
		for (size_t j = 0; j < ARRAY_SIZE(meaning->phrases) && meaning->phrases[j]; j++) {
			if (strcasestr(message->text, meaning->phrases[j]))
				return message;
		}
	}
	return NULL;
}

static bool is_telling(const struct facts *facts, const struct talks *talks,
		       const struct talk *talk)
{
	if (!talk->peer[0] || !strncmp(talk->peer, "\"", 1) || is_name_server(talk->peer))
		return false;
	if (talk->state == TALK_CLOSED)
		return true;
	/* A collector of logs or metrics never answers. */
	if (talk->is_datagram && !message_of(facts, talks->process, talk, &meanings[talk->state]))
		return false;
	return (talk->state == TALK_CONNECTING || talk->state == TALK_ASKED) &&
	       silence_of(facts, talks, talk) >= SILENCE_NS;
}

static int points_of(const struct facts *facts, const struct talks *talks, const struct talk *talk,
		     const struct message *message)
{
	uint32_t from = message ? message->last_entry : talk->last;
	unsigned work = facts_work_after(facts, talks->process, from);
	int points = talk->state == TALK_CLOSED ? 15 : 30;

	if (message)
		points += 40;
	if (message && says_object(message->text, talk->peer))
		points += 15;
	if (work <= 3)
		points += 15;
	else if (work > 40)
		points -= 40;
	/* Who is killed does not get to say it; it is told before the kill. */
	if (facts_death_of(facts, talks->process))
		points = SCORE_KILLED;
	return points;
}

static void propose(const struct facts *facts, const struct talks *talks, const struct talk *talk,
		    struct findings *findings)
{
	const struct meaning *meaning = &meanings[talk->state];
	const struct message *message = message_of(facts, talks->process, talk, meaning);
	const char *place = strstr(meaning->sentence, "%s");
	int points = points_of(facts, talks, talk, message);
	enum confidence confidence = points >= 60 ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE;
	struct finding *finding;
	struct buf *out;

	if (points < 40)
		return;
	/* The points of who was killed are a rank, not a proof. */
	if (!facts_death_of(facts, talks->process) && points >= SCORE_CERTAIN && message &&
	    talk->state == TALK_CONNECTING)
		confidence = CONFIDENCE_CERTAIN;
	finding = findings_add(findings, meaning->kind, confidence, points);
	if (!finding)
		return;
	buf_add_text(&finding->object, talk->peer);
	out = &finding->sentence;
	words_process(out, facts, talks->process);
	buf_add_char(out, ' ');
	buf_add(out, meaning->sentence, (size_t)(place - meaning->sentence));
	words_object(out, talk->peer);
	buf_add_text(out, place + 2);
	words_duration(out, silence_of(facts, talks, talk));
	if (message) {
		buf_add_text(out, "; it said ");
		words_quote(out, message);
		finding_add_evidence(finding, message->last_entry);
	}
	words_end_after(out, " and ", facts, talks->process);
	words_chain(out, facts, talks->process);
	finding_add_evidence(finding, talk->connect);
	finding_add_evidence(finding, talk->last);
	buf_add_text(&finding->next, meaning->next);
}

/* The last talk that tells something; NULL. */
static const struct talk *telling_talk(const struct facts *facts, struct talks *talks)
{
	follow(talks);
	for (size_t i = talks->count; i > 0; i--) {
		if (is_telling(facts, talks, &talks->all[i - 1]))
			return &talks->all[i - 1];
	}
	return NULL;
}

/* Whether an act is about another descriptor than the peer's, and more than a thread woken up. */
static bool is_other_deed(const struct act *act, const struct event *event, int fd)
{
	if (act->error || !event->args || (int)event->arg[0] == fd)
		return false;
	if (act->kind == ACT_SEND || act->kind == ACT_RECEIVE)
		return true;
	return (act->kind == ACT_READ || act->kind == ACT_WRITE) && !act->in_flight &&
	       event->arg[0] > STDERR_FILENO && event->result > WAKE_BYTES;
}

/* Behind its last deed with the peer it did nothing else. */
static bool only_waited(const struct facts *facts, const struct talks *talks,
			const struct talk *talk)
{
	for (size_t i = facts_first_after(facts, talk->last); i < facts->n_acts; i++) {
		const struct act *act = &facts->acts[i];
		struct event event;

		if (act->process != talks->process)
			continue;
		facts_event(facts, act, &event);
		if (is_other_deed(act, &event, talk->fd))
			return false;
	}
	return facts_work_after(facts, talks->process, talk->last) == 0;
}

/* It still waited for the peer when it was killed. */
static bool is_waiting(const struct facts *facts, const struct talks *talks,
		       const struct talk *talk)
{
	return !talks->is_server && !talk->is_datagram && !talk->until_ns &&
	       talk->state != TALK_CLOSED && silence_of(facts, talks, talk) >= WAIT_NS &&
	       only_waited(facts, talks, talk);
}

bool unanswered_is_waited_for(const struct facts *facts, uint32_t process)
{
	struct talks talks = {.facts = facts, .process = process};
	const struct talk *talk = process == PROCESS_NONE ? NULL : telling_talk(facts, &talks);

	return talk && is_waiting(facts, &talks, talk);
}

void rule_unanswered(const struct facts *facts, const struct candidates *candidates,
		     struct findings *findings)
{
	struct talks talks = {.facts = facts, .process = facts_culprit(facts)};
	const struct talk *talk;

	if (talks.process == PROCESS_NONE)
		return;
	talk = telling_talk(facts, &talks);
	if (!talk || (facts_death_of(facts, talks.process) && !is_waiting(facts, &talks, talk)))
		return;
	propose(facts, &talks, talk, findings);
}
