/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A name could not be resolved: the server denied it, failed, or did not answer; search domains
 * multiply the questions.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/cleanup.h"
#include "explain/lookups.h"
#include "explain/rules.h"
#include "explain/says.h"
#include "explain/words.h"
#include "replay/call_object.h"

#define NAMES_LISTED  6
#define STORM	      6 /* questions for one name */
#define SCORE_CERTAIN 95
#define SCORE_WORDS   80

struct question {
	const struct lookups *lookups;
	const struct lookup *first, *last; /* of the name that is in question */
	size_t asked;			   /* how often, with search domains */
	const struct message *message;	   /* that speaks of it; NULL */
	bool says_name, says_phrase;
};

static bool is_good(const struct lookup *lookup)
{
	return lookup->rcode == 0 && lookup->answers > 0;
}

/* Whether a name is the other one with a search domain behind. */
static bool is_longer(const char *longer, const char *name)
{
	size_t bytes = strlen(name);

	return !strncmp(longer, name, bytes) && (!longer[bytes] || longer[bytes] == '.');
}

static bool is_resolved(const struct lookups *lookups, const char *name)
{
	for (size_t i = 0; i < lookups->count; i++) {
		if (is_good(&lookups->all[i]) && is_longer(lookups->all[i].name, name))
			return true;
	}
	return false;
}

/* The last name that did not resolve, in its shortest form. */
static bool find_question(const struct lookups *lookups, struct question *ret)
{
	*ret = (struct question){.lookups = lookups};
	for (size_t i = lookups->count; i > 0; i--) {
		const struct lookup *lookup = &lookups->all[i - 1];

		if (!ret->last) {
			if (!is_resolved(lookups, lookup->name))
				ret->last = ret->first = lookup;
		} else if (is_longer(ret->first->name, lookup->name) ||
			   is_longer(lookup->name, ret->first->name)) {
			if (strlen(lookup->name) < strlen(ret->first->name))
				ret->last = lookup;
			ret->first = strlen(lookup->name) <= strlen(ret->first->name) ? lookup
										      : ret->first;
		}
	}
	for (size_t i = 0; ret->last && i < lookups->count; i++)
		ret->asked += is_longer(lookups->all[i].name, ret->first->name);
	return ret->last;
}

static void find_message(const struct facts *facts, struct question *question)
{
	for (size_t i = 0; i < facts->n_messages; i++) {
		const struct message *message = &facts->messages[i];
		bool name, phrase;

		if (message->last_entry < question->first->asked ||
		    !facts_in_chain(facts, message->process))
			continue;
		name = says_word(message->text, question->first->name);
		phrase = says_unresolved(message->text);
		if (!name + 2 * !phrase > !question->says_name + 2 * !question->says_phrase ||
		    (!name && !phrase))
			continue;
		question->message = message;
		question->says_name = name;
		question->says_phrase = phrase;
	}
}

static int points_of(const struct facts *facts, const struct question *question)
{
	uint32_t from = question->message ? question->message->last_entry : question->last->asked;
	unsigned work = facts_work_after(facts, question->last->process, from);
	int points = 40;

	if (question->says_phrase)
		points += 30;
	if (question->says_name)
		points += 15;
	if (work <= 3)
		points += 15;
	else if (work > 40)
		points -= 40;
	return points;
}

/* The name server: the last peer at port 53 before the question. */
static void add_server(struct buf *out, const struct facts *facts, const struct lookup *lookup)
{
	for (size_t i = facts_first_after(facts, lookup->asked); i > 0; i--) {
		const struct act *act = &facts->acts[i - 1];
		const struct event_capture *address;
		struct event event;

		if (act->kind != ACT_CONNECT || act->process != lookup->process)
			continue;
		facts_event(facts, act, &event);
		address = event_capture_of(&event, 1);
		if (!address || address->bytes < 4 || address->data[2] != 0 ||
		    address->data[3] != 53)
			continue;
		buf_add_char(out, ' ');
		call_address_text(out, address->data, address->bytes);
		return;
	}
}

