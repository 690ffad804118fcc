/* SPDX-License-Identifier: Apache-2.0 */
/* A candidate in sentences: what failed, on what, why, what was said of it, what to do next. */
#include "explain/failed_call_finding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "decode/names.h"
#include "explain/call_causes.h"
#include "explain/capability.h"
#include "explain/details.h"
#include "explain/words.h"

#define SEARCHED_MAX 8

static const struct call_cause no_interpreter = {
	"interpreter",
	ACT_BIT(ACT_EXEC),
	ENOENT,
	NULL,
	"run",
	"the file is there, but its interpreter (the #! line, or the dynamic loader) is not",
	"look at the first line of %s (head -1), or at its loader (readelf -l), and whether the "
	"image "
	"has it"};

static uint32_t entry_of(const struct facts *facts, uint32_t failed)
{
	return facts->acts[facts->failed[failed].act].entry;
}

static void event_of(const struct facts *facts, const struct candidate *candidate,
		     struct event *ret)
{
	facts_event(facts, &facts->acts[facts->failed[candidate->last].act], ret);
}

static void add_attempts(struct buf *out, const struct facts *facts,
			 const struct candidate *candidate)
{
	uint64_t first_ns = facts_time_ns(facts, entry_of(facts, candidate->first));
	uint64_t last_ns = facts_time_ns(facts, entry_of(facts, candidate->last));

	if (candidate->count < 2 || candidate->is_search)
		return;
	buf_printf(out, ", %" PRIu32 " times", candidate->count);
	if (last_ns - first_ns < 1000000ULL * candidate->count)
		return;
	buf_add_text(out, " in ");
	words_duration(out, last_ns - first_ns);
}

static void add_why(struct buf *out, const struct call_cause *cause, const struct event *event,
		    enum arch arch, const struct candidate *candidate)
{
	const char *name = errno_name(candidate->error);
	const char *capability = strcmp(cause->kind, "capability") == 0 && !cause->why
					 ? capability_of(arch, event)
					 : NULL;

	if (capability)
		buf_printf(out, "it takes the capability %s", capability);
	else if (cause->why)
		buf_add_text(out, cause->why);
	else
		buf_add_text(out, errno_text(candidate->error));
	if (name)
		buf_printf(out, " (%s)", name);
}

/* Changes of a path, by the call. */
static const char *change_verb(const char *name)
{
	static const struct {
		const char *names, *verb;
	} verbs[] = {
		{" unlink unlinkat rmdir ", "remove"},
		{" mkdir mkdirat ", "make the directory"},
		{" rename renameat renameat2 ", "rename"},
		{" link linkat symlink symlinkat ", "make a link with"},
		{" chmod fchmod fchmodat fchmodat2 ", "change the mode of"},
		{" chown fchown fchownat lchown ", "change the owner of"},
		{" mknod mknodat ", "make"},
		{" truncate ftruncate ", "change the size of"},
		{" utime utimes utimensat futimesat ", "change the times of"},
	};
	char word[SYSCALL_NAME_BYTES + 2];

	snprintf(word, sizeof(word), " %s ", name);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strstr(verbs[i].names, word))
			return verbs[i].verb;
	}
	return "change";
}

static void add_verb(struct buf *out, const struct call_cause *cause, const struct event *event,
		     enum arch arch, const struct candidate *candidate)
{
	const char *verb = cause->verb ? cause->verb : act_verb(candidate->kind);
	char room[SYSCALL_NAME_BYTES];
	const char *name = syscall_name(arch, event->nr, event->compat, room);

	if (!cause->verb && candidate->kind == ACT_CHANGE)
		verb = change_verb(name);
	if (verb)
		buf_add_text(out, verb);
	else
		buf_printf(out, "call %s", name);
}

static void write_sentence(struct finding *finding, const struct facts *facts,
			   const struct candidate *candidate, const struct call_cause *cause,
			   const struct event *event)
{
	struct buf *out = &finding->sentence;

	words_process(out, facts, candidate->process);
	buf_add_text(out, " could not ");
	add_verb(out, cause, event, facts->arch, candidate);
	if (finding->object.bytes) {
		buf_add_char(out, ' ');
		words_object(out, buf_text(&finding->object));
	}
	add_attempts(out, facts, candidate);
	buf_add_text(out, ": ");
	add_why(out, cause, event, facts->arch, candidate);
	if (candidate->error == EACCES || candidate->error == EPERM)
		details_user(out, facts, candidate->process);
	if (candidate->error == EMFILE)
		details_open_files(out, facts, candidate->process);
	if (candidate->message != NO_MESSAGE) {
		buf_add_text(out, "; it said ");
		words_quote(out, &facts->messages[candidate->message]);
	}
	if (facts_in_chain(facts, candidate->process)) {
		words_end_after(out, " and ", facts, candidate->process);
		words_chain(out, facts, candidate->process);
	}
}

