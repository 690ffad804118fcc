/* SPDX-License-Identifier: GPL-2.0 */
/* What a descriptor refers to, as /proc/PID/fd would name it: IGREC_ARG_OBJECT in igrec_abi.h. */
#ifndef OBJECT_BPF_H
#define OBJECT_BPF_H

#include "capture.bpf.h"

/* Where an object goes: a component may begin at IGREC_OBJECT_BYTES, and the verifier takes padding
 * for up to 8 bytes more than it is. */
#define OBJECT_ROOM (16 + IGREC_OBJECT_BYTES + IGREC_OBJECT_NAME_BYTES)

struct object_room {
	__u8 bytes[OBJECT_ROOM];
};

/*
 * Both fill one capture whose argument is `arg`, and return how many bytes that took: the object of
 * descriptor `fd` of the current task (0 if it has none), and its working directory.
 */
extern int object_of_fd(struct object_room *room, __u32 fd, __u8 arg);
extern int object_of_cwd(struct object_room *room, __u8 arg);

/* Whether the remote port of a socket is 53: a stub resolver asking (RFC 1035). */
extern int object_is_dns(__u32 fd);

#endif
