/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects as the kernel programs saw them: IGREC_ARG_OBJECT in bpf/igrec_abi.h.  What is not whole
 * there is not known.
 */
#include <string.h>

#include "replay/objects_build.h"

/* The components, the last one first, each with its NUL, as an absolute path. */
static struct object *path_of(const struct event_capture *capture)
{
	const char *first = (const char *)capture->data, *end = first + capture->bytes;
	struct object *object = NULL;
	struct buf path = {0};

	while (end > first) {
		const char *from = end - 1;

		if (*from)
			break;
		while (from > first && from[-1])
			from--;
		/* One that fills its room may have been cut. */
		if (end - from == IGREC_OBJECT_NAME_BYTES)
			break;
		buf_add_char(&path, '/');
		buf_add(&path, from, (size_t)(end - 1 - from));
		end = from;
	}
	if (!capture->bytes)
		buf_add_char(&path, '/');
	if (end == first && !path.failed)
		object = object_new_name(path.data, path.bytes);
	buf_done(&path);
	return object;
}

static uint32_t inode_of_capture(const struct event_capture *capture)
{
	uint32_t inode = 0;

	if (capture && capture->inode && capture->bytes == sizeof(inode))
		memcpy(&inode, capture->data, sizeof(inode));
	return inode;
}

uint32_t objects_captured_inode(const struct event *event, unsigned n)
{
	return inode_of_capture(event_capture_of(event, IGREC_ARG_OBJECT + n));
}

/* "pipe:[70001]" */
static struct object *kind_and_inode(const char *kind, uint32_t inode)
{
	struct object *object = NULL;
	struct buf name = {0};

	if (!kind || !inode)
		return NULL;
	buf_printf(&name, "%s:[%u]", kind, inode);
	if (!name.failed)
		object = object_new_name(name.data, name.bytes);
	buf_done(&name);
	return object;
}

struct object *objects_captured(const struct event *event, unsigned n, const char *inode_of)
{
	const struct event_capture *capture = event_capture_of(event, IGREC_ARG_OBJECT + n);

	if (!capture)
		return NULL;
	if (capture->inode)
		return kind_and_inode(capture->socket ? "socket" : inode_of,
				      inode_of_capture(capture));
	return capture->truncated ? NULL : path_of(capture);
}

static void put(struct objects *objects, struct fd_table *table, int fd, struct object *object,
		uint64_t time_ns)
{
	if (!object)
		return;
	fd_table_begin(table, fd);
	fd_table_end(table, fd, object, CLOEXEC_OFF, time_ns);
	objects_name_add(objects, object);
	object_unref(object);
}

void objects_take_captured(struct objects *objects, struct objects_task *task,
			   const struct event *event)
{
	for (int fd = 0; fd < IGREC_OBJECT_CWD; fd++)
		put(objects, task->fds, fd, objects_captured(event, (unsigned)fd, "pipe"),
		    event->end_ns);
	put(objects, task->cwd, OBJECTS_CWD, objects_captured(event, IGREC_OBJECT_CWD, NULL),
	    event->end_ns);
}
