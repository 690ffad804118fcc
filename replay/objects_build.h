/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of objects: shared by the files that make them up, for them alone. */
#ifndef REPLAY_OBJECTS_BUILD_H
#define REPLAY_OBJECTS_BUILD_H

#include "replay/fd_call.h"
#include "replay/objects.h"

#define OBJECTS_TASK_BUCKETS 1024
#define OBJECTS_NAME_BUCKETS 4096

/* The working directory is kept as descriptor 0 of a table of its own. */
#define OBJECTS_CWD 0

/* Whose descriptors and directory. Threads share both, unless the tape says otherwise. */
struct objects_task {
	struct objects_task *next; /* in its bucket */
	uint32_t tid;
	struct fd_table *fds, *cwd;
	uint64_t clone_flags; /* of the clone it is in; valid if known */
	uint64_t clone_from_ns, clone_to_ns;
	bool clone_known;
};

/* A descriptor that a call makes, as far as that is known when it begins. */
struct objects_made {
	int fd;
	struct object *object; /* one reference; NULL: not known, or closed */
};
#define OBJECTS_MADE_NONE (-1) /* as fd: the object is but a name that the call had */

/* A record that changes something. */
struct objects_change {
	struct timeline_entry entry;
	size_t order; /* of the entry: its index, if that is known beforehand */
	struct fd_call call;
	unsigned n_made;
	struct objects_made made[2];
	enum cloexec cloexec;
	bool has_begun;
};

enum objects_phase { /* the order of what happens in the same nanosecond */
		     OBJECTS_END,
		     OBJECTS_BEGIN,
		     OBJECTS_END_AT_ONCE,
};

struct objects_step {
	uint64_t time_ns;
	uint32_t change; /* index */
	uint8_t phase;
};

/* A descriptor of the snapshot's list. */
struct objects_last {
	uint32_t tgid;
	int fd;
	uint64_t since_ns; /* what it has been since; UINT64_MAX: not known */
	struct object *object;
};

/* An object that unlink and rename can reach, in the bucket of its name. */
struct objects_named {
	struct objects_named *next;
	struct object *object; /* one reference; the only one: nobody has it open any longer */
};

struct objects {
	const struct timeline *timeline;
	enum arch arch;
	enum object_style style;
	struct fd_calls calls;
	struct objects_task *buckets[OBJECTS_TASK_BUCKETS];
	size_t budget; /* of all fd tables */
	struct objects_named *names[OBJECTS_NAME_BUCKETS];
	bool names_differ; /* between tasks: unlink and rename are no longer followed */
	/* Of the entries before `next_entry`, and before them those that come last on the tape. */
	struct objects_change *changes;
	size_t n_changes, changes_room, n_last_changes;
	size_t next_entry;
	struct objects_step *steps; /* that are not played yet: a heap, the earliest first */
	size_t n_steps, steps_room;
	struct objects_last *last;
	size_t n_last;
	bool failed;	/* memory was short: nothing is told any longer */
	unsigned epoch; /* stretch of the tape, see objects_enter_epoch() */
	/* The entry in hand. */
	struct objects_task *task;
	uint32_t tgid;
	uint64_t now_ns;
	struct objects_change *change; /* that it is; NULL */
};

/*
 * What the call makes, and of which kind, given what its task knows as it begins: fills made and
 * cloexec. Descriptors of which nothing is known are made with a NULL object.
 */
void objects_make(const struct objects_task *task, const struct event *event, uint64_t now_ns,
		  struct objects_change *change);
/* What the container's first exec tells of descriptors and directory of its task. */
void objects_take_captured(struct objects *objects, struct objects_task *task,
			   const struct event *event);
/*
 * The object that capture IGREC_ARG_OBJECT + n tells, one reference; NULL: it is not there, or
 * tells of a part only. inode_of: what an inode number that is no socket's is of; NULL: unknown.
 */
struct object *objects_captured(const struct event *event, unsigned n, const char *inode_of);
/* The inode number in it; 0: none. */
uint32_t objects_captured_inode(const struct event *event, unsigned n);

/* From here on the file's name follows unlink and rename. A socket, or NULL, is left alone. */
void objects_name_add(struct objects *objects, struct object *object);
/* Names that are known no longer say which file is meant; nor do those to come, if `for_good`. */
void objects_names_forget(struct objects *objects, bool for_good);
/* The name is gone; is now another. Both take NULL. */
void objects_name_remove(struct objects *objects, const struct object *name);
void objects_name_change(struct objects *objects, const struct object *from,
			 const struct object *to);

/* What socket, one end of socketpair or pipe, and accept make; one reference. */
struct object *objects_socket(const struct event *event);
struct object *objects_end_of_pair(const struct event *event, const struct fd_call *call,
				   unsigned end);
struct object *objects_accepted(const struct objects_task *task, const struct event *event,
				uint64_t now_ns);
/* The socket's addresses as a call that has ended leaves them. */
void objects_set_address(struct object *object, const struct fd_call *call,
			 const struct event *event);

/* The task of a tid; one that is seen for the first time shares with its process. NULL: no memory
 */
struct objects_task *objects_task_of(struct objects *objects, uint32_t tid, uint32_t tgid);
void objects_drop_task(struct objects *objects, uint32_t tid);

/* Forgets everything when the time passes into another stretch of the tape. */
void objects_enter_epoch(struct objects *objects, uint64_t time_ns);
/* A change begins; has ended. */
void objects_begin(struct objects *objects, struct objects_task *task, const struct event *event,
		   struct objects_change *change);
void objects_end(struct objects *objects, struct objects_task *task, uint32_t tgid,
		 const struct event *event, struct objects_change *change);
bool objects_is_of_cwd(enum fd_call_kind kind);

/* What kind of change an entry is, and its event if it is one. */
struct fd_call objects_call_of(const struct objects *objects, const struct timeline_entry *entry,
			       struct event *ret);

/* Reads the snapshot's list and finds since when it has been true. 0 or -ENOMEM. */
int objects_read_last(struct objects *objects);
const struct objects_last *objects_find_last(const struct objects *objects, uint32_t tgid, int fd);

#endif
