/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a list shows of each dump, kept from one time to the next in the file `.list-cache` of the
 * store, so that a large store is listed without opening every dump.  The dumps are the truth: what
 * is kept of one counts only while its file has the same name, inode, size and time of change; a
 * cache that is not whole, or was made by another program, counts as none.  Several may read and
 * write it at once; the last one's stays.
 */
#ifndef STORAGE_LIST_CACHE_H
#define STORAGE_LIST_CACHE_H

#include "common/buf.h"
#include "storage/store.h"

struct list_cache;

/* Reads it for a list of the store; both must outlive it. maker: tells who can read what is kept.
 * 0, or -ENOMEM; without a usable cache file it is empty. */
int list_cache_open(const struct store *store, const struct store_list *list, uint64_t maker,
		    struct list_cache **ret);
void list_cache_close(struct list_cache *cache);

/* What is kept of an entry, by its index in the list; NULL if nothing is. Borrowed. */
const char *list_cache_get(const struct list_cache *cache, size_t index, size_t *ret_bytes);
/* Keeps it. Files that changed within the last second are not kept. 0 or -ENOMEM. */
int list_cache_put(struct list_cache *cache, size_t index, const char *data, size_t bytes);

/* Writes it, if much of it is new and the store is large; another time it will do else. 0 or
 * -errno: the directory may not be writable for this user, which is no harm. */
int list_cache_save(struct list_cache *cache);

#endif
