/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timeline -> threads with keys, and their events as tokens.  A process is known by its parent's
 * key, the first program it ran, and how many such the parent had before; a thread by its process
 * and how many threads that had before.
 */
#include "view/diff_side.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/grow.h"
#include "decode/value.h"

/* ---- keys ------------------------------------------------------------------------------------ */

/* The first program of its own; of one that ran none, its name. */
static void program_text(const struct diff_side *side, const struct process *process,
			 struct buf *out)
{
	struct event event;
	struct value file;

	for (uint32_t i = process->first_deed; i != PROCESS_NONE;
	     i = side->processes.deeds[i].next) {
		const struct process_deed *deed = &side->processes.deeds[i];
		const struct timeline_entry *entry;

		if (!deed->is_exec)
			continue;
		entry = timeline_at(side->query.timeline, deed->entry);
		if (timeline_is_setup(entry))
			continue;
		timeline_event(entry, &event);
		file = exec_file(&event);
		diff_normal_path(&side->normal, file.data, file.data ? file.data_bytes : 0, out);
		return;
	}
	buf_add_char(out, '(');
	buf_add_text(out, process->comm);
	buf_add_char(out, ')');
}

/* Numbers of keys: of each process, and how often what is counted was met. */
struct numbering {
	uint32_t *of_process;
	struct keys seen;
	uint32_t *times;
	size_t times_room;
	struct buf key;
};

static void numbering_done(struct numbering *numbering)
{
	free(numbering->of_process);
	keys_done(&numbering->seen);
	free(numbering->times);
	buf_done(&numbering->key);
}

/* Adds to numbering->key how many had this key before. 0 or -ENOMEM. */
static int count_key(struct numbering *numbering)
{
	size_t before = numbering->seen.count;
	uint32_t number = keys_add(&numbering->seen, numbering->key.data, numbering->key.bytes);

	if (number == KEYS_NONE)
		return -ENOMEM;
	if (number == before) {
		if (grow_array((void **)&numbering->times, before, &numbering->times_room,
			       sizeof(*numbering->times)))
			return -ENOMEM;
		numbering->times[number] = 0;
	}
	buf_add_char(&numbering->key, '\0');
	buf_add(&numbering->key, &numbering->times[number], sizeof(numbering->times[number]));
	numbering->times[number]++;
	return numbering->key.failed ? -ENOMEM : 0;
}

/* A parent stands before its children, so its number is there. */
static int number_process(const struct diff_side *side, struct diff_words *words,
			  struct numbering *numbering, size_t index)
{
	const struct process *process = &side->processes.all[index];
	uint32_t parent = KEYS_NONE, number;

	if (process->parent != PROCESS_NONE && !side->processes.all[process->parent].is_setup)
		parent = numbering->of_process[process->parent];
	buf_clear(&numbering->key);
	buf_add(&numbering->key, &parent, sizeof(parent));
	program_text(side, process, &numbering->key);
	if (count_key(numbering))
		return -ENOMEM;
	number = keys_add(&words->threads, numbering->key.data, numbering->key.bytes);
	numbering->of_process[index] = number;
	return number == KEYS_NONE ? -ENOMEM : 0;
}

static int number_processes(const struct diff_side *side, struct diff_words *words,
			    struct numbering *numbering)
{
	size_t count = side->processes.count;
	int err = 0;

	numbering->of_process = calloc(count + 1, sizeof(*numbering->of_process));
	if (!numbering->of_process)
		return -ENOMEM;
	for (size_t i = 0; !err && i < count; i++)
		err = number_process(side, words, numbering, i);
	return err;
}

/* ---- threads --------------------------------------------------------------------------------- */

/* Threads of the tape, by process and host id; the last of that id. */
struct finder {
	struct keys ids;
	uint32_t *threads; /* indices in side->threads */
	size_t threads_room;
};

struct thread_id {
	uint32_t process, tid;
};

static int add_thread(struct diff_side *side, struct finder *finder, uint32_t key,
		      struct thread_id id)
{
	uint32_t number;

