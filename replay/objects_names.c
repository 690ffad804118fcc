/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which objects have which name, so that those of files follow unlink and rename, as what /proc
 * says of a descriptor does.  Below a renamed directory the old name stays.
 *
 * Invariant: an object that nobody else refers to is let go as soon as its bucket is looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "replay/objects_build.h"

/* FNV-1a */
static struct objects_named **bucket_of(struct objects *objects, const struct object *name)
{
	uint32_t hash = 2166136261U;

	for (unsigned i = 0; i < name->name.bytes; i++)
		hash = (hash ^ (unsigned char)name->name.text[i]) * 16777619U;
	return &objects->names[hash % OBJECTS_NAME_BUCKETS];
}

static struct objects_named *take_out(struct objects_named **at)
{
	struct objects_named *named = *at;

	*at = named->next;
	return named;
}

static void drop(struct objects_named *named)
{
	object_unref(named->object);
	free(named);
}

static void sweep(struct objects_named **bucket)
{
	while (*bucket) {
		if ((*bucket)->object->references == 1)
			drop(take_out(bucket));
		else
			bucket = &(*bucket)->next;
	}
}

static void put(struct objects *objects, struct objects_named *named)
{
	struct objects_named **bucket = bucket_of(objects, named->object);

	named->next = *bucket;
	*bucket = named;
}

static bool same_name(const struct object *a, const struct object *b)
{
	return a->name.bytes == b->name.bytes && !memcmp(a->name.text, b->name.text, a->name.bytes);
}

void objects_name_add(struct objects *objects, struct object *object)
{
	struct objects_named *named;

	if (!object_is_path(object) || object->name.deleted || objects->names_differ)
		return;
	sweep(bucket_of(objects, object));
	for (named = *bucket_of(objects, object); named; named = named->next) {
		if (named->object == object)
			return;
	}
	named = malloc(sizeof(*named));
	if (!named)
		return;
	named->object = object_ref(object);
	put(objects, named);
}

void objects_name_remove(struct objects *objects, const struct object *name)
{
	struct objects_named **at;

	if (!object_is_path(name))
		return;
	for (at = bucket_of(objects, name); *at;) {
		if (!same_name((*at)->object, name)) {
			at = &(*at)->next;
			continue;
		}
		(*at)->object->name.deleted = true;
		drop(take_out(at));
	}
}

void objects_name_change(struct objects *objects, const struct object *from,
			 const struct object *to)
{
	struct objects_named *moved = NULL, **at;

	if (!object_is_path(from))
		return;
	objects_name_remove(objects, to);
	for (at = bucket_of(objects, from); *at;) {
		struct objects_named *named;

		if (!same_name((*at)->object, from)) {
			at = &(*at)->next;
			continue;
		}
		named = take_out(at);
		named->next = moved;
		moved = named;
	}
	while (moved) {
		struct objects_named *named = take_out(&moved);

		/* Where it went is not known: it keeps the name by which it was known. */
		if (!object_is_path(to) ||
		    object_rename(named->object, to->name.text, to->name.bytes))
			drop(named);
		else
			put(objects, named);
	}
}

void objects_names_forget(struct objects *objects, bool for_good)
{
	if (for_good)
		objects->names_differ = true;
	for (unsigned i = 0; i < OBJECTS_NAME_BUCKETS; i++) {
		while (objects->names[i])
			drop(take_out(&objects->names[i]));
	}
}
