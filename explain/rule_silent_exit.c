/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program ended by itself without a word, and no failed call stands out: what remains is its
 * exit status, whom it had talked to and what it had read last.
 */
#include <inttypes.h>
#include <string.h>

#include "explain/rules.h"
#include "explain/words.h"
#include "replay/call_object.h"

#define SCORE	  20
#define BACK_ACTS 2000
#define LAST_ACTS 8

/* The peer of the last connection that was made. */
static bool last_peer(const struct facts *facts, uint32_t process, struct buf *out,
		      uint32_t *ret_entry)
{
	unsigned seen = 0;

	for (size_t i = facts->n_acts; i > 0 && seen < BACK_ACTS; i--) {
		const struct act *act = &facts->acts[i - 1];
		const struct event_capture *address;
		struct event event;

		if (act->process != process)
			continue;
		seen++;
		if (act->kind != ACT_CONNECT)
			continue;
		facts_event(facts, act, &event);
		address = event_capture_of(&event, 1);
		if (!address)
			continue;
		call_address_text(out, address->data, address->bytes);
		*ret_entry = act->entry;
		return out->bytes > 0;
	}
	return false;
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
static const char *meaning_of(int status)
{
	switch (status) {
	case 124:
		return "timeout(1) gives this status when the time is up";
	case 126:
		return "a shell gives this status for what it may not run";
	case 127:
		return "a shell gives this status for a command that it does not find";
	default:
		return "the manual of the program tells what this exit status means";
	}
}

void rule_silent_exit(const struct facts *facts, const struct candidates *candidates,
		      struct findings *findings)
{
	uint32_t process = facts_culprit(facts), entry;
	const struct failure *failure = &facts->snapshot->failure;
	struct finding *finding;
	struct buf peer = {0};
	size_t exit;

	if (process == PROCESS_NONE || facts->setup_only || failure->kind != FAILURE_EXIT ||
	    !failure->exit_code || facts_death_of(facts, process) ||
	    facts_last_words(facts, process))
		return;
	finding = findings_add(findings, "silent-exit", CONFIDENCE_POSSIBLE, SCORE);
	if (!finding)
		return;
	words_process(&finding->sentence, facts, process);
	buf_add_text(&finding->sentence, " ended by itself and said nothing: it ");
	words_end(&finding->sentence, facts, process);
	words_chain(&finding->sentence, facts, process);
	if (last_peer(facts, process, &peer, &entry)) {
		buf_add_text(&finding->sentence, "; the last that it connected to was ");
		words_object(&finding->sentence, buf_text(&peer));
		buf_add(&finding->object, peer.data, peer.bytes);
		finding_add_evidence(finding, entry);
	}
	buf_done(&peer);
	if (facts_exit_of(facts, process, &exit))
		finding_add_evidence(finding, exit);
	add_last_acts(finding, facts, process);
	buf_printf(&finding->next, "%s; run it with more output (-v, --verbose, a log level)",
		   meaning_of(failure->exit_code));
}