	if (grow_array((void **)&side->threads, side->n_threads, &side->threads_room,
		       sizeof(*side->threads)) ||
	    grow_array((void **)&finder->threads, finder->ids.count, &finder->threads_room,
		       sizeof(*finder->threads)))
		return -ENOMEM;
	number = keys_add(&finder->ids, &id, sizeof(id));
	if (number == KEYS_NONE)
		return -ENOMEM;
	finder->threads[number] = (uint32_t)side->n_threads;
	side->threads[side->n_threads++] = (struct diff_thread){.key = key, .process = id.process};
	return keys_add(&side->by_key, &key, sizeof(key)) == KEYS_NONE ? -ENOMEM : 0;
}

/* In the order in which they were first met. */
static struct diff_thread *thread_of(struct diff_side *side, struct diff_words *words,
				     struct numbering *numbering, struct finder *finder,
				     const struct walk *walk)
{
	struct thread_id id = {
		process_spans_find(&side->spans, walk->task->tgid, walk->event.time_ns),
		walk->event.tid};
	uint32_t number = keys_find(&finder->ids, &id, sizeof(id)), key = KEYS_NONE;

	if (number != KEYS_NONE)
		return &side->threads[finder->threads[number]];
	if (id.process != PROCESS_NONE)
		key = numbering->of_process[id.process];
	if (walk->event.tid != walk->task->tgid || id.process == PROCESS_NONE) {
		buf_clear(&numbering->key);
		buf_add_text(&numbering->key, "thread");
		buf_add(&numbering->key, &key, sizeof(key));
		if (count_key(numbering))
			return NULL;
		key = keys_add(&words->threads, numbering->key.data, numbering->key.bytes);
	}
	if (key == KEYS_NONE || add_thread(side, finder, key, id))
		return NULL;
	return &side->threads[side->n_threads - 1];
}

static int add_event(struct diff_side *side, struct diff_words *words, const struct walk *walk,
		     struct diff_thread *thread, struct buf *text)
{
	uint32_t token;

	buf_clear(text);
	if (!diff_normal_event(&side->normal, walk, text))
		return text->failed ? -ENOMEM : 0;
	if (text->failed || grow_array((void **)&thread->events, thread->count, &thread->room,
				       sizeof(*thread->events)))
		return -ENOMEM;
	token = keys_add(&words->tokens, text->data, text->bytes);
	if (token == KEYS_NONE)
		return -ENOMEM;
	thread->events[thread->count++] = (struct align_event){token, (uint32_t)walk->index};
	return 0;
}

static int read_events(struct diff_side *side, struct diff_words *words,
		       struct numbering *numbering)
{
	struct finder finder = {0};
	struct buf text = {0};
	struct walk walk;
	int err = walk_init(&walk, &side->query);

	while (!err && walk_next(&walk)) {
		struct diff_thread *thread = thread_of(side, words, numbering, &finder, &walk);

		err = thread ? add_event(side, words, &walk, thread, &text) : -ENOMEM;
	}
	walk_done(&walk);
	buf_done(&text);
	keys_done(&finder.ids);
	free(finder.threads);
	return err;
}

int diff_side_read(struct diff_side *side, const struct view_query *query, struct diff_words *words)
{
	struct numbering numbering = {0};
	struct timeline_whole whole = timeline_whole(query->timeline);
	int err;

	*side = (struct diff_side){.query = *query, .is_whole = !whole.since_ns};
	err = processes_init(query->timeline, &side->processes);
	if (!err)
		err = process_spans_init(&side->processes, &side->spans);
	if (!err)
		err = diff_normal_find(&side->normal, query);
	if (!err)
		err = number_processes(side, words, &numbering);
	if (!err)
		err = read_events(side, words, &numbering);
	numbering_done(&numbering);
	return err;
}

void diff_side_done(struct diff_side *side)
{
	for (size_t i = 0; i < side->n_threads; i++)
		free(side->threads[i].events);
	free(side->threads);
	keys_done(&side->by_key);
	diff_normal_done(&side->normal);
	process_spans_done(&side->spans);
	processes_done(&side->processes);
}

const struct diff_thread *diff_side_thread(const struct diff_side *side, uint32_t key)
{
	uint32_t index = keys_find(&side->by_key, &key, sizeof(key));

	return index == KEYS_NONE ? NULL : &side->threads[index];
}
