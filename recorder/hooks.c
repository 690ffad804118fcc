/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading, attaching and pinning the kernel programs, and the map operations that the recorder
 * needs.  First stage of the flow; everything above sees slots, rings and notices only.
 */
#include "recorder/hooks.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/btf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "bpf/igrec.skel.h"
#include "common/cleanup.h"
#include "decode/syscall_info.h"
#include "recorder/bpffs.h"
#include "recorder/load_log.h"

#define BTF_PATH    "/sys/kernel/btf/vmlinux"
#define LINK_PREFIX "link_" /* of the names that links are pinned under */

struct hooks {
	struct igrec_bpf *skeleton;
	struct ring_buffer *notices;
	struct bpf_link *walk;
	struct igrec_slot *slots; /* mapped */
	uint64_t *counters;	  /* mapped */
	uint32_t slots_max;
	bool has_task_storage;
	bool has_oom;
	bool has_rdonly_cast;
	hooks_notice_fn fn; /* during hooks_notices() */
	void *context;
	int lock; /* of the bpffs directory: one igrecd at a time */
	char bpffs[PATH_MAX];
};

DEFINE_CLEANUP(hooks, struct hooks *, hooks_close)

static int explain(struct hooks_why *why, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int explain(struct hooks_why *why, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return err;
}

static int keep_words(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_WARN)
		load_log_add(format, args);
	return 0;
}

int hooks_unload(const char *bpffs)
{
	return bpffs_remove(bpffs);
}

/* ---- load ---- */

/*
 * The tracepoint mark_victim names the victim's task, as igrec_oom wants it. Before Linux 6.9
 * (commit 72ba14deb40a) it gave a pid, which a program cannot turn into a task.
 */
static bool mark_victim_has_task(const struct btf *kernel)
{
	const struct btf_type *type = NULL;
	int id;

	id = btf__find_by_name_kind(kernel, "btf_trace_mark_victim", BTF_KIND_TYPEDEF);
	if (id > 0)
		type = btf__type_by_id(kernel, id);
	/* typedef void (*btf_trace_mark_victim)(void *data, victim, ...) */
	for (int i = 0; type && i < 2; i++)
		type = btf__type_by_id(kernel, type->type);
	return type && btf_is_func_proto(type) && btf_vlen(type) >= 2 &&
	       btf_is_ptr(btf__type_by_id(kernel, btf_params(type)[1].type));
}

/* What the running kernel has, by its own description. */
static void probe(struct hooks *hooks)
{
	struct btf *kernel = btf__load_vmlinux_btf();

	if (!kernel)
		return;
	hooks->has_oom = mark_victim_has_task(kernel);
	hooks->has_rdonly_cast =
		btf__find_by_name_kind(kernel, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
	btf__free(kernel);
}

static void configure(const struct hooks *hooks, struct igrec_bpf *skeleton, bool task_storage)
{
	uint32_t slots = hooks->slots_max;

	bpf_program__set_autoload(skeleton->progs.igrec_oom, hooks->has_oom);
	bpf_map__set_max_entries(skeleton->maps.rings, slots);
	bpf_map__set_max_entries(skeleton->maps.slots, slots);
	bpf_map__set_max_entries(skeleton->maps.cursors, slots);
	bpf_map__set_max_entries(skeleton->maps.pool, slots);
	if (task_storage)
		bpf_map__set_max_entries(skeleton->maps.task_hash, 1);
	else
		bpf_map__set_autocreate(skeleton->maps.task_storage, false);
	skeleton->rodata->use_task_storage = task_storage;
	skeleton->rodata->has_rdonly_cast = hooks->has_rdonly_cast;
	syscall_info_fill((struct igrec_syscall_info *)skeleton->rodata->syscall_info);
	syscall_info_fill_compat(
		(struct igrec_syscall_info *)skeleton->rodata->compat_syscall_info);
}

static int load(struct hooks *hooks, bool task_storage)
{
	struct igrec_bpf *skeleton = igrec_bpf__open();
	int err;

	if (!skeleton)
		return -errno;
	configure(hooks, skeleton, task_storage);
	err = igrec_bpf__load(skeleton);
	if (err) {
		igrec_bpf__destroy(skeleton);
		return err;
	}
	hooks->skeleton = skeleton;
	hooks->has_task_storage = task_storage;
	return 0;
}

/* Task storage is probed by loading with it: helper and map type must both be allowed. */
/* Without task storage where tracing programs may not use it, and without the cast likewise. */
static int load_best(struct hooks *hooks, bool no_task_storage)
{
	int err = no_task_storage ? -EOPNOTSUPP : load(hooks, true);

	if (err && err != -EPERM)
		err = load(hooks, false);
	if (err && err != -EPERM && hooks->has_rdonly_cast) {
		hooks->has_rdonly_cast = false;
		return load_best(hooks, no_task_storage);
	}
	return err;
}

static int map_array(struct bpf_map *map, size_t bytes, void *ret_pointer)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	if (memory == MAP_FAILED)
		return -errno;
	*(void **)ret_pointer = memory;
	return 0;
}

