/* SPDX-License-Identifier: GPL-2.0 */
/* As capture_legacy.bpf.h, for the objects of an exec. */
#ifndef OBJECT_LEGACY_BPF_H
#define OBJECT_LEGACY_BPF_H

#include "object.bpf.h"

static __always_inline struct object_room *legacy_object_here(void)
{
	return (struct object_room *)scratch_of_cpu();
}

LEGACY_ALONE int object_of_fd_here(__u32 fd, __u8 arg)
{
	return object_of_fd(legacy_object_here(), fd, arg);
}

LEGACY_ALONE int object_of_cwd_here(__u8 arg)
{
	return object_of_cwd(legacy_object_here(), arg);
}

static __always_inline __u32 legacy_object_copy(void *room, __u32 bytes)
{
	struct object_room *here = legacy_object_here();

	barrier_var(bytes);
	if (!here || bytes > sizeof(*here))
		return 0;
	bpf_probe_read_kernel(room, bytes, here);
	return bytes;
}

#define object_of_fd(room, fd, arg) legacy_object_copy(room, object_of_fd_here(fd, arg))
#define object_of_cwd(room, arg)    legacy_object_copy(room, object_of_cwd_here(arg))

#endif