static void add_why(struct buf *out, const struct facts *facts, const struct lookup *lookup,
		    bool refused)
{
	buf_add_text(out, refused ? "nobody answers at the name server" : "the name server");
	add_server(out, facts, lookup);
	if (refused)
		buf_add_text(out, " (ECONNREFUSED)");
	else if (lookup->rcode == LOOKUP_UNANSWERED)
		buf_add_text(out, " did not answer");
	else if (lookup->rcode == 0)
		buf_add_text(out, " knows the name, but no address of this kind");
	else
		buf_printf(out, " answered %s", lookup_rcode_name(lookup->rcode));
}

/* Whether the server's host told that nobody listens. */
static bool is_refused(const struct facts *facts, const struct lookup *lookup)
{
	for (size_t i = facts->n_failed; i > 0; i--) {
		const struct failed_call *failed = &facts->failed[i - 1];
		const struct act *act = &facts->acts[failed->act];

		if (act->process == lookup->process && failed->error == ECONNREFUSED &&
		    is_name_server(failed->object) && act->entry > lookup->asked)
			return true;
	}
	return false;
}

static const char *next_step(const struct lookup *lookup, bool refused)
{
	if (refused || lookup->rcode == LOOKUP_UNANSWERED)
		return "look at nameserver in /etc/resolv.conf (dnsPolicy, dnsConfig), whether the "
		       "cluster's DNS runs, and at NetworkPolicy for port 53";
	if (lookup->rcode == 2)
		return "look at the log of the name server: it failed to get an answer itself";
	return "look at how the name is spelt, whether the service exists in that namespace, and "
	       "at "
	       "search and ndots in /etc/resolv.conf";
}

static void write_finding(struct finding *finding, const struct facts *facts,
			  const struct question *question)
{
	const struct lookup *lookup = question->last;
	bool refused = lookup->rcode == LOOKUP_UNANSWERED && is_refused(facts, lookup);
	struct buf *out = &finding->sentence;

	buf_add_text(&finding->object, question->first->name);
	words_process(out, facts, lookup->process);
	buf_add_text(out, " could not resolve ");
	words_object(out, question->first->name);
	buf_add_text(out, ": ");
	add_why(out, facts, lookup, refused);
	if (question->asked >= STORM)
		buf_printf(out, "; it was asked for %zu times, with search domains",
			   question->asked);
	if (question->message) {
		buf_add_text(out, "; the program said ");
		words_quote(out, question->message);
		finding_add_evidence(finding, question->message->last_entry);
	}
	words_end_after(out, " and ", facts, lookup->process);
	words_chain(out, facts, lookup->process);
	finding_add_evidence(finding, question->first->asked);
	finding_add_evidence(finding, lookup->asked);
	if (lookup->answered)
		finding_add_evidence(finding, lookup->answered);
	buf_add_text(&finding->next, next_step(lookup, refused));
}

static void list_names(struct finding *finding, const struct question *question)
{
	unsigned listed = 0;
	const char *before = "";

	for (size_t i = 0; i < question->lookups->count && listed < NAMES_LISTED; i++) {
		const struct lookup *lookup = &question->lookups->all[i];

		if (!is_longer(lookup->name, question->first->name) ||
		    !strcmp(lookup->name, before))
			continue;
		buf_add_text(&finding->excluded, listed++ ? ", " : "names asked for: ");
		words_object(&finding->excluded, lookup->name);
		buf_printf(&finding->excluded, " (%s)", lookup_rcode_name(lookup->rcode));
		before = lookup->name;
	}
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether a line speaks of hosts or names before a place in it. */
static bool is_of_hosts(const char *text, const char *place)
{
	static const char *const words[] = {"host", "hostname", "name"};
	const char *line = place;

	while (line > text && line[-1] != '\n')
		line--;
	for (; line < place; line++) {
		if (line > text && is_letter(line[-1]))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
			size_t bytes = strlen(words[i]);

			if (!strncasecmp(line, words[i], bytes) && !is_letter(line[bytes]))
				return true;
		}
	}
	return false;
}

