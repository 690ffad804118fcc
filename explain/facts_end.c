/* SPDX-License-Identifier: Apache-2.0 */
/* How processes ended: their exits, the signals that were sent to them, their last words. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "explain/facts.h"
#include "explain/says.h"

#define LAST_WORDS_BACK 24
#define BREATH_NS	200000000ULL
#define BETWEEN_BREATHS                                                                            \
	(ACT_BIT(ACT_EXEC) | ACT_BIT(ACT_FORK) | ACT_BIT(ACT_CONNECT) | ACT_BIT(ACT_BIND) |        \
	 ACT_BIT(ACT_ACCEPT) | ACT_BIT(ACT_SLEEP) | ACT_BIT(ACT_WAIT) | ACT_BIT(ACT_RECEIVE))

static bool asks_for_an_end(int signal)
{
	return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT || signal == SIGHUP ||
	       signal == SIGKILL;
}

static bool is_by_another(const struct event *event)
{
	/* kill, sigqueue, tgkill; the sender of a timer's signal is whoever ran just then. */
	return (event->signal.code == SI_USER || event->signal.code == SI_QUEUE ||
		event->signal.code == SI_TKILL) &&
	       event->signal.sender_tgid != event->signal.target_tgid;
}

static bool find_signal(const struct facts *facts, uint32_t process, int signal, bool by_another,
			uint64_t until_ns, struct event *ret, size_t *ret_entry)
{
	uint32_t tgid = process == PROCESS_NONE ? 0 : facts->processes.all[process].tgid;

	for (size_t i = timeline_count(facts->timeline); i > 0; i--) {
		const struct timeline_entry *entry = timeline_at(facts->timeline, i - 1);

		if (entry->kind != TIMELINE_EVENT || entry->time_ns > until_ns ||
		    IGREC_META_TYPE(timeline_header(entry).meta) != IGREC_RECORD_SIGNAL)
			continue;
		timeline_event(entry, ret);
		if (ret->signal.target_tgid != tgid ||
		    (signal ? ret->signal.signal != signal
			    : !asks_for_an_end(ret->signal.signal)) ||
		    (by_another && !is_by_another(ret)))
			continue;
		*ret_entry = i - 1;
		return true;
	}
	return false;
}

bool facts_signal_to(const struct facts *facts, uint32_t process, int signal, struct event *ret,
		     size_t *ret_entry)
{
	return find_signal(facts, process, signal, false, UINT64_MAX, ret, ret_entry);
}

bool facts_told_until(const struct facts *facts, uint32_t process, int signal, uint64_t until_ns,
		      struct event *ret, size_t *ret_entry)
{
	return find_signal(facts, process, signal, true, until_ns, ret, ret_entry);
}

bool facts_exit_of(const struct facts *facts, uint32_t process, size_t *ret_entry)
{
	uint32_t tgid = process == PROCESS_NONE ? 0 : facts->processes.all[process].tgid;

	for (size_t i = timeline_count(facts->timeline); i > 0; i--) {
		const struct timeline_entry *entry = timeline_at(facts->timeline, i - 1);
		struct event event;

		if (entry->kind != TIMELINE_EVENT ||
		    IGREC_META_TYPE(timeline_header(entry).meta) != IGREC_RECORD_EXIT ||
		    timeline_task_of(facts->timeline, entry)->tgid != tgid)
			continue;
		timeline_event(entry, &event);
		if (!event.exit.last)
			continue;
		*ret_entry = i - 1;
		return true;
	}
	return false;
}

int facts_death_of(const struct facts *facts, uint32_t process)
{
	const struct process *ended;

	if (process == PROCESS_NONE)
		return facts->snapshot->failure.signal;
	ended = &facts->processes.all[process];
	if (ended->end_ns)
		return WIFSIGNALED(ended->code) ? WTERMSIG(ended->code) : 0;
	return ended->failed ? facts->snapshot->failure.signal : 0;
}

/* Nothing but messages lies between the two: the later ones tell what follows from the first. */
static bool is_one_breath(const struct facts *facts, const struct message *earlier,
			  const struct message *later)
{
	if (facts_time_ns(facts, later->first_entry) - facts_time_ns(facts, earlier->last_entry) >
	    BREATH_NS)
		return false;
	for (size_t i = facts_first_after(facts, earlier->last_entry);
	     i < facts->n_acts && facts->acts[i].entry < later->first_entry; i++) {
		if (facts->acts[i].process == later->process &&
		    (BETWEEN_BREATHS & ACT_BIT(facts->acts[i].kind)))
			return false;
	}
	return true;
}

static bool is_better(const struct facts *facts, const struct message *message, enum tone tone,
		      const struct message *best, enum tone best_tone)
{
	if (!best || tone > best_tone)
		return true;
	/* Java tells the cause last. */
	return tone == best_tone && tone >= TONE_ERROR && !strstr(best->text, "Caused by") &&
	       is_one_breath(facts, message, best);
}

enum tone facts_tone_of(const struct facts *facts, const struct message *message)
{
	enum tone tone = message->tone;
	const char *comm = facts_comm(facts, message->process);
	size_t bytes = strlen(comm);

	if (says_place_of_source(message->text))
		return TONE_FATAL;
	/* "gzip: stdin: ...": so begins what a program has to complain of. */
	if ((tone == TONE_PLAIN || tone == TONE_CLOSING) && message->is_error && bytes &&
	    !strncmp(message->text, comm, bytes) && !strncmp(message->text + bytes, ": ", 2))
		return TONE_ERROR;
	return tone;
}

const struct message *facts_last_words(const struct facts *facts, uint32_t process)
{
	const struct message *best = NULL;
	enum tone best_tone = TONE_PLAIN;
	unsigned seen = 0;

	for (size_t i = facts->n_messages; i > 0 && seen < LAST_WORDS_BACK; i--) {
		const struct message *message = &facts->messages[i - 1];
		enum tone tone;

		if (message->process != process || !message->bytes)
			continue;
		seen++;
		tone = facts_tone_of(facts, message);
		/* What is on stderr is meant as a message. */
		if (tone == TONE_PLAIN && !message->is_error && best)
			continue;
		if (is_better(facts, message, tone, best, best_tone)) {
			best = message;
			best_tone = tone;
		}
	}
	return best;
}
