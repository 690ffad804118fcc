/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program ended by itself after a message, and no failed call stands behind it: it did not like
 * its settings, its input or its arguments, or met an error of its own.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "decode/value.h"
#include "explain/advice.h"
#include "explain/rules.h"
#include "explain/says.h"
#include "explain/words.h"

#define OPENED_MAX 4000 /* acts back from the message */
#define WORDS_BACK 12	/* messages */

/* A text that only a crash within a language's runtime gives. */
static bool is_exception(const char *text)
{
	static const char *const marks[] = {"Traceback (most recent",
					    "Exception in thread",
					    "panic:",
					    "panicked at",
					    "    at ",
					    "Uncaught",
					    "uncaught",
					    "Unhandled",
					    "goroutine ",
					    "Exception:",
					    "PHP Fatal error",
					    "(RuntimeError)",
					    "from /",
					    "NoMethodError"};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (strstr(text, marks[i]))
			return true;
	}
	if (says_place_of_source(text))
		return true;
	/* "TypeError: ", not "Error: ", which anyone says. */
	for (const char *at = strstr(text, "Error: "); at; at = strstr(at + 1, "Error: ")) {
		if (at > text && isalpha((unsigned char)at[-1]))
			return true;
	}
	return false;
}

/* The path that an open was given; false if it is not on the tape. */
static bool opened_path(const struct facts *facts, const struct act *act, char path[256])
{
	const struct layout *layout;
	struct event event;

	facts_event(facts, act, &event);
	layout = event_layout(facts->arch, &event);
	for (unsigned i = 0; i < layout->count; i++) {
		struct value value = event_argument(&event, layout, i);

		if (value.type != VALUE_PATH || !value.data_bytes || value.data_bytes > 255)
			continue;
		memcpy(path, value.data, value.data_bytes);
		path[value.data_bytes] = '\0';
		return true;
	}
	return false;
}

/*
 * Whether the text is about the file: not the program itself, which says its name before anything
 * else, nor what a system's directory has by a name that is a word like any.
 */
static bool is_about(const struct facts *facts, const struct message *message, const char *path)
{
	const char *base = candidate_base(path), *comm = facts_comm(facts, message->process);

	if (!says_object(message->text, path) || !strncmp(base, comm, IGREC_COMM_BYTES - 1))
		return false;
	if (strstr(message->text, path))
		return true;
	return strncmp(path, "/usr/", 5) != 0 && strncmp(path, "/lib", 4) != 0 &&
	       strncmp(path, "/bin/", 5) != 0 && strncmp(path, "/sbin/", 6) != 0;
}

/* The file, opened by the process before, that the message names; its open's entry. */
static bool named_file(const struct facts *facts, const struct message *message, char path[256],
		       uint32_t *ret_entry)
{
	size_t seen = 0;

	for (size_t i = facts_first_after(facts, message->last_entry); i > 0 && seen < OPENED_MAX;
	     i--, seen++) {
		const struct act *act = &facts->acts[i - 1];

		if (act->kind != ACT_OPEN || act->error || act->process != message->process)
			continue;
		if (!opened_path(facts, act, path) || !is_about(facts, message, path))
			continue;
		*ret_entry = act->entry;
		return true;
	}
	return false;
}

/*
 * Of the last messages that sound like errors, one that names a file it had opened: the first that
 * tells the place in it; without such a one, the last.
 */
static const struct message *words_on_file(const struct facts *facts, uint32_t process,
					   char path[256], uint32_t *ret_entry)
{
	const struct message *best = NULL;
	unsigned seen = 0;

	for (size_t i = facts->n_messages; i > 0 && seen < WORDS_BACK; i--) {
		const struct message *message = &facts->messages[i - 1];
		char named[256];
		uint32_t entry;

		if (message->process != process || !message->bytes)
			continue;
		seen++;
		if (is_exception(message->text))
			return best;
		if (message->tone < TONE_CLOSING || !named_file(facts, message, named, &entry))
			continue;
		if (best && !says_position(message->text, named))
			continue;
		best = message;
		memcpy(path, named, sizeof(named));
		*ret_entry = entry;
	}
	return best;
}

