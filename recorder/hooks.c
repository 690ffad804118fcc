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

#include "common/cleanup.h"
#include "decode/syscall_info.h"
#include "recorder/bpffs.h"
#include "recorder/hooks_set.h"
#include "recorder/load_log.h"

#define BTF_PATH "/sys/kernel/btf/vmlinux"

DEFINE_CLEANUP(hooks, struct hooks *, hooks_close)

int hooks_explain(struct hooks_why *why, int err, const char *format, ...)
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

	hooks->legacy = hooks_need_legacy();
	if (!kernel)
		return;
	hooks->has_oom = mark_victim_has_task(kernel);
	hooks->has_rdonly_cast =
		btf__find_by_name_kind(kernel, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
	btf__free(kernel);
}

void hooks_configure(const struct hooks *hooks, struct igrec_bpf *skeleton)
{
	uint32_t slots = hooks->slots_max;

	bpf_program__set_autoload(skeleton->progs.igrec_oom, hooks->has_oom);
	bpf_map__set_max_entries(skeleton->maps.rings, slots);
	bpf_map__set_max_entries(skeleton->maps.slots, slots);
	bpf_map__set_max_entries(skeleton->maps.cursors, slots);
	bpf_map__set_max_entries(skeleton->maps.pool, slots);
	bpf_map__set_max_entries(skeleton->maps.ledger, slots);
	skeleton->rodata->has_rdonly_cast = hooks->has_rdonly_cast;
	syscall_info_fill((struct igrec_syscall_info *)skeleton->rodata->syscall_info);
	syscall_info_fill_compat(
		(struct igrec_syscall_info *)skeleton->rodata->compat_syscall_info);
}

static int load(struct hooks *hooks)
{
	struct igrec_bpf *skeleton = hooks_skeleton(hooks);
	int err;

	if (!skeleton)
		return -errno;
	hooks_configure(hooks, skeleton);
	err = igrec_bpf__load(skeleton);
	if (err) {
		igrec_bpf__destroy(skeleton);
		return err;
	}
	hooks->skeleton = skeleton;
	return 0;
}

