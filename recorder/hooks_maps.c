/* SPDX-License-Identifier: Apache-2.0 */
/* The maps of the kernel side, once they are there: slots, rings, pool, cgroups, notices. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "recorder/hooks_set.h"

bool hooks_is_legacy(const struct hooks *hooks)
{
	return hooks->legacy;
}

bool hooks_has_oom(const struct hooks *hooks)
{
	return hooks->has_oom;
}

uint32_t hooks_slots_max(const struct hooks *hooks)
{
	return hooks->slots_max;
}

struct igrec_slot *hooks_slot(const struct hooks *hooks, uint32_t slot)
{
	return &hooks->slots[slot];
}

struct igrec_ledger *hooks_ledger(const struct hooks *hooks, uint32_t slot)
{
	return &hooks->ledger[slot];
}

uint64_t hooks_counter(const struct hooks *hooks, enum igrec_counter counter)
{
	return __atomic_load_n(&hooks->counters[counter], __ATOMIC_RELAXED);
}

static int make_ring(uint32_t blocks, int *ret_fd, struct igrec_block **ret_ring)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE | BPF_F_INNER_MAP);
	AUTO_CLOSE int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "igrec_ring", sizeof(uint32_t),
					   IGREC_BLOCK_BYTES, blocks, &options);
	void *memory;

	if (fd < 0)
		return fd;
	memory = mmap(NULL, (size_t)blocks * IGREC_BLOCK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	*ret_ring = memory;
	return 0;
}

static void ring_path(const struct hooks *hooks, uint32_t slot, char ret[HOOKS_PATH_BYTES])
{
	snprintf(ret, HOOKS_PATH_BYTES, "%s/ring_%u", hooks->bpffs, slot);
}

/* To open a map by its id takes CAP_SYS_ADMIN, to open a pinned one does not. */
static int pin_rings(const struct hooks *hooks, const uint32_t *slots, const int *fds,
		     uint32_t count)
{
	char path[HOOKS_PATH_BYTES];
	int err = 0;

	for (uint32_t i = 0; i < count && !err; i++) {
		ring_path(hooks, slots[i], path);
		err = unlink(path) && errno != ENOENT ? -errno : bpf_obj_pin(fds[i], path);
	}
	return err;
}

/* The slot's ring; the pinned one may be another if an igrecd was killed as it gave out a new one.
 * A descriptor or -errno. */
static int open_ring(const struct hooks *hooks, uint32_t slot, struct bpf_map_info *ret_info)
{
	uint32_t bytes = sizeof(*ret_info), id;
	char path[HOOKS_PATH_BYTES];
	AUTO_CLOSE int fd = -1;

	if (bpf_map_lookup_elem(bpf_map__fd(hooks->skeleton->maps.rings), &slot, &id))
		return -errno;
	ring_path(hooks, slot, path);
	fd = bpf_obj_get(path);
	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, ret_info, &bytes) && ret_info->id == id)
		return TAKE_FD(fd);
	cleanup_close(&fd);
	fd = bpf_map_get_fd_by_id(id);
	bytes = sizeof(*ret_info);
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, ret_info, &bytes))
		return -errno;
	return TAKE_FD(fd);
}

/* One call for all, so that the kernel waits once; kernels before 5.14 take them one by one. */
static int install_rings(const struct hooks *hooks, const uint32_t *slots, const int *fds,
			 uint32_t count)
{
	int outer = bpf_map__fd(hooks->skeleton->maps.rings);
	uint32_t done = count;
	int err = bpf_map_update_batch(outer, slots, fds, &done, NULL);

	if (!err)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		err = bpf_map_update_elem(outer, &slots[i], &fds[i], BPF_ANY);
		if (err)
			return err;
	}
	return 0;
}

int hooks_rings_new(struct hooks *hooks, const uint32_t *slots, uint32_t count, uint32_t blocks,
		    struct igrec_block **ret_rings)
{
	AUTO_FREE int *fds = calloc(count, sizeof(*fds));
	uint32_t made = 0;
	int err = fds ? 0 : -ENOMEM;

	for (; made < count && !err; made += !err)
		err = make_ring(blocks, &fds[made], &ret_rings[made]);
	if (!err)
		err = pin_rings(hooks, slots, fds, count);
	if (!err)
		err = install_rings(hooks, slots, fds, count);
	for (uint32_t i = 0; i < made; i++) {
		close(fds[i]); /* the outer map holds it */
		if (err)
			hooks_ring_unmap(ret_rings[i], blocks);
	}
	return err;
}

int hooks_ring_map(struct hooks *hooks, uint32_t slot, struct igrec_block **ret_ring,
		   uint32_t *ret_blocks)
{
	struct bpf_map_info info = {0};
	AUTO_CLOSE int fd = open_ring(hooks, slot, &info);
	void *memory;

	if (fd < 0)
		return fd;
	memory = mmap(NULL, (size_t)info.max_entries * IGREC_BLOCK_BYTES, PROT_READ | PROT_WRITE,
		      MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	*ret_ring = memory;
	*ret_blocks = info.max_entries;
	return 0;
}

void hooks_ring_unmap(struct igrec_block *ring, uint32_t blocks)
{
	munmap(ring, (size_t)blocks * IGREC_BLOCK_BYTES);
}

int hooks_pool_push(struct hooks *hooks, uint32_t slot)
{
	int fd = bpf_map__fd(hooks->skeleton->maps.pool);

	return bpf_map_update_elem(fd, NULL, &slot, BPF_ANY) ? -errno : 0;
}

int hooks_pool_pop(struct hooks *hooks, uint32_t *ret_slot)
{
	int fd = bpf_map__fd(hooks->skeleton->maps.pool);

	return bpf_map_lookup_and_delete_elem(fd, NULL, ret_slot) ? -errno : 0;
}

int hooks_cgroup_set(struct hooks *hooks, uint64_t cgroup_id, uint32_t slot)
{
	int fd = bpf_map__fd(hooks->skeleton->maps.cgroup_slots);

	return bpf_map_update_elem(fd, &cgroup_id, &slot, BPF_ANY) ? -errno : 0;
}

int hooks_cgroup_delete(struct hooks *hooks, uint64_t cgroup_id, uint32_t slot)
{
	int fd = bpf_map__fd(hooks->skeleton->maps.cgroup_slots);
	uint32_t owner;

	if (bpf_map_lookup_elem(fd, &cgroup_id, &owner))
		return -errno;
	if (owner != slot)
		return -ENOENT;
	return bpf_map_delete_elem(fd, &cgroup_id) ? -errno : 0;
}

int hooks_walk_tasks(struct hooks *hooks)
{
	AUTO_CLOSE int fd = bpf_iter_create(hooks->walk);
	char sink[64];
	ssize_t got;

	if (fd < 0)
		return -errno;
	do {
		got = read(fd, sink, sizeof(sink));
	} while (got > 0 || (got < 0 && errno == EAGAIN));
	return got < 0 ? -errno : 0;
}

int hooks_notice_fd(const struct hooks *hooks)
{
	return ring_buffer__epoll_fd(hooks->notices);
}

int hooks_notices(struct hooks *hooks, hooks_notice_fn fn, void *context)
{
	hooks->fn = fn;
	hooks->context = context;
	return ring_buffer__consume(hooks->notices);
}