static const struct message *last_words(const struct facts *facts, uint32_t *ret_process)
{
	for (unsigned i = facts->n_chain; i > 0; i--) {
		const struct message *said = facts_last_words(facts, facts->chain[i - 1]);

		if (said) {
			*ret_process = facts->chain[i - 1];
			return said;
		}
	}
	return NULL;
}

/* A runtime that looks at what it opened fails without a failed call. */
static const char *kind_of(const struct facts *facts, const struct message *said, bool names_file)
{
	char path[256];
	uint32_t entry;

	if (says_errno_exactly(said->text, EISDIR) && named_file(facts, said, path, &entry))
		return "is-a-directory";
	if (names_file)
		return "config";
	return is_exception(said->text) ? "exception" : "message";
}

static int points_of(const struct facts *facts, const struct message *message, uint32_t process)
{
	enum tone tone = facts_tone_of(facts, message);
	unsigned work = facts_work_after(facts, process, message->last_entry);
	int points = 50;

	if (tone == TONE_FATAL || is_exception(message->text))
		points += 8;
	else if (tone == TONE_ERROR)
		points += 4;
	else if (tone == TONE_WARNING)
		points -= 25;
	else
		points -= message->is_error ? 10 : 25;
	if (work > 10)
		points -= work > 100 ? 30 : 15;
	return points;
}

/* The best failed call that the message speaks of; NULL if there is none. */
static const struct candidate *spoken_of(const struct facts *facts,
					 const struct candidates *candidates,
					 const struct message *said)
{
	for (size_t i = 0; i < candidates->count; i++) {
		uint32_t message = candidates->all[i].message;

		if (message != NO_MESSAGE && &facts->messages[message] == said)
			return &candidates->all[i];
	}
	return NULL;
}

void rule_message(const struct facts *facts, const struct candidates *candidates,
		  struct findings *findings)
{
	uint32_t process = PROCESS_NONE, opened = 0;
	const struct message *said = last_words(facts, &process), *on_file;
	const struct candidate *of;
	struct finding *finding;
	char path[256] = "";
	bool names_file;
	int points;
	size_t exit;

	if (!said || facts_death_of(facts, process) || facts->snapshot->failure.exit_code == 0)
		return;
	on_file = words_on_file(facts, process, path, &opened);
	names_file = on_file != NULL;
	if (names_file)
		said = on_file;
	of = spoken_of(facts, candidates, said);
	/* Then the call is the cause, and what was said is its evidence. */
	if (of && of->says_object && of->says_errno)
		return;
	points = points_of(facts, said, process);
	finding = findings_add(findings, kind_of(facts, said, names_file),
			       points >= 45 ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE, points);
	if (!finding)
		return;
	words_process(&finding->sentence, facts, process);
	if (!names_file && said->text[0] == '/' && says_place_of_source(said->text)) {
		buf_add(&finding->object, said->text, strcspn(said->text, "\n"));
		buf_add_text(&finding->sentence, " met an exception at ");
		words_object(&finding->sentence, buf_text(&finding->object));
		buf_add_text(&finding->sentence, " and ended by itself after saying ");
	} else {
		buf_add_text(&finding->sentence, " ended by itself after saying ");
	}
	words_quote(&finding->sentence, said);
	if (names_file) {
		buf_add_text(&finding->object, path);
		buf_add_text(&finding->sentence, ", about the file ");
		words_object(&finding->sentence, path);
		buf_add_text(&finding->sentence, " that it had opened");
		finding_add_evidence(finding, opened);
	}
	words_end_after(&finding->sentence, "; it ", facts, process);
	words_chain(&finding->sentence, facts, process);
	finding_add_evidence(finding, said->first_entry);
	finding_add_evidence(finding, said->last_entry);
	if (facts_exit_of(facts, process, &exit))
		finding_add_evidence(finding, exit);
	if (!of)
		buf_add_text(&finding->excluded,
			     "the message speaks of no failed call that is on the tape");
	buf_add_text(&finding->next, names_file ? "look at the place in the file that the message "
						  "names"
						: advice_on(said->text));
}