/* Without the cast where the kernel has it, but not for these programs: seen by loading. */
static int load_best(struct hooks *hooks)
{
	int err = load(hooks);

	if (!err || err == -EPERM || !hooks->has_rdonly_cast)
		return err;
	hooks->has_rdonly_cast = false;
	return load(hooks);
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

static size_t ledger_bytes(const struct hooks *hooks)
{
	return sizeof(struct igrec_ledger) * hooks->slots_max;
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
	if (!err)
		err = map_array(skeleton->maps.igrec_set, sizeof(*hooks->set), &hooks->set);
	if (!err)
		err = map_array(skeleton->maps.ledger, ledger_bytes(hooks), &hooks->ledger);
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

int hooks_check(struct hooks_why *why)
{
	AUTO_CLOSE int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "igrec_check", sizeof(uint32_t),
					    sizeof(uint32_t), 1, NULL);

	if (map < 0 && (errno == EPERM || errno == EACCES))
		return hooks_explain(
			why, -EPERM,
			"not permitted to use BPF; run igrecd as root, or with CAP_BPF, "
			"CAP_PERFMON, CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH");
	if (!has_btf())
		return hooks_explain(why, -ENOENT,
				     "no BTF in %s; igrecd needs a kernel built with "
				     "CONFIG_DEBUG_INFO_BTF, see \"igrec doctor\"",
				     BTF_PATH);
	return 0;
}

static int explain_load(struct hooks_why *why, int err, const char *log)
{
	const char *words = load_log_last();

	if (!words[0])
		words = "no reason given";
	if (!log || load_log_write(log))
		return hooks_explain(
			why, err, "the kernel refuses the programs: %s (%s); run \"igrec doctor\"",
			strerror(-err), words);
	return hooks_explain(
		why, err,
		"the kernel refuses the programs: %s (%s); what its verifier says is in %s",
		strerror(-err), words, log);
}

static int explain_bpffs(struct hooks_why *why, int err, const char *path)
{
	switch (err) {
	case -EBUSY:
		return hooks_explain(
			why, err,
			"another igrecd runs with %s; stop it first, or choose --bpffs, "
			"--socket and --store of your own",
			path);
	case -EEXIST:
		return hooks_explain(
			why, err,
			"%s holds what igrecd has not pinned; name a directory of its own "
			"with --bpffs",
			path);
	case -EINVAL:
		return hooks_explain(
			why, err,
			"%s is the root of a bpffs, where others pin too; name a directory "
			"below it with --bpffs",
			path);
	case -ENOTDIR:
		return hooks_explain(
			why, err,
			"%s is not on a bpffs; mount one (mount -t bpf bpf /sys/fs/bpf) or "
			"name a directory on one with --bpffs",
			path);
	default:
		return hooks_explain(
			why, err,
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
	return err ? explain_bpffs(why, err, hooks->bpffs) : 0;
}

/* A set of one's own, instead of what may be pinned there. */
static int make_anew(struct hooks *hooks, const struct hooks_settings *settings,
		     struct hooks_why *why)
{
	int err = bpffs_clear_all(hooks->bpffs);

	if (err)
		return explain_bpffs(why, err, hooks->bpffs);
	err = load_best(hooks);
	if (err) {
		rmdir(hooks->bpffs);
		return explain_load(why, err, settings->load_log);
	}
	err = pin_objects(hooks);
	if (!err)
		err = map_all(hooks);
	if (!err)
		return 0;
	bpffs_clear_all(hooks->bpffs);
	return hooks_explain(why, err, "cannot set up the maps in %s: %s", settings->bpffs,
			     strerror(-err));
}

int hooks_open(const struct hooks_settings *settings, struct hooks **ret, struct hooks_why *why)
{
	CLEANUP(cleanup_hooks) struct hooks *hooks = calloc(1, sizeof(*hooks));
	int err;

	if (!hooks)
		return hooks_explain(why, -ENOMEM, "out of memory");
	hooks->lock = -1;
	hooks->walk = -1;
	hooks->slots_max = settings->slots;
	hooks->ring_blocks = settings->ring_blocks;
	snprintf(hooks->bpffs, sizeof(hooks->bpffs), "%s", settings->bpffs);
	load_log_clear();
	libbpf_set_print(keep_words);
	err = hooks_check(why);
	if (!err)
		err = take_over(hooks, why);
	if (err)
		return err;
	probe(hooks);
	err = hooks_adopt(hooks, settings, why);
	if (!err)
		err = map_all(hooks);
	hooks->adopted = !err;
	if (err && err != -ENOENT && err != -ESTALE)
		return err;
	if (err)
		err = make_anew(hooks, settings, why);
	if (err)
		return err;
	*ret = TAKE_PTR(hooks);
	return 0;
}

bool hooks_adopted(const struct hooks *hooks)
{
	return hooks->adopted;
}

const char *hooks_version(const struct hooks *hooks)
{
	return hooks->set->version;
}

/* ---- attach ---- */

static int attach_one(struct hooks *hooks, struct bpf_program *program, struct hooks_why *why)
{
	struct bpf_link *link = bpf_program__attach(program);
	char path[PATH_MAX + 64];
	int err;

	if (!link)
		return hooks_explain(why, -errno, "cannot attach %s: %s; run \"igrec doctor\"",
				     bpf_program__name(program), strerror(errno));
	snprintf(path, sizeof(path), "%s/" LINK_PREFIX "%s", hooks->bpffs,
		 bpf_program__name(program));
	err = bpf_link__pin(link, path);
	bpf_link__destroy(link); /* the pin keeps it attached */
	if (err)
		return hooks_explain(why, err, "cannot pin %s: %s", path, strerror(-err));
	return 0;
}

/* The iterator over tasks is not attached to anything: its link is this process' own. */
static int open_walk(struct hooks *hooks, struct hooks_why *why)
{
	AUTO_CLOSE int program = -1;
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", hooks->bpffs,
		 bpf_program__name(hooks->skeleton->progs.igrec_walk));
	program = bpf_obj_get(path);
	if (program >= 0)
		hooks->walk = bpf_link_create(program, 0, BPF_TRACE_ITER, NULL);
	if (hooks->walk >= 0)
		return 0;
	return hooks_explain(why, -errno, "cannot open %s: %s; run \"igrec doctor\"", path,
			     strerror(errno));
}

static void describe_set(struct hooks *hooks)
{
	struct igrec_set *set = hooks->set;

	*set = (struct igrec_set){
		.slots = hooks->slots_max,
		.ring_blocks = hooks->ring_blocks,
		.oom = hooks->has_oom,
		.legacy = hooks->legacy,
		.version = IGREC_VERSION,
	};
	__atomic_store_n(&set->abi, IGREC_ABI_VERSION, __ATOMIC_RELEASE);
}

int hooks_attach(struct hooks *hooks, struct hooks_why *why)
{
	struct bpf_program *program;
	int err = open_walk(hooks, why);

	if (err || hooks->adopted)
		return err;
	bpf_object__for_each_program(program, hooks->skeleton->obj)
	{
		if (!bpf_program__autoload(program) || program == hooks->skeleton->progs.igrec_walk)
			continue;
		err = attach_one(hooks, program, why);
		if (err)
			return err;
	}
	describe_set(hooks);
	return 0;
}

int hooks_detach(struct hooks *hooks)
{
	return bpffs_clear(hooks->bpffs, LINK_PREFIX);
}

void hooks_close(struct hooks *hooks)
{
	if (!hooks)
		return;
	ring_buffer__free(hooks->notices);
	if (hooks->walk >= 0)
		close(hooks->walk);
	if (hooks->set)
		munmap(hooks->set, sizeof(*hooks->set));
	if (hooks->ledger)
		munmap(hooks->ledger, ledger_bytes(hooks));
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
