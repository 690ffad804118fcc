/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of records that are no syscall's: what was executed, from where, and why a signal came.
 */
#include "decode/value_build.h"

static const struct field file_field = {
	.name = "filename", .type = VALUE_PATH, .bytes = 8, .length = FIELD_NONE};
static const struct field argv_field = {
	.name = "argv", .type = VALUE_ARGV, .bytes = 8, .length = FIELD_NONE};
static struct value exec_value(const struct event *event, const struct field *field, unsigned arg)
{
	const struct event_capture *capture = event_capture_of(event, arg);
	struct value value = value_plain(field, 0);

	if (!capture || (capture->unreadable && !capture->bytes)) {
		value.type = VALUE_UNREADABLE;
		return value;
	}
	value.truncated = capture->truncated;
	value.data = capture->data;
	value.data_bytes = capture->bytes;
	return value;
}

struct value exec_file(const struct event *event)
{
	return exec_value(event, &file_field, 0);
}

struct value exec_argv(const struct event *event)
{
	return exec_value(event, &argv_field, 1);
}

#define FD_PREFIX     "/dev/fd/" /* alloc_bprm(), fs/exec.c */
#define AT_FDCWD_BITS 0xffffff9c
#define AT_EMPTY_PATH 0x1000 /* include/uapi/linux/fcntl.h */

/* "/dev/fd/3/a" -> 3, and 10: where "a" begins. False if it is no such name. */
static bool split_fd_name(const struct value *file, uint64_t *ret_fd, size_t *ret_rest)
{
	size_t at = strlen(FD_PREFIX);
	uint64_t fd = 0;

	if (file->data_bytes <= at || memcmp(file->data, FD_PREFIX, at) != 0)
		return false;
	for (; at < file->data_bytes && file->data[at] >= '0' && file->data[at] <= '9'; at++)
		fd = fd * 10 + (unsigned)(file->data[at] - '0');
	if (at == strlen(FD_PREFIX) || fd > INT32_MAX ||
	    (at < file->data_bytes && file->data[at] != '/'))
		return false;
	*ret_fd = fd;
	*ret_rest = at + (at < file->data_bytes);
	return true;
}

bool exec_at(enum arch arch, const struct event *event, struct value *ret_dirfd,
	     struct value *ret_file, struct value *ret_flags)
{
	const struct syscall_descriptor *call = syscall_of(arch, event->nr, event->compat);
	const struct layout *arguments = call ? &call->arguments : NULL;
	uint64_t fd = AT_FDCWD_BITS;
	size_t rest = 0;

	/* execve has three arguments only. */
	if (!call || call->args != 5 || arguments->count != 5)
		return false;
	if (split_fd_name(ret_file, &fd, &rest))
		ret_file->data += rest;
	*ret_dirfd = value_plain(&arguments->fields[0], fd);
	ret_file->data_bytes -= rest;
	*ret_flags = value_plain(&arguments->fields[4],
				 rest && !ret_file->data_bytes ? AT_EMPTY_PATH : 0);
	return true;
}

bool exec_environment(const struct event *event, struct value *ret)
{
	static const struct field field = {.name = "envp",
					   .type = VALUE_COUNTED,
					   .bytes = 8,
					   .length = FIELD_NONE,
					   .unit = "var"};
	const struct event_capture *capture = event_capture_of(event, 2);

	if (!capture || capture->bytes < 12)
		return false;
	*ret = value_plain(&field, value_bits(capture->data, 8));
	ret->data = capture->data + 8;
	ret->data_bytes = 4;
	return true;
}

bool siginfo_of(enum arch arch, const struct event *event, struct value *ret)
{
	const struct syscall_descriptor *call = syscall_by_name(arch, "waitid");
	const struct event_capture *capture = event_capture_of(event, 0);

	if (!call || !capture || capture->bytes < IGREC_CAPTURE_SIGINFO_BYTES)
		return false;
	*ret = value_plain(&call->arguments.fields[2], 0);
	ret->data = capture->data;
	ret->data_bytes = capture->bytes;
	ret->layout = layout_select(ret->layout, ret->data, ret->data_bytes);
	return true;
}
