/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One slot per descriptor, by number.  A dump may claim any number of processes and descriptors,
 * so the slots of all tables together are limited.
 *
 * Invariant: a slot has an object only if no change of it is under way.
 */
#include "replay/fd_table.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 16

struct fd_slot {
	struct object *object;
	uint64_t changed_ns;
	uint32_t pending; /* changes under way */
	bool conflict;	  /* two or more of them overlap */
	uint8_t cloexec;  /* enum cloexec */
};

struct fd_table {
	unsigned references;
	bool blind;
	int room;
	struct fd_slot *slots;
	size_t *budget;
};

struct fd_table *fd_table_new(size_t *budget)
{
	struct fd_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->references = 1;
	table->budget = budget;
	return table;
}

struct fd_table *fd_table_ref(struct fd_table *table)
{
	table->references++;
	return table;
}

static void set_object(struct fd_slot *slot, struct object *object)
{
	struct object *old = slot->object;

	slot->object = object_ref(object);
	object_unref(old);
}

static void drop_slots(struct fd_table *table)
{
	fd_table_forget(table);
	*table->budget += (size_t)table->room;
	free(table->slots);
	table->slots = NULL;
	table->room = 0;
}

void fd_table_unref(struct fd_table *table)
{
	if (!table || --table->references)
		return;
	drop_slots(table);
	free(table);
}

static bool resize(struct fd_table *table, int room)
{
	size_t added = (size_t)(room - table->room);
	struct fd_slot *slots;

	if (added > *table->budget)
		return false;
	slots = reallocarray(table->slots, (size_t)room, sizeof(*slots));
	if (!slots)
		return false;
	memset(slots + table->room, 0, added * sizeof(*slots));
	*table->budget -= added;
	table->slots = slots;
	table->room = room;
	return true;
}

/* The slot of fd, made if there is none; NULL if the table does not track it. */
static struct fd_slot *slot_for(struct fd_table *table, int fd)
{
	int room = table->room ? table->room : FIRST_ROOM;

	if (table->blind || fd < 0 || fd >= FD_TABLE_MAX)
		return NULL;
	while (room <= fd)
		room *= 2;
	if (room > table->room && !resize(table, room)) {
		fd_table_blind(table);
		return NULL;
	}
	return &table->slots[fd];
}

static struct fd_slot *slot_at(const struct fd_table *table, int fd)
{
	return fd >= 0 && fd < table->room ? &table->slots[fd] : NULL;
}

struct fd_table *fd_table_copy(const struct fd_table *table, uint64_t since_ns)
{
	struct fd_table *copy = fd_table_new(table->budget);

	if (!copy)
		return NULL;
	if (table->blind || !resize(copy, table->room)) {
		copy->blind = true;
		return copy;
	}
	for (int fd = 0; fd < table->room; fd++) {
		const struct fd_slot *from = &table->slots[fd];

		if (from->pending || from->changed_ns > since_ns)
			continue;
		copy->slots[fd].object = object_ref(from->object);
		copy->slots[fd].cloexec = from->cloexec;
	}
	return copy;
}

struct object *fd_table_find(const struct fd_table *table, int fd, uint64_t time_ns)
{
	const struct fd_slot *slot = slot_at(table, fd);

	return slot && slot->object && slot->changed_ns <= time_ns ? slot->object : NULL;
}

void fd_table_begin(struct fd_table *table, int fd)
{
	struct fd_slot *slot = slot_for(table, fd);

	if (!slot)
		return;
	if (slot->pending++)
		slot->conflict = true;
	set_object(slot, NULL);
}

void fd_table_end(struct fd_table *table, int fd, struct object *object, enum cloexec cloexec,
		  uint64_t end_ns)
{
	struct fd_slot *slot = slot_for(table, fd);

	if (!slot)
		return;
	if (slot->pending)
		slot->pending--;
	set_object(slot, slot->conflict || slot->pending ? NULL : object);
	slot->cloexec = (uint8_t)cloexec;
	slot->changed_ns = end_ns;
	if (!slot->pending)
		slot->conflict = false;
}

void fd_table_set_cloexec(struct fd_table *table, int fd, enum cloexec cloexec)
{
	struct fd_slot *slot = slot_at(table, fd);

	if (slot)
		slot->cloexec = slot->pending ? CLOEXEC_UNKNOWN : (uint8_t)cloexec;
}

void fd_table_exec(struct fd_table *table)
{
	for (int fd = 0; fd < table->room; fd++) {
		struct fd_slot *slot = &table->slots[fd];

		if (slot->cloexec != CLOEXEC_OFF)
			set_object(slot, NULL);
		/* The other threads are gone, and with them what they were about to do. */
		slot->pending = 0;
		slot->conflict = false;
	}
}

void fd_table_forget(struct fd_table *table)
{
	for (int fd = 0; fd < table->room; fd++)
		set_object(&table->slots[fd], NULL);
}

void fd_table_forget_files(struct fd_table *table)
{
	for (int fd = 0; fd < table->room; fd++) {
		const struct object *object = table->slots[fd].object;

		if (object && !object->is_socket && object->name.text[0] == '/')
			set_object(&table->slots[fd], NULL);
	}
}

void fd_table_blind(struct fd_table *table)
{
	drop_slots(table);
	table->blind = true;
}

int fd_table_room(const struct fd_table *table)
{
	return table->room;
}
