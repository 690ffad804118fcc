/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rules look at: the acts of the container's processes in the order of time, the calls
 * that failed with what they were about, the messages on stdout and stderr, and the processes from
 * the one whose end was the failure down to the one that began it.
 */
#ifndef EXPLAIN_FACTS_H
#define EXPLAIN_FACTS_H

#include "explain/says.h"
#include "replay/act.h"
#include "replay/objects.h"
#include "replay/process_spans.h"

struct act {
	uint32_t entry;	  /* index in the timeline */
	uint32_t process; /* index, PROCESS_NONE */
	int16_t error;	  /* positive errno; 0: it did not fail */
	uint8_t kind;	  /* enum act_kind */
	bool in_flight;
};

/* A call that failed, or a connection of which a later call told so. Texts are owned, unescaped. */
struct failed_call {
	uint32_t act; /* index */
	int error;
	char *object; /* path, made absolute where that is known; address; "" if there is none */
	char *given;  /* as the call gave it; "" */
	bool routine; /* nobody would wonder about it: routine_is() */
};

/* Consecutive writes of one process to stdout or stderr, up to the end of a line. */
struct message {
	uint32_t first_entry, last_entry;
	uint32_t process;
	char *text; /* owned, with NUL, unescaped; bytes that were NUL are spaces */
	size_t bytes;
	bool is_error;	/* to descriptor 2 */
	bool truncated; /* not all of it was captured */
	bool has_end;	/* its end was */
	enum tone tone; /* of its words: says_tone() */
};

struct facts {
	const struct timeline *timeline;
	const struct snapshot *snapshot;
	enum arch arch;
	struct act_table table;
	struct processes processes;
	struct process_spans spans; /* see facts_process_of() */

	struct act *acts;
	size_t n_acts, acts_room;
	struct failed_call *failed;
	size_t n_failed, failed_room;
	struct message *messages;
	size_t n_messages, messages_room;
	size_t text_bytes; /* that objects and messages take */

	/* From the process that failed to the descendant whose end ended it. */
#define FACTS_CHAIN_MAX 8
	uint32_t chain[FACTS_CHAIN_MAX];
	unsigned n_chain;
	bool setup_only; /* the container's program was never started */
};

/* 0, or -ENOMEM with *ret empty. Keeps a pointer to the timeline. */
int facts_init(const struct timeline *timeline, enum arch arch, struct facts *ret);
void facts_done(struct facts *facts);

/* The process that began it: the last of the chain; PROCESS_NONE if none is known. */
uint32_t facts_culprit(const struct facts *facts);
bool facts_in_chain(const struct facts *facts, uint32_t process);
/* The end of a process, or of the tape. */
uint64_t facts_end_ns(const struct facts *facts, uint32_t process);
/* Nobody is known who started it, and records of that time were overwritten. */
bool facts_start_is_lost(const struct facts *facts, uint32_t process);
/* What a process is called, unescaped; "the program" if that is not known. */
const char *facts_comm(const struct facts *facts, uint32_t process);

/* The process whose tgid it was at that moment; PROCESS_NONE. */
uint32_t facts_process_of(const struct facts *facts, uint32_t tgid, uint64_t time_ns);
/* The record of an act. */
void facts_event(const struct facts *facts, const struct act *act, struct event *ret);
uint64_t facts_time_ns(const struct facts *facts, uint32_t entry);

/*
 * How much a process did behind an entry that a program does only if it goes on: files opened,
 * processes started, connections made. What one does while it ends does not count.
 */
unsigned facts_work_after(const struct facts *facts, uint32_t process, uint32_t entry);

/* The first entry behind which a process did no more than so much. */
uint32_t facts_entry_of_work(const struct facts *facts, uint32_t process, unsigned work);

/*
 * The last signal of this number (0: of any that asks for an end) that was sent to a process, and
 * its entry. False if none is on the tape.
 */
bool facts_signal_to(const struct facts *facts, uint32_t process, int signal, struct event *ret,
		     size_t *ret_entry);
/* The last of those that another process sent until then; UINT64_MAX: ever. */
bool facts_told_until(const struct facts *facts, uint32_t process, int signal, uint64_t until_ns,
		      struct event *ret, size_t *ret_entry);
/* The entry of the end of a process; false if it is not on the tape. */
bool facts_exit_of(const struct facts *facts, uint32_t process, size_t *ret_entry);
/* The signal that ended a process, or 0. */
int facts_death_of(const struct facts *facts, uint32_t process);
/*
 * Of a process' last messages the one with the strongest tone; of equal ones the last, or the first
 * of those that were written in one breath.
 */
const struct message *facts_last_words(const struct facts *facts, uint32_t process);

/* The tone of a message, by its words and by who says it how. */
enum tone facts_tone_of(const struct facts *facts, const struct message *message);

/* The index of the first act behind an entry. */
size_t facts_first_after(const struct facts *facts, uint32_t entry);

#endif
