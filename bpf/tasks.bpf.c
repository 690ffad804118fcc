// SPDX-License-Identifier: GPL-2.0
/* The life of tasks: fork, exec, exit, signals, the OOM killer's choice. */
#include "notice.bpf.h"
#include "object.bpf.h"
#ifdef IGREC_LEGACY
#include "object_legacy.bpf.h"
#endif
#include "record.bpf.h"
#include "syscall_regs.bpf.h"

#include <bpf/bpf_tracing.h>

#define SIGILL		       4
#define SIGTRAP		       5
#define SIGBUS		       7
#define SIGFPE		       8
#define SIGSEGV		       11
#define TRACE_SIGNAL_DELIVERED 0 /* include/trace/events/signal.h */

#define SIGINFO_ROOM (8 + IGREC_CAPTURE_SIGINFO_BYTES)
#define ARGV_REST    (IGREC_CAPTURE_ARGV_BYTES - IGREC_CHANGED_MAX * IGREC_CHANGED_BYTES_MAX)
#define EXEC_ROOM    (2 * IGREC_CAPTURE_ROOM + 8 + IGREC_CAPTURE_ARGV_BYTES)
#define FIRST_ROOM   (EXEC_ROOM + 4 * OBJECT_ROOM) /* of the container's first exec */

/* Opens the vital lane's record of an event of a slot; `body` is a constant. */
static __always_inline bool event_begin(struct record_place *place, struct ring_writer *w,
					struct igrec_slot *slot, __u32 index,
					struct task_state *marked, const __u32 body)
{
	return ring_open(w, slot, index) &&
	       record_begin(place, w, IGREC_LANE_VITAL, marked, body,
			    sizeof(struct igrec_record) + sizeof(struct igrec_mark) + body);
}

static __always_inline void record_fork(struct task_state *state, struct igrec_slot *slot,
					struct task_struct *parent, struct task_struct *child)
{
	struct record_place place;
	struct ring_writer w;
	struct igrec_fork *fork;

