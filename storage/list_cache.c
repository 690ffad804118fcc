/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Beside the store's list: the cache file's form and its matching with what is there now.
 *
 *   struct header, then for each kept dump, in the order of lists (newest first):
 *   struct kept, the file's name, the data
 *
 * All of it is checked when read; whatever does not fit ends the reading there.
 */
#include "storage/list_cache.h"

#include <errno.h>
#include <stdlib.h>

#include "common/checksum.h"
#include "common/cleanup.h"
#include "common/clock.h"

#define CACHE_FILE	".list-cache"
#define CACHE_BYTES_MAX (256UL << 20)
#define MAGIC		0x3163746c63657267ULL
#define SETTLED_NS	1000000000LL /* within it a file may change twice at one time */
#define NEW_MIN		32	     /* dumps that are worth a new cache */

struct header {
	uint64_t magic;
	uint64_t maker;
	uint64_t bytes; /* behind this header */
	uint64_t xxh64; /* of them */
};

struct kept {
	uint64_t inode, file_bytes;
	int64_t changed_ns;
	uint32_t name_bytes, data_bytes;
};

struct value {
	const char *data; /* NULL: none */
	size_t bytes;
	char *own; /* the same if it is not of the file read */
};

struct list_cache {
	const struct store *store;
	const struct store_list *list;
	uint64_t maker;
	struct value *values; /* of each entry */
	struct buf file;      /* as it was read */
	unsigned added;
};

/* ---- reading ---------------------------------------------------------------------------- */

static bool is_whole(const struct buf *file, uint64_t maker)
{
	struct header header;

	if (file->bytes < sizeof(header))
		return false;
	memcpy(&header, file->data, sizeof(header));
	return header.magic == MAGIC && header.maker == maker &&
	       header.bytes == file->bytes - sizeof(header) &&
	       header.xxh64 == checksum_of(file->data + sizeof(header), header.bytes);
}

static bool is_same(const struct store_entry *entry, const struct kept *kept, const char *name)
{
	return entry->inode == kept->inode && entry->bytes == kept->file_bytes &&
	       entry->changed_ns == kept->changed_ns && strlen(entry->file) == kept->name_bytes &&
	       memcmp(entry->file, name, kept->name_bytes) == 0;
}

/*
 * The next entry from *index on with this name. Names begin with the time, by which list and cache
 * are sorted: later ones come first.
 */
static bool find(const struct store_list *list, const char *name, size_t bytes, size_t *index)
{
	enum { TIME_BYTES = 20 };

	for (size_t i = *index; i < list->count; i++) {
		const char *file = list->entries[i].file;
		int order = strncmp(file, name, bytes < TIME_BYTES ? bytes : TIME_BYTES);

		if (order < 0)
			return false;
		if (order > 0)
			*index = i + 1;
		else if (strlen(file) == bytes && memcmp(file, name, bytes) == 0) {
			*index = i;
			return true;
		}
	}
	return false;
}

static void match(struct list_cache *cache)
{
	const char *at = cache->file.data + sizeof(struct header);
	size_t left = cache->file.bytes - sizeof(struct header), index = 0;
	struct kept kept;

	while (left >= sizeof(kept)) {
		memcpy(&kept, at, sizeof(kept));
		at += sizeof(kept);
		left -= sizeof(kept);
		if (kept.name_bytes > left || kept.data_bytes > left - kept.name_bytes)
			return;
		if (find(cache->list, at, kept.name_bytes, &index) &&
		    is_same(&cache->list->entries[index], &kept, at)) {
			cache->values[index].data = at + kept.name_bytes;
			cache->values[index].bytes = kept.data_bytes;
		}
		at += kept.name_bytes + kept.data_bytes;
		left -= kept.name_bytes + kept.data_bytes;
	}
}

int list_cache_open(const struct store *store, const struct store_list *list, uint64_t maker,
		    struct list_cache **ret)
{
	struct list_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	cache->store = store;
	cache->list = list;
	cache->maker = maker;
	cache->values = calloc(list->count + 1, sizeof(*cache->values));
	if (!cache->values) {
		list_cache_close(cache);
		return -ENOMEM;
	}
	if (!store_read_aside(store, CACHE_FILE, CACHE_BYTES_MAX, &cache->file) &&
	    is_whole(&cache->file, maker))
		match(cache);
	*ret = cache;
	return 0;
}

void list_cache_close(struct list_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; cache->values && i < cache->list->count; i++)
		free(cache->values[i].own);
	free(cache->values);
	buf_done(&cache->file);
	free(cache);
}

/* ---- use -------------------------------------------------------------------------------- */

const char *list_cache_get(const struct list_cache *cache, size_t index, size_t *ret_bytes)
{
	*ret_bytes = cache->values[index].bytes;
	return cache->values[index].data;
}

int list_cache_put(struct list_cache *cache, size_t index, const char *data, size_t bytes)
{
	struct value *value = &cache->values[index];
	char *own;

	if (clock_realtime_ns() - cache->list->entries[index].changed_ns < SETTLED_NS)
		return 0;
	own = malloc(bytes + 1);
	if (!own)
		return -ENOMEM;
	memcpy(own, data, bytes);
	free(value->own);
	*value = (struct value){own, bytes, own};
	cache->added++;
	return 0;
}

/* ---- writing ---------------------------------------------------------------------------- */

static void add_kept(struct buf *out, const struct store_entry *entry, const struct value *value)
{
	const struct kept kept = {
		.inode = entry->inode,
		.file_bytes = entry->bytes,
		.changed_ns = entry->changed_ns,
		.name_bytes = (uint32_t)strlen(entry->file),
		.data_bytes = (uint32_t)value->bytes,
	};

	buf_add(out, &kept, sizeof(kept));
	buf_add(out, entry->file, kept.name_bytes);
	buf_add(out, value->data, value->bytes);
}

int list_cache_save(struct list_cache *cache)
{
	CLEANUP(buf_done) struct buf out = {};
	struct header header = {.magic = MAGIC, .maker = cache->maker};

	if (cache->added < NEW_MIN)
		return 0;
	buf_add(&out, &header, sizeof(header));
	for (size_t i = 0; i < cache->list->count; i++) {
		if (cache->values[i].data)
			add_kept(&out, &cache->list->entries[i], &cache->values[i]);
	}
	if (out.failed)
		return -ENOMEM;
	header.bytes = out.bytes - sizeof(header);
	header.xxh64 = checksum_of(out.data + sizeof(header), header.bytes);
	memcpy(out.data, &header, sizeof(header));
	return store_write_aside(cache->store, CACHE_FILE, &out);
}