static size_t slots_bytes(const struct hooks *hooks)
{
	return sizeof(struct igrec_slot) * hooks->slots_max;
}

static int on_notice(void *context, void *data, size_t bytes)
{
	struct hooks *hooks = context;

	if (bytes >= IGREC_NOTICE_SHORT_BYTES)
		hooks->fn(hooks->context, data);
	return 0;
}

static int map_all(struct hooks *hooks)
{
	struct igrec_bpf *skeleton = hooks->skeleton;
	int err;

	err = map_array(skeleton->maps.slots, slots_bytes(hooks), &hooks->slots);
	if (!err)
		err = map_array(skeleton->maps.counters, sizeof(uint64_t) * IGREC_COUNTERS,
				&hooks->counters);
	if (err)
		return err;
	hooks->notices =
		ring_buffer__new(bpf_map__fd(skeleton->maps.notices), on_notice, hooks, NULL);
	return hooks->notices ? 0 : -errno;
}

/*
 * Programs and maps are pinned under their own names, links under "link_" and the program's. The
 * programs' names begin with BPFFS_OWN, so they come first.
 */
static int pin_objects(struct hooks *hooks)
{
	struct bpf_object *object = hooks->skeleton->obj;
	struct bpf_program *program;
	struct bpf_map *map;
	char path[PATH_MAX + 64];
	int err = 0;

	bpf_object__for_each_program(program, object)
	{
		if (err || !bpf_program__autoload(program))
			continue;
		snprintf(path, sizeof(path), "%s/%s", hooks->bpffs, bpf_program__name(program));
		err = bpf_program__pin(program, path);
	}
	bpf_object__for_each_map(map, object)
	{
		if (err || bpf_map__fd(map) < 0 || bpf_map__is_internal(map))
			continue;
		snprintf(path, sizeof(path), "%s/%s", hooks->bpffs, bpf_map__name(map));
		err = bpf_map__pin(map, path);
	}
	return err;
}

static bool has_btf(void)
{
	AUTO_CLOSE int fd = open(BTF_PATH, O_RDONLY | O_CLOEXEC);
	uint16_t magic = 0;

	return fd >= 0 && read(fd, &magic, sizeof(magic)) == sizeof(magic) && magic == BTF_MAGIC;
}

/* Whether BPF has atomic operations that return a value, Linux 5.12. */
static bool has_fetching_atomics(void)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_STX | BPF_MEM | BPF_DW,
		 .dst_reg = BPF_REG_10,
		 .src_reg = BPF_REG_0,
		 .off = -8},
		{.code = BPF_STX | BPF_ATOMIC | BPF_DW,
		 .dst_reg = BPF_REG_10,
		 .src_reg = BPF_REG_0,
		 .off = -8,
		 .imm = BPF_ADD | BPF_FETCH},
		{.code = BPF_JMP | BPF_EXIT},
	};
	AUTO_CLOSE int program = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "igrec_check", "GPL",
					       insns, sizeof(insns) / sizeof(insns[0]), NULL);

	return program >= 0 || errno != EINVAL;
}

int hooks_check(struct hooks_why *why)
{
	AUTO_CLOSE int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "igrec_check", sizeof(uint32_t),
					    sizeof(uint32_t), 1, NULL);

	if (map < 0 && (errno == EPERM || errno == EACCES))
		return explain(why, -EPERM,
			       "not permitted to use BPF; run igrecd as root, or with CAP_BPF, "
			       "CAP_PERFMON and CAP_SYS_ADMIN");
	if (!has_btf())
		return explain(why, -ENOENT,
			       "no BTF in %s; igrecd needs a kernel built with "
			       "CONFIG_DEBUG_INFO_BTF, see \"igrec doctor\"",
			       BTF_PATH);
	if (!has_fetching_atomics())
		return explain(why, -EOPNOTSUPP,
			       "this kernel's BPF lacks atomic operations that return a value; "
			       "igrecd needs Linux 5.12 or newer");
	return 0;
}

static int explain_load(struct hooks_why *why, int err, const char *log)
{
	const char *words = load_log_last();

	if (!words[0])
		words = "no reason given";
	if (!log || load_log_write(log))
		return explain(why, err,
			       "the kernel refuses the programs: %s (%s); run \"igrec doctor\"",
			       strerror(-err), words);
	return explain(why, err,
		       "the kernel refuses the programs: %s (%s); what its verifier says is in %s",
		       strerror(-err), words, log);
}