	if (!event_begin(&place, &w, slot, state->slot, state, sizeof(*fork)))
		return;
	record_stamp(&place, bpf_ktime_get_ns(), parent->pid, 0);
	fork = place.body;
	fork->child_tid = child->pid;
	fork->child_tgid = child->tgid;
	fork->child_ns_tid = task_ns_tid(child, slot);
	fork->child_ns_tgid = task_ns_tid(child->group_leader, slot);
	record_commit(&place, IGREC_RECORD_FORK);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(igrec_fork, struct task_struct *parent, struct task_struct *child)
{
	struct task_state *state = task_state_of(parent), *born;
	struct igrec_slot *slot;
	__u64 child_cgroup = task_cgroup_id(child);

	/* If the slot is someone else's by now, the child is sorted by its cgroup. */
	if (state && task_slot(state) && task_cgroup_id(parent) == child_cgroup)
		task_track(child, state->slot);
	else
		task_sort(child, child_cgroup); /* clone3(CLONE_INTO_CGROUP) */
	born = task_state_of(child);
	if (born)
		born->nr = TASK_NEWBORN;
	if (!state)
		return 0;
	slot = task_slot(state);
	if (slot)
		record_fork(state, slot, parent, child);
	return 0;
}

/*
 * The runtime's own executable, run again inside the container's cgroup (runc and crun protect
 * themselves so, CVE-2019-5736): not the container's program.
 */
static __always_inline bool is_runtime_itself(const char *filename)
{
	static const char self[8] = "/proc/se"; /* /proc/self/exe, /proc/self/fd/N */
	static const char fd[8] = "/dev/fd/";
	__u64 head = 0;

	bpf_probe_read_kernel(&head, sizeof(head), filename);
	return head == *(const __u64 *)self || head == *(const __u64 *)fd;
}

/* Opens the start lane at the first exec of the container's own program; true if this is it. */
static __always_inline bool note_start(struct task_state *state, struct igrec_slot *slot,
				       struct task_struct *task, const char *filename)
{
	if (slot->started)
		return false;
	if (task_ns_level(task) == 0 && is_runtime_itself(filename))
		return false;
	slot->init_tgid = task->tgid;
	slot->pid_level = task_ns_level(task);
	slot->started = 1;
	notice_process(IGREC_NOTICE_STARTED, state, slot, task, true, 0, 0);
	return true;
}

#define SCRIPT_STRINGS 5  /* interpreters within one another, each with an argument */
#define SCRIPT_BYTES   64 /* of a string that are looked at */

struct script_name {
	__u64 head;
	__u8 rest[SCRIPT_BYTES - 8];
};

/*
 * A script's argv is the interpreter's: "INTERPRETER [ARGUMENT] FILENAME" stands for the argv[0] it
 * was given. Where what follows begins, behind `start`; 0 if that cannot be told.
 */
__noinline __weak int exec_script_arguments(__u64 start, __u64 filename)
{
	struct script_name name = {}, other = {};
	long bytes = bpf_probe_read_kernel_str(&name, sizeof(name), (void *)filename);
	__u64 at = 0;

	for (int i = 0; i < SCRIPT_STRINGS; i++) {
		long got = bpf_probe_read_user_str(&other, sizeof(other), (void *)start + at);

		if (got <= 0 || got == sizeof(other))
			break;
		at += got;
		if (i > 0 && got == bytes && other.head == name.head)
			return at;
	}
	return 0;
}

/* argv of the new program, as it lies in its memory; of a script as it was given. */
static __always_inline __u32 capture_argv(void *room, struct task_struct *task,
					  const struct task_state *state, struct linux_binprm *bprm)
{
	unsigned long start = task->mm->arg_start, end = task->mm->arg_end;
	void *data = room + sizeof(struct igrec_capture);
	__u64 wanted, filename = 0;
	__u32 bytes, skip, first = 0;
	__u8 flags = 0;

	if (bprm->interp != bprm->filename && state->enter_ns && state->before_read) {
		bpf_core_read(&filename, sizeof(filename), &bprm->filename);
		skip = exec_script_arguments(start, filename);
		if (skip)
			first = bpf_probe_read_kernel_str(data, sizeof(state->before),
							  state->before);
		if (first > sizeof(state->before))
			first = 0;
		if (first)
			start += skip;
	}
	wanted = end - start;
	bytes = wanted < ARGV_REST ? wanted : ARGV_REST;
	barrier_var(bytes); /* the bounds must be checked on what is used below */
	barrier_var(first);
	if (bytes > ARGV_REST || first > sizeof(state->before) ||
	    bpf_probe_read_user(data + first, bytes, (void *)start)) {
		flags = IGREC_CAPTURE_UNREADABLE;
		bytes = first = 0;
	} else if (bytes < wanted) {
		flags = IGREC_CAPTURE_TRUNCATED;
	}
	if (flags)
		capture_count(state->slot, flags);
	return capture_close(room, 1, flags, first + bytes);
}

static __always_inline __u32 capture_filename(void *room, const char *filename)
{
	long got = bpf_probe_read_kernel_str(room + sizeof(struct igrec_capture),
					     IGREC_CAPTURE_PATH_BYTES, filename);

	if (got <= 0)
		return capture_close(room, 0, IGREC_CAPTURE_UNREADABLE, 0);
	return capture_close(room, 0, got == IGREC_CAPTURE_PATH_BYTES ? IGREC_CAPTURE_TRUNCATED : 0,
			     (got - 1) & 0xff);
}

static __always_inline __u32 capture_environment(void *room, const struct task_state *state,
						 struct linux_binprm *bprm)
{
	__u32 *number = room + sizeof(struct igrec_capture);
	__u64 envp = state->enter_ns ? state->envp : 0;