/* The directories that were searched, in order, and what was not the cause. */
static void write_excluded(struct finding *finding, const struct facts *facts,
			   const struct candidates *candidates, const struct candidate *candidate)
{
	struct buf *out = &finding->excluded;
	unsigned listed = 0;

	if (candidate->is_search) {
		buf_add_text(out, "searched in vain: ");
		for (uint32_t i = candidate->first; i <= candidate->last; i++) {
			const struct failed_call *failed = &facts->failed[i];

			if (facts->acts[failed->act].process != candidate->process ||
			    failed->error != candidate->error ||
			    strcmp(candidate_base(failed->object),
				   candidate_base(candidate->object)) != 0)
				continue;
			if (++listed > SEARCHED_MAX)
				break;
			buf_add_text(out, listed > 1 ? ", " : "");
			words_object(out, failed->object);
		}
		buf_add_text(out, listed > SEARCHED_MAX ? ", ..." : "");
	}
	if (!candidates->dismissed)
		return;
	buf_add_text(out, out->bytes ? "; " : "");
	buf_printf(out,
		   candidates->dismissed == 1 ? "%zu other kind of failed calls weighs less"
					      : "%zu other kinds of failed calls weigh less",
		   candidates->dismissed);
}

static void write_next(struct finding *finding, const struct call_cause *cause)
{
	const char *place = strstr(cause->next, "%s");

	if (!place) {
		buf_add_text(&finding->next, cause->next);
		return;
	}
	buf_add(&finding->next, cause->next, (size_t)(place - cause->next));
	if (finding->object.bytes)
		words_object(&finding->next, buf_text(&finding->object));
	else
		buf_add_text(&finding->next, "it");
	buf_add_text(&finding->next, place + 2);
}

static void add_evidence(struct finding *finding, const struct facts *facts,
			 const struct candidate *candidate)
{
	uint32_t listed = 0;
	size_t exit;

	finding_add_evidence(finding, entry_of(facts, candidate->last));
	finding_add_evidence(finding, entry_of(facts, candidate->first));
	if (candidate->message != NO_MESSAGE) {
		const struct message *message = &facts->messages[candidate->message];

		finding_add_evidence(finding, message->first_entry);
		finding_add_evidence(finding, message->last_entry);
	}
	if (facts_in_chain(facts, candidate->process) &&
	    facts_exit_of(facts, candidate->process, &exit))
		finding_add_evidence(finding, exit);
	for (uint32_t i = candidate->first; i < candidate->last && listed < 4; i++) {
		const struct failed_call *failed = &facts->failed[i];

		if (facts->acts[failed->act].process != candidate->process ||
		    failed->error != candidate->error)
			continue;
		if (strcmp(candidate_base(failed->object), candidate_base(candidate->object)) != 0)
			continue;
		finding_add_evidence(finding, entry_of(facts, i));
		listed++;
	}
}

/* A search by name alone is about the name, not about the last directory. */
static void name_object(struct finding *finding, const struct candidate *candidate,
			const struct call_cause *cause)
{
	const char *object = candidate->object;

	if (candidate->is_search &&
	    (!strcmp(cause->kind, "library") || !strcmp(cause->kind, "missing-program")))
		object = candidate_base(object);
	buf_add_text(&finding->object, object);
}

struct finding *failed_call_finding(const struct facts *facts, const struct candidates *candidates,
				    const struct candidate *candidate, enum confidence confidence,
				    int score, struct findings *findings)
{
	const struct call_cause *cause;
	struct finding *finding;
	struct event event;
	bool refused;

	event_of(facts, candidate, &event);
	refused = !event.entry_seen && (candidate->error == EPERM || candidate->error == EACCES ||
					candidate->error == ENOSYS);
	cause = call_cause_of(candidate->kind, candidate->error, candidate->object, refused,
			      capability_of(facts->arch, &event));
	if (candidate->kind == ACT_EXEC && candidate->error == ENOENT &&
	    candidate_exists(facts, candidate))
		cause = &no_interpreter;
	finding = findings_add(findings, cause->kind, confidence, score);
	if (!finding)
		return NULL;
	name_object(finding, candidate, cause);
	if (refused) {
		char room[SYSCALL_NAME_BYTES];

		buf_clear(&finding->object);
		buf_add_text(&finding->object,
			     syscall_name(facts->arch, event.nr, event.compat, room));
	}
	write_sentence(finding, facts, candidate, cause, &event);
	write_excluded(finding, facts, candidates, candidate);
	write_next(finding, cause);
	add_evidence(finding, facts, candidate);
	return finding;
}
