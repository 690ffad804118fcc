/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a descriptor refers to.  A path is walked from the file to the task's root the way the
 * kernel does it in fs/d_path.c, without its locks: a rename at the same moment can show either
 * name of a component.
 *
 * For syscalls.bpf.c alone, others call the functions there: libbpf 1.1 links no two files that
 * both use bpf_rdonly_cast().
 */
#ifndef OBJECT_WALK_BPF_H
#define OBJECT_WALK_BPF_H

#include "kernel_read.bpf.h"
#include "object.bpf.h"

#include <bpf/bpf_endian.h>

#define S_IFMT	 00170000 /* include/uapi/linux/stat.h */
#define S_IFSOCK 0140000
#define S_IFDIR	 0040000
#define DNS_PORT 53

/* On the way from a file to the task's root. Kernel addresses as numbers: all is read with checks.
 */
struct object_walk {
	__u64 mount; /* struct mount */
	__u64 top;   /* its topmost dentry */
	__u64 dentry;
	__u64 root_mount;
	__u64 root;
	__u32 at;    /* bytes of components so far */
	__u16 flags; /* of the capture */
	__u16 cut;   /* the same, if all components are there */
};

static __always_inline struct mount *object_mount_of(struct vfsmount *mount)
{
	return (void *)mount - bpf_core_field_offset(struct mount, mnt);
}

static __always_inline void object_walk_to(struct object_walk *walk, struct mount *mount,
					   struct dentry *dentry)
{
	walk->mount = (__u64)mount;
	walk->dentry = (__u64)dentry;
	walk->top = (__u64)KERNEL_READ(mount, mount, mnt.mnt_root);
}

/*
 * One step: a component, or from a mount to what it is mounted on. Returns 0 at the end. A function
 * of its own, so that the verifier does not follow each way through all steps.
 */
__noinline int object_step(struct object_room *room, struct object_walk *walk)
{
	struct mount *mount, *below;
	struct dentry *dentry, *parent;
	__u32 at, bytes;
	__u8 *to;

	if (!room || !walk)
		return 0;
	if (walk->dentry == walk->root && walk->mount == walk->root_mount) {
		walk->flags = walk->cut;
		return 0;
	}
	mount = (void *)walk->mount;
	dentry = (void *)walk->dentry;
	if (walk->dentry == walk->top) {
		below = KERNEL_READ(mount, mount, mnt_parent);
		/* Not below the task's root: the kernel then tells it from the top of the mounts.
		 */
		if (below == mount) {
			walk->flags = walk->cut;
			return 0;
		}
		object_walk_to(walk, below, KERNEL_READ(mount, mount, mnt_mountpoint));
		return 1;
	}
	parent = KERNEL_READ(dentry, dentry, d_parent);
	bytes = KERNEL_READ(dentry, dentry, d_name.len);
	at = walk->at;
	barrier_var(at); /* the bounds must be checked on what is used below */
	barrier_var(bytes);
	if (parent == dentry || at > IGREC_OBJECT_BYTES)
		return 0;
	if (bytes > IGREC_OBJECT_NAME_BYTES - 1) {
		bytes = IGREC_OBJECT_NAME_BYTES - 1;
		walk->cut = IGREC_CAPTURE_TRUNCATED;
	}
	to = room->bytes + sizeof(struct igrec_capture) + at;
	kernel_copy(to, KERNEL_READ(dentry, dentry, d_name.name), bytes, IGREC_OBJECT_NAME_BYTES);
	to[bytes] = 0;
	walk->at = at + bytes + 1;
	walk->dentry = (__u64)parent;
	return 1;
}

/* The path of a file, as seen from the root of the current task, whose `fs` this is. */
static __always_inline __u32 object_path(struct object_room *room, struct fs_struct *fs,
					 struct vfsmount *mount, struct dentry *dentry, __u8 arg)
{
	struct object_walk walk = {
		.root_mount = (__u64)object_mount_of(TASK_READ(fs, root.mnt)),
		.root = (__u64)TASK_READ(fs, root.dentry),
		.flags = IGREC_CAPTURE_TRUNCATED,
	};
	__u32 bytes;

	object_walk_to(&walk, object_mount_of(mount), dentry);
	for (int i = 0; i < IGREC_OBJECT_NAMES; i++) {
		if (!object_step(room, &walk))
			break;
	}
	bytes = walk.at;
	barrier_var(bytes);
	if (bytes > IGREC_OBJECT_BYTES + IGREC_OBJECT_NAME_BYTES)
		return 0;
	return capture_close(room, arg, walk.flags, bytes);
}

static __always_inline __u32 object_inode(void *room, __u8 arg, __u8 flags, __u32 inode)
{
	__u32 used = capture_number(room, arg, inode);

	((struct igrec_capture *)room)->flags = IGREC_CAPTURE_INODE | flags;
	return used;
}

/* The file behind a descriptor of a task, as a kernel address; 0 if there is none. */
static __always_inline struct file *object_file(struct task_struct *task, __u32 fd)
{
	struct fdtable *table = TASK_READ(task, files, fdt);

	return fd < TASK_READ(table, max_fds) ? (void *)kernel_word(&TASK_READ(table, fd)[fd])
					      : NULL;
}

__noinline int object_of_fd(struct object_room *room, __u32 fd, __u8 arg)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct file *file = object_file(task, fd);
	struct dentry *dentry;
	struct inode *inode;
	__u16 type;

	if (!room || !file)
		return 0;
	inode = KERNEL_READ(file, file, f_inode);
	type = KERNEL_READ(inode, inode, i_mode) & S_IFMT;
	dentry = KERNEL_READ(file, file, f_path.dentry);
	if (type == S_IFSOCK)
		return object_inode(room, arg, IGREC_CAPTURE_SOCKET,
				    KERNEL_READ(inode, inode, i_ino));
	/* A pipe, a namespace, an anonymous file: in no directory. */
	if (type != S_IFDIR && KERNEL_READ(dentry, dentry, d_parent) == dentry)
		return object_inode(room, arg, 0, KERNEL_READ(inode, inode, i_ino));
	return object_path(room, TASK_READ(task, fs), KERNEL_READ(file, file, f_path.mnt), dentry,
			   arg);
}

__noinline int object_of_cwd(struct object_room *room, __u8 arg)
{
	struct fs_struct *fs = TASK_READ(bpf_get_current_task_btf(), fs);

	if (!room)
		return 0;
	return object_path(room, fs, TASK_READ(fs, pwd.mnt), TASK_READ(fs, pwd.dentry), arg);
}

__noinline int object_is_dns(__u32 fd)
{
	struct file *file = object_file(bpf_get_current_task_btf(), fd);
	struct socket *socket;
	struct sock *sock;

	if (!file)
		return 0;
	socket = KERNEL_READ(file, file, private_data);
	sock = KERNEL_READ(socket, socket, sk);
	return KERNEL_READ(sock, sock, __sk_common.skc_dport) == bpf_htons(DNS_PORT);
}

#endif