	number[0] = envp;
	number[1] = envp >> 32;
	number[2] = bprm->envc;
	return capture_close(room, 2, 0, 3 * sizeof(*number));
}

/* What the container's first program finds open, and where. */
static __always_inline __u32 capture_inherited(void *header, __u32 at)
{
	for (int fd = 0; fd < 3; fd++) {
		barrier_var(at); /* the bound must be checked on what is used below */
		if (at > FIRST_ROOM - 2 * OBJECT_ROOM)
			return at;
		at += object_of_fd(header + at, fd, IGREC_ARG_OBJECT + fd);
	}
	barrier_var(at);
	return at > FIRST_ROOM - OBJECT_ROOM
		       ? at
		       : at + object_of_cwd(header + at, IGREC_ARG_OBJECT + IGREC_OBJECT_CWD);
}

/* `room`, a constant: EXEC_ROOM, or FIRST_ROOM for the container's first. */
static __always_inline void record_exec(struct task_state *state, struct igrec_slot *slot,
					struct task_struct *task, int old_tid,
					struct linux_binprm *bprm, const __u32 room)
{
	struct record_place place;
	struct ring_writer w;
	struct igrec_exec *exec;
	__u64 now;
	__u32 at;

	if (!event_begin(&place, &w, slot, state->slot, state, sizeof(*exec) + room))
		return;
	now = bpf_ktime_get_ns();
	record_stamp(&place, now, task->pid, state->nr);
	if (state->enter_ns)
		record_set_duration(&place, now - state->enter_ns);
	else
		place.meta |= IGREC_META_NO_ENTRY;
	if (state->compat)
		place.meta |= IGREC_META_COMPAT;
	exec = place.body;
	exec->old_tid = old_tid;
	exec->reserved = 0;
	at = record_body_at(&place) + sizeof(*exec);
	at += capture_filename((void *)place.header + at, bprm->filename);
	barrier_var(at);
	if (at <= 2 * IGREC_CAPTURE_ROOM) {
		at += capture_environment((void *)place.header + at, state, bprm);
		at += capture_argv((void *)place.header + at, task, state, bprm);
	}
	if (room == FIRST_ROOM)
		at = capture_inherited(place.header, at);
	record_commit_used(&place, IGREC_RECORD_EXEC, at);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(igrec_exec, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	struct task_state *state;
	struct igrec_slot *slot;

	state = task_state_of(task);
	if (!state)
		return 0;
	slot = task_slot(state);
	if (!slot)
		return 0;
	task_mark_anew(state); /* comm is new */
	if (note_start(state, slot, task, bprm->filename))
		record_exec(state, slot, task, old_tid, bprm, FIRST_ROOM);
	else
		record_exec(state, slot, task, old_tid, bprm, EXEC_ROOM);
	return 0;
}

static __always_inline __s32 first_argument(struct task_struct *task)
{
	struct pt_regs *regs = task_regs(task);
	__u64 argument = 0;

	bpf_core_read(&argument, sizeof(argument), &SYSCALL_ARG0(regs));
	return argument;
}

static __always_inline void record_exit(struct task_state *state, struct igrec_slot *slot,
					struct task_struct *task, bool last, int group_code)
{
	struct record_place place;
	struct ring_writer w;
	struct igrec_exit *exit;