/* What stands before a name; modules, tables and paths are resolved and looked up as well. */
static const struct introduction {
	const char *words;
	bool of_hosts; /* only in a line that speaks of them */
	bool of_go;    /* "lookup NAME on SERVER: why", "lookup NAME: why" */
} introductions[] = {
	{": lookup ", false, true},	 {"ENOTFOUND ", false, false},
	{"EAI_AGAIN ", false, false},	 {"resolve host: ", false, false},
	{"resolve host ", false, false}, {"UnknownHostException: ", false, false},
	{"host name \"", false, false},	 {"resolve \"", true, false},
	{"resolve '", true, false},
};

/* The bytes of the name behind an introduction; 0 if there is none. */
static size_t name_behind(const struct introduction *introduction, const char *text,
			  const char *place, const char *name)
{
	size_t bytes = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.-_");

	if (!bytes || name[0] == '.' || (introduction->of_hosts && !is_of_hosts(text, place)))
		return 0;
	if (introduction->of_go && name[bytes] != ':' && strncmp(name + bytes, " on ", 4) != 0)
		return 0;
	/* The end of a sentence, or of a name that is whole. */
	return bytes - (name[bytes - 1] == '.');
}

/* Which name, where a resolver's own words tell it. */
static size_t name_in_words(const char *text, const char **ret_name)
{
	for (size_t i = 0; i < ARRAY_SIZE(introductions); i++) {
		const char *words = introductions[i].words;

		for (const char *at = strstr(text, words); at; at = strstr(at + 1, words)) {
			const char *name = at + strlen(words);
			size_t bytes = name_behind(&introductions[i], text, at, name);

			if (!bytes)
				continue;
			*ret_name = name;
			return bytes;
		}
	}
	return 0;
}

/* The questions are not on the tape: they were asked by write(), or of another daemon. */
static void propose_words(const struct facts *facts, struct findings *findings)
{
	uint32_t process = facts_culprit(facts);
	const struct message *said =
		process == PROCESS_NONE ? NULL : facts_last_words(facts, process);
	struct finding *finding;
	const char *name = NULL;
	size_t bytes, exit;

	if (!said || !says_unresolved(said->text) || facts_death_of(facts, process))
		return;
	bytes = name_in_words(said->text, &name);
	if (!bytes)
		return;
	finding = findings_add(findings, "dns", CONFIDENCE_LIKELY, SCORE_WORDS);
	if (!finding)
		return;
	buf_add(&finding->object, name, bytes);
	words_process(&finding->sentence, facts, process);
	buf_add_text(&finding->sentence, " could not resolve ");
	words_object(&finding->sentence, buf_text(&finding->object));
	buf_add_text(&finding->sentence, "; it said ");
	words_quote(&finding->sentence, said);
	words_end_after(&finding->sentence, " and ", facts, process);
	words_chain(&finding->sentence, facts, process);
	finding_add_evidence(finding, said->first_entry);
	if (facts_exit_of(facts, process, &exit))
		finding_add_evidence(finding, exit);
	buf_add_text(&finding->next,
		     "look at how the name is spelt, whether the service exists, and at nameserver "
		     "and search in /etc/resolv.conf");
}

void rule_name_lookup(const struct facts *facts, const struct candidates *candidates,
		      struct findings *findings)
{
	AUTO_FREE struct lookups *lookups = malloc(sizeof(*lookups));
	struct question question;
	struct finding *finding;
	int points;

	if (!lookups) {
		findings->failed = true;
		return;
	}
	lookups_find(facts, lookups);
	if (!find_question(lookups, &question)) {
		propose_words(facts, findings);
		return;
	}
	find_message(facts, &question);
	points = points_of(facts, &question);
	finding = findings_add(findings, "dns",
			       points >= SCORE_CERTAIN && question.says_phrase ? CONFIDENCE_CERTAIN
			       : points >= 50				       ? CONFIDENCE_LIKELY
					      : CONFIDENCE_POSSIBLE,
			       points);
	if (!finding)
		return;
	write_finding(finding, facts, &question);
	list_names(finding, &question);
}
