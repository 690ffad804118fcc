/* SPDX-License-Identifier: Apache-2.0 */
/* Events -> facts, counted for each side. */
#include "view/diff_only.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/grow.h"
#include "decode/names.h"
#include "decode/value.h"
#include "replay/call_object.h"

const char *diff_fact_name(enum diff_fact fact)
{
	static const char *const names[DIFF_FACTS] = {"syscall", "file", "peer", "error"};

	return names[fact];
}

struct adder {
	struct diff_facts *facts;
	const struct diff_side *side;
	unsigned which;
	const struct walk *walk;
	struct buf key;
	struct buf object; /* what the call is about, in its normal form */
};

static int add(struct adder *adder, enum diff_fact fact, const char *text)
{
	struct diff_facts *facts = adder->facts;
	unsigned char head = (unsigned char)fact;
	size_t before = facts->keys.count;
	struct diff_count *count;
	uint32_t number;

	buf_clear(&adder->key);
	buf_add(&adder->key, &head, 1);
	buf_add_text(&adder->key, text);
	if (fact != DIFF_SYSCALL) {
		if (text[0] && adder->object.bytes)
			buf_add_char(&adder->key, ' ');
		buf_add(&adder->key, adder->object.data, adder->object.bytes);
	}
	if (adder->key.failed || adder->object.failed)
		return -ENOMEM;
	if (adder->key.bytes == 1)
		return 0;
	number = keys_add(&facts->keys, adder->key.data, adder->key.bytes);
	if (number == KEYS_NONE)
		return -ENOMEM;
	if (number == before) {
		if (grow_array((void **)&facts->counts, before, &facts->room,
			       sizeof(*facts->counts)))
			return -ENOMEM;
		facts->counts[number] = (struct diff_count){0};
	}
	count = &facts->counts[number];
	if (!count->of[adder->which]++)
		count->entry[adder->which] = adder->walk->index;
	return 0;
}

static void find_object(struct adder *adder)
{
	const struct walk *walk = adder->walk;
	struct call_object call = {0};
	struct buf text = {0};

	buf_clear(&adder->object);
	if (walk->event.type == IGREC_RECORD_EXEC) {
		struct value file = exec_file(&walk->event);

		buf_add(&text, file.data, file.data ? file.data_bytes : 0);
	} else {
		call_object_find(walk->query->arch, &walk->event, walk->objects, &call);
		call_object_text(&text, &call);
	}
	diff_normal_path(&adder->side->normal, text.data, text.bytes, &adder->object);
	adder->object.failed |= text.failed || call.given.failed;
	buf_done(&text);
	call_object_done(&call);
}

static bool is_file(const struct walk *walk)
{
	return !walk->error && !walk->entry->in_flight &&
	       (walk->act == ACT_OPEN || walk->event.type == IGREC_RECORD_EXEC);
}

static int take(struct adder *adder)
{
	const struct walk *walk = adder->walk;
	char room[SYSCALL_NAME_BYTES], error[SYSCALL_NAME_BYTES + 32];
	const char *name = walk_syscall(walk, room);
	bool is_error = walk->error && walk->error != EAGAIN && walk->error != EINTR &&
			walk->error != EINPROGRESS && walk->error < 512;
	int err = add(adder, DIFF_SYSCALL, name);

	if (err || (!is_error && !is_file(walk) && walk->act != ACT_CONNECT))
		return err;
	find_object(adder);
	if (walk->act == ACT_CONNECT)
		err = add(adder, DIFF_PEER, "");
	else if (is_file(walk))
		err = add(adder, DIFF_FILE, "");
	if (err || !is_error)
		return err;
	snprintf(error, sizeof(error), "%s %s", name,
		 errno_name(walk->error) ? errno_name(walk->error) : "?");
	return add(adder, DIFF_ERROR, error);
}

int diff_facts_add(struct diff_facts *facts, const struct diff_side *side, unsigned which)
{
	struct walk walk;
	struct adder adder = {.facts = facts, .side = side, .which = which, .walk = &walk};
	int err = walk_init(&walk, &side->query);

	while (!err && walk_next(&walk)) {
		if (walk.event.type == IGREC_RECORD_SYSCALL || walk.event.type == IGREC_RECORD_EXEC)
			err = take(&adder);
	}
	walk_done(&walk);
	buf_done(&adder.key);
	buf_done(&adder.object);
	return err;
}

void diff_facts_done(struct diff_facts *facts)
{
	keys_done(&facts->keys);
	free(facts->counts);
}