	if (!event_begin(&place, &w, slot, state->slot, state, sizeof(*exit)))
		return;
	record_stamp(&place, bpf_ktime_get_ns(), task->pid,
		     state->enter_ns ? state->nr : IGREC_NR_NONE);
	if (state->compat && state->enter_ns)
		place.meta |= IGREC_META_COMPAT;
	exit = place.body;
	exit->code = task->exit_code;
	exit->group_code = group_code;
	exit->last = last;
	exit->given = state->enter_ns && !state->compat ? first_argument(task) : 0;
	record_commit(&place, IGREC_RECORD_EXIT);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(igrec_exit, struct task_struct *task)
{
	struct task_state *state = task_state_of(task);
	struct igrec_slot *slot;
	bool last, init;
	int code;

	if (!state)
		return 0;
	slot = task_slot(state);
	if (slot) {
		last = task->signal->live.counter == 0;
		code = task_group_exit_code(task);
		/* Before the container's program ran, its init is whoever is 1 there. */
		init = slot->init_tgid ? (__u32)task->tgid == slot->init_tgid
				       : task_ns_tid(task->group_leader, slot) == 1;
		record_exit(state, slot, task, last, code);
		if (last && (init || (code & 0x7f)))
			notice_process(IGREC_NOTICE_EXIT, state, slot, task, init, code, 0);
	}
	task_untrack(state);
	return 0;
}

static __always_inline bool has_fault_address(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE ||
	       signal == SIGTRAP;
}

static __always_inline __u32 capture_siginfo(void *room, struct kernel_siginfo *info)
{
	if (bpf_probe_read_kernel(room + sizeof(struct igrec_capture), IGREC_CAPTURE_SIGINFO_BYTES,
				  info))
		return 0;
	return capture_close(room, 0, 0, IGREC_CAPTURE_SIGINFO_BYTES);
}

#define SI_USER	  0
#define SI_KERNEL 0x80

/* What the kernel makes of SEND_SIG_NOINFO: sent by the current task (kernel/signal.c,
 * __send_signal_locked()). */
static __always_inline __u32 make_siginfo(void *room, int signal, struct igrec_slot *slot)
{
	struct task_struct *sender = bpf_get_current_task_btf();
	__s32 *info = room + sizeof(struct igrec_capture);

	__builtin_memset(info, 0, IGREC_CAPTURE_SIGINFO_BYTES);
	info[0] = signal;
	info[2] = SI_USER;
	info[4] = task_ns_tid(TASK_READ(sender, group_leader), slot);
	info[5] = (__u32)bpf_get_current_uid_gid();
	return capture_close(room, 0, 0, IGREC_CAPTURE_SIGINFO_BYTES);
}

static __always_inline void fill_sender(struct igrec_signal *event, struct igrec_slot *slot,
					__u32 target_slot)
{
	struct task_struct *sender = bpf_get_current_task_btf();
	struct task_state *state = task_state_of(sender);

	event->sender_tid = TASK_READ(sender, pid);
	event->sender_tgid = TASK_READ(sender, tgid);
	event->sender_outside = !state || state->slot != target_slot || task_slot(state) != slot;
	event->sender_ns_tgid =
		task_ns_tid(TASK_READ(sender, group_leader), event->sender_outside ? NULL : slot);
	event->sender_cgroup_id = task_cgroup_id(sender);
	bpf_probe_read_kernel(event->sender_comm, sizeof(event->sender_comm), sender->comm);
}

SEC("tp_btf/signal_generate")
int BPF_PROG(igrec_signal, int signal, struct kernel_siginfo *info, struct task_struct *task,
	     int group, int result)
{
	struct task_state *state = task_state_of(task);
	struct record_place place;
	struct ring_writer w;
	struct igrec_slot *slot;
	struct igrec_signal *event;
	int code = 0;
	__u32 at;

	if (!state || result != TRACE_SIGNAL_DELIVERED)
		return 0;
	slot = task_slot(state);
	if (!slot)
		return 0;
	if (!event_begin(&place, &w, slot, state->slot, NULL, sizeof(*event) + SIGINFO_ROOM))
		return 0;
	record_stamp(&place, bpf_ktime_get_ns(), task->pid, 0);
	event = place.body;
	event->signal = signal;
	event->fault_address = 0;
	if ((unsigned long)info > 1) {
		/* For the verifier it is a number from Linux 6.13 and 6.12.1xx on, since it may be
		 * 0 or 1 (kernel commit 838a10bd2ebf). */
		code = BPF_CORE_READ(info, si_code);
		if (code > 0 && has_fault_address(signal))
			event->fault_address =
				(unsigned long)BPF_CORE_READ(info, _sifields._sigfault._addr);
	} else if ((unsigned long)info == 1) {
		code = SI_KERNEL; /* SEND_SIG_PRIV, see make_siginfo() */
	}
	event->code = code;
	event->result = result;
	event->group = group;
	event->target_tgid = task->tgid;
	event->target_ns_tid = task_ns_tid(task, slot);
	bpf_probe_read_kernel(event->target_comm, sizeof(event->target_comm), task->comm);
	fill_sender(event, slot, state->slot);
	at = sizeof(struct igrec_record) + sizeof(*event);
	if ((unsigned long)info > 1)
		at += capture_siginfo(event + 1, info);
	else if (!code) /* not `!info`: the verifier may take that to be never true */
		at += make_siginfo(event + 1, signal, slot);
	record_commit_used(&place, IGREC_RECORD_SIGNAL, at);
	return 0;
}

static __always_inline __u32 counted_pages(const struct mm_struct *mm, __u32 index)
{
	__s64 pages = 0;
	__u32 at;

	if (bpf_core_field_exists(struct mm_struct, rss_stat))
		at = bpf_core_field_offset(struct mm_struct, rss_stat) +
		     index * bpf_core_type_size(struct percpu_counter) +
		     bpf_core_field_offset(struct percpu_counter, count);
	else if (bpf_core_field_exists(struct mm_struct___before_6_2, rss_stat.count))
		at = bpf_core_field_offset(struct mm_struct___before_6_2, rss_stat.count) +
		     index * sizeof(long);
	else
		return 0;
	bpf_probe_read_kernel(&pages, sizeof(pages), (const void *)mm + at);
	return pages > 0 ? pages : 0;
}

/* As VmRSS of /proc/PID/status. */
static __always_inline __u32 resident_pages(struct task_struct *task)
{
	const struct mm_struct *mm = task->mm;

	if (!mm)
		return 0;
	return counted_pages(mm, MM_FILEPAGES) + counted_pages(mm, MM_ANONPAGES) +
	       counted_pages(mm, MM_SHMEMPAGES);
}

SEC("tp_btf/mark_victim")
int BPF_PROG(igrec_oom, struct task_struct *victim)
{
	struct task_struct *trigger = bpf_get_current_task_btf();
	struct task_state *state = task_state_of(victim);
	struct record_place place;
	struct ring_writer w;
	struct igrec_slot *slot;
	struct igrec_oom *oom;

	if (!state)
		return 0;
	slot = task_slot(state);
	if (!slot)
		return 0;
	notice_process(IGREC_NOTICE_OOM, state, slot, victim,
		       (__u32)victim->tgid == slot->init_tgid, 0, resident_pages(victim));
	if (!event_begin(&place, &w, slot, state->slot, NULL, sizeof(*oom)))
		return 0;
	record_stamp(&place, bpf_ktime_get_ns(), victim->pid, 0);
	oom = place.body;
	oom->victim_tgid = victim->tgid;
	oom->victim_ns_tgid = task_ns_tid(victim->group_leader, slot);
	oom->trigger_tid = TASK_READ(trigger, pid);
	oom->reserved = 0;
	bpf_probe_read_kernel(oom->victim_comm, sizeof(oom->victim_comm), victim->comm);
	bpf_probe_read_kernel(oom->trigger_comm, sizeof(oom->trigger_comm), trigger->comm);
	record_commit(&place, IGREC_RECORD_OOM);
	return 0;
}

/* Not a hook: igrecd reads this iterator to track tasks that ran before, or moved in as a group. */
SEC("iter/task")
int igrec_walk(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task && task->mm)
		task_sort(task, task_cgroup_id(task));
	return 0;
}