static int explain_bpffs(struct hooks_why *why, int err, const char *path)
{
	switch (err) {
	case -EBUSY:
		return explain(why, err,
			       "another igrecd runs with %s; stop it first, or choose --bpffs, "
			       "--socket and --store of your own",
			       path);
	case -EEXIST:
		return explain(why, err,
			       "%s holds what igrecd has not pinned; name a directory of its own "
			       "with --bpffs",
			       path);
	case -EINVAL:
		return explain(why, err,
			       "%s is the root of a bpffs, where others pin too; name a directory "
			       "below it with --bpffs",
			       path);
	case -ENOTDIR:
		return explain(why, err,
			       "%s is not on a bpffs; mount one (mount -t bpf bpf /sys/fs/bpf) or "
			       "name a directory on one with --bpffs",
			       path);
	default:
		return explain(why, err,
			       "cannot take over %s: %s; mount a bpffs first (mount -t bpf bpf "
			       "/sys/fs/bpf) or name a directory on one with --bpffs",
			       path, strerror(-err));
	}
}

static int take_over(struct hooks *hooks, struct hooks_why *why)
{
	int err = bpffs_make(hooks->bpffs);

	if (!err)
		hooks->lock = bpffs_lock(hooks->bpffs);
	if (!err && hooks->lock < 0)
		err = hooks->lock;
	if (!err)
		err = bpffs_clear_all(hooks->bpffs);
	return err ? explain_bpffs(why, err, hooks->bpffs) : 0;
}

int hooks_open(const struct hooks_settings *settings, struct hooks **ret, struct hooks_why *why)
{
	CLEANUP(cleanup_hooks) struct hooks *hooks = calloc(1, sizeof(*hooks));
	int err;

	if (!hooks)
		return explain(why, -ENOMEM, "out of memory");
	hooks->lock = -1;
	hooks->slots_max = settings->slots;
	snprintf(hooks->bpffs, sizeof(hooks->bpffs), "%s", settings->bpffs);
	load_log_clear();
	libbpf_set_print(keep_words);
	err = hooks_check(why);
	if (!err)
		err = take_over(hooks, why);
	if (err)
		return err;
	probe(hooks);
	err = load_best(hooks, settings->no_task_storage);
	if (err) {
		rmdir(hooks->bpffs);
		return explain_load(why, err, settings->load_log);
	}
	err = pin_objects(hooks);
	if (!err)
		err = map_all(hooks);
	if (err) {
		bpffs_clear_all(hooks->bpffs);
		return explain(why, err, "cannot set up the maps in %s: %s", settings->bpffs,
			       strerror(-err));
	}
	*ret = TAKE_PTR(hooks);
	return 0;
}

/* ---- attach ---- */

static int attach_one(struct hooks *hooks, struct bpf_program *program, struct hooks_why *why)
{
	struct bpf_link *link = bpf_program__attach(program);
	char path[PATH_MAX + 64];
	int err;

	if (!link)
		return explain(why, -errno, "cannot attach %s: %s; run \"igrec doctor\"",
			       bpf_program__name(program), strerror(errno));
	if (program == hooks->skeleton->progs.igrec_walk) {
		hooks->walk = link;
		return 0;
	}
	snprintf(path, sizeof(path), "%s/" LINK_PREFIX "%s", hooks->bpffs,
		 bpf_program__name(program));
	err = bpf_link__pin(link, path);
	bpf_link__destroy(link); /* the pin keeps it attached */
	if (err)
		return explain(why, err, "cannot pin %s: %s", path, strerror(-err));
	return 0;
}

int hooks_attach(struct hooks *hooks, struct hooks_why *why)
{
	struct bpf_program *program;
	int err;

	bpf_object__for_each_program(program, hooks->skeleton->obj)
	{
		err = bpf_program__autoload(program) ? attach_one(hooks, program, why) : 0;
		if (err)
			return err;
	}
	return 0;
}

int hooks_detach(struct hooks *hooks)
{
	bpf_link__destroy(hooks->walk);
	hooks->walk = NULL;
	return bpffs_clear(hooks->bpffs, LINK_PREFIX);
}

void hooks_close(struct hooks *hooks)
{
	if (!hooks)
		return;
	ring_buffer__free(hooks->notices);
	bpf_link__destroy(hooks->walk);
	if (hooks->slots)
		munmap(hooks->slots, slots_bytes(hooks));
	if (hooks->counters)
		munmap(hooks->counters, sizeof(uint64_t) * IGREC_COUNTERS);
	if (hooks->skeleton)
		igrec_bpf__destroy(hooks->skeleton);
	if (hooks->lock >= 0)
		close(hooks->lock);
	free(hooks);
}

/* ---- maps in use ---- */

bool hooks_has_task_storage(const struct hooks *hooks)
{
	return hooks->has_task_storage;
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
		err = install_rings(hooks, slots, fds, count);
	for (uint32_t i = 0; i < made; i++) {
		close(fds[i]); /* the outer map holds it */
		if (err)
			hooks_ring_unmap(ret_rings[i], blocks);
	}
	return err;
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

int hooks_cgroup_delete(struct hooks *hooks, uint64_t cgroup_id)
{
	int fd = bpf_map__fd(hooks->skeleton->maps.cgroup_slots);

	return bpf_map_delete_elem(fd, &cgroup_id) ? -errno : 0;
}

int hooks_walk_tasks(struct hooks *hooks)
{
	AUTO_CLOSE int fd = bpf_iter_create(bpf_link__fd(hooks->walk));
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
