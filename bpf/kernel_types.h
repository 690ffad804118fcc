/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few members of kernel structures that the programs read.  Offsets come from the running
 * kernel's BTF at load (CO-RE); only names and types matter here.
 */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* ---- include/linux/types.h ---- */

struct list_head {
	struct list_head *next, *prev;
};

/* ---- cgroups: include/linux/cgroup-defs.h, include/linux/kernfs.h ---- */

struct kernfs_node {
	__u64 id;
};

struct cgroup_root {
	int hierarchy_id; /* 0: the default (v2) hierarchy */
};

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

/* ---- tasks: include/linux/sched.h, sched/signal.h, pid.h, mm_types.h ---- */

struct pid_namespace;

/* Whole, since it is an array's element: CO-RE moves members, not strides. */
struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live;
	int nr_threads;
	int group_exit_code;
	unsigned int flags;
};

/* Linux 6.2 on; its size varies, so that elements of an array are found by bpf_core_type_size(). */
struct percpu_counter {
	__s64 count; /* without what single CPUs still hold back */
};

/* Of mm_struct.rss_stat. */
enum { MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, MM_SHMEMPAGES, NR_MM_COUNTERS };

struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
	struct percpu_counter rss_stat[NR_MM_COUNTERS];
};

/* Before Linux 6.2. */
struct mm_rss_stat {
	struct {
		long counter;
	} count[NR_MM_COUNTERS];
};

struct mm_struct___before_6_2 {
	struct mm_rss_stat rss_stat;
};

struct thread_info {
	unsigned long flags;
	__u32 status; /* x86 only */
};

struct sock_common {
	__u16 skc_dport; /* network byte order */
};

struct sock {
	struct sock_common __sk_common;
};

struct socket {
	struct sock *sk;
};

/* ---- files: include/linux/fs.h, dcache.h, path.h, fs_struct.h, mount.h, fs/mount.h ---- */

struct inode {
	__u16 i_mode;
	unsigned long i_ino;
};

struct qstr {
	__u32 len;
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct fs_struct {
	struct path root;
	struct path pwd;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

typedef struct {
	unsigned long sig[1];
} sigset_t;

struct task_struct {
	struct thread_info thread_info;
	struct mm_struct *mm;
	int exit_code;
	int pid;
	int tgid;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct signal_struct *signal;
	sigset_t blocked;
	struct css_set *cgroups;
};

struct linux_binprm {
	int envc;
	const char *filename;
	const char *interp; /* of a script: its interpreter; else the same pointer */
};

/* ---- signals: include/linux/signal_types.h ---- */

union __sifields {
	struct {
		void *_addr;
	} _sigfault;
};

struct kernel_siginfo {
	int si_code;
	union __sifields _sifields;
};
typedef struct kernel_siginfo kernel_siginfo_t;

/* ---- registers at syscall entry: arch/{x86,arm64}/include/asm/ptrace.h ---- */

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long bp;
	unsigned long bx;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
};
#else
#error "compile with -D__TARGET_ARCH_x86 or -D__TARGET_ARCH_arm64"
#endif

/* ---- iterators: include/linux/bpf.h ---- */

struct bpf_iter__task {
	struct task_struct *task;
};

#pragma clang attribute pop

#endif
