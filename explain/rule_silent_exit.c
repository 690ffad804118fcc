/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program ended by itself, of its words none is known, and no failed call stands out: what
 * remains is its exit status, whom it had talked to and what it had read last.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "explain/lookups.h"
#include "explain/rules.h"
#include "explain/words.h"
#include "replay/call_object.h"

#define SCORE	  20
#define BACK_ACTS 2000
#define LAST_ACTS 8

/* Of name servers, and of the ports that a resolver only looks for a route with, nothing follows.
 */
static bool is_telling(const char *address)
{
	const char *port = strrchr(address, ':');

	return address[0] && !is_name_server(address) && !(port && !strcmp(port, ":0"));
}

/* The last connection that was made, or begun. */
static const struct act *last_peer(const struct facts *facts, uint32_t process, struct buf *out)
{
	unsigned seen = 0;

	for (size_t i = facts->n_acts; i > 0 && seen < BACK_ACTS; i--) {
		const struct act *act = &facts->acts[i - 1];
		const struct event_capture *address;
		struct event event;

		if (act->process != process)
			continue;
		seen++;
		if (act->kind != ACT_CONNECT || act->in_flight ||
		    (act->error && act->error != EINPROGRESS))
			continue;
		facts_event(facts, act, &event);
		address = event_capture_of(&event, 1);
		if (!address)
			continue;
		buf_clear(out);
		call_address_text(out, address->data, address->bytes);
		if (!out->failed && is_telling(buf_text(out)))
			return act;
	}
	return NULL;
}

static void add_last_acts(struct finding *finding, const struct facts *facts, uint32_t process)
{
	unsigned added = 0;

	for (size_t i = facts->n_acts; i > 0 && added < LAST_ACTS; i--) {
		if (facts->acts[i - 1].process != process)
			continue;
		finding_add_evidence(finding, facts->acts[i - 1].entry);
		added++;
	}
}

/* What shells and their helpers mean by it. */
static void add_meaning(struct buf *out, int status)
{
	if (status == 124)
		buf_add_text(out, "timeout(1) gives this status when the time is up");
	else if (status == 126)
		buf_add_text(out, "a shell gives this status for what it may not run");
	else if (status == 127)
		buf_add_text(out, "a shell gives this status for a command that it does not find");
	else
		buf_printf(out, "look up exit status %d in the manual of the program", status);
}

/* The process' own: those who waited for it may have ended with another one. */
static int status_of(const struct facts *facts, uint32_t process)
{
	const struct process *of = &facts->processes.all[process];

	if (of->end_ns)
		return WEXITSTATUS(of->code);
	return of->failed ? facts->snapshot->failure.exit_code : 0;
}

static bool is_silent(const struct facts *facts, uint32_t process)
{
	const struct failure *failure = &facts->snapshot->failure;
	struct event signal;
	size_t entry;

	return process != PROCESS_NONE && !facts->setup_only && failure->kind == FAILURE_EXIT &&
	       failure->exit_code && !facts_death_of(facts, process) &&
	       !facts_last_words(facts, process) &&
	       !facts_told_until(facts, process, 0, UINT64_MAX, &signal, &entry);
}

static void add_last_peer(struct finding *finding, const struct facts *facts, uint32_t process)
{
	struct buf peer = {0};
	const struct act *connect = last_peer(facts, process, &peer);

	if (connect) {
		buf_printf(&finding->sentence, "; the last that it %s was ",
			   connect->error ? "tried to reach" : "connected to");
		words_object(&finding->sentence, buf_text(&peer));
		buf_add(&finding->object, peer.data, peer.bytes);
		finding_add_evidence(finding, connect->entry);
	}
	buf_done(&peer);
}

void rule_silent_exit(const struct facts *facts, const struct candidates *candidates,
		      struct findings *findings)
{
	uint32_t process = facts_culprit(facts);
	struct finding *finding;
	size_t exit;

	if (!is_silent(facts, process))
		return;
	finding = findings_add(findings, "silent-exit", CONFIDENCE_POSSIBLE, SCORE);
	if (!finding)
		return;
	words_process(&finding->sentence, facts, process);
	buf_add_text(&finding->sentence, " ended by itself");
	words_end_after(&finding->sentence, ": it ", facts, process);
	buf_add_text(&finding->sentence, ", and no message of it is on the tape");
	words_chain(&finding->sentence, facts, process);
	add_last_peer(finding, facts, process);
	if (facts_exit_of(facts, process, &exit))
		finding_add_evidence(finding, exit);
	add_last_acts(finding, facts, process);
	if (status_of(facts, process)) {
		add_meaning(&finding->next, status_of(facts, process));
		buf_add_text(&finding->next, "; ");
	}
	buf_add_text(&finding->next, "run it with more output (-v, --verbose, a log level)");
}
