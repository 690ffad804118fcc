/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record says as a whole, and names of single numbers.  Notation: strace's, see
 * value_text.c.
 */
#include "replay/call_text.h"

#include <signal.h>
#include <sys/wait.h>

#include "decode/names.h"
#include "replay/number.h"
#include "replay/objects.h"
#include "replay/value_text.h"

static void exec_text(struct buf *out, enum arch arch, const struct event *event,
		      const struct objects *objects)
{
	struct value file = exec_file(event), argv = exec_argv(event), environment, dirfd, flags;
	bool at = exec_at(arch, event, &dirfd, &file, &flags);

	if (at) {
		dirfd.objects = objects;
		value_text(out, &dirfd);
		buf_add_text(out, ", ");
	}
	value_text(out, &file);
	buf_add_text(out, ", ");
	value_text(out, &argv);
	if (exec_environment(event, &environment)) {
		buf_add_text(out, ", ");
		value_text(out, &environment);
	}
	if (at) {
		buf_add_text(out, ", ");
		value_text(out, &flags);
	}
}

/* Whether a value tells what became of the one before. */
static bool becomes(const struct value *value)
{
	return value->type == VALUE_CHANGED || (value->field->label && !value->field->label[0]);
}

void arguments_text(struct buf *out, enum arch arch, const struct event *event,
		    const struct objects *objects)
{
	const struct layout *layout;
	bool any = false;

	if (event->type == IGREC_RECORD_EXEC) {
		exec_text(out, arch, event, objects);
		return;
	}
	layout = event_layout(arch, event);
	for (unsigned i = 0; i < layout->count; i++) {
		const char *label = layout->fields[i].label;
		struct value value;

		if (!event_has_argument(event, layout, i))
			continue;
		value = event_argument(event, layout, i);
		if (value.type == VALUE_HIDDEN)
			continue;
		value.objects = objects;
		if (any)
			buf_add_text(out, becomes(&value) ? " => " : ", ");
		any = true;
		if (label && !becomes(&value)) {
			buf_add_text(out, label);
			buf_add_char(out, '=');
		}
		value_text(out, &value);
	}
}

static void add_errno(struct buf *out, int error)
{
	const char *text = errno_text(error);

	errno_text_short(out, error);
	if (!text[0])
		return;
	buf_add_text(out, " (");
	buf_add_text(out, text);
	buf_add_char(out, ')');
}

void result_text(struct buf *out, const struct result *result)
{
	switch (result->kind) {
	case RESULT_VALUE:
		value_text(out, &result->value);
		return;
	case RESULT_ERRNO:
		buf_add_text(out, "-1 ");
		add_errno(out, result->error);
		return;
	case RESULT_RESTART:
		buf_add_text(out, "? ");
		add_errno(out, result->error);
		return;
	}
}

const struct object *result_object(const struct result *result, const struct objects *objects)
{
	if (!objects || result->kind != RESULT_VALUE || result->value.type != VALUE_FD)
		return NULL;
	return objects_of_result(objects, (int)result->value.number);
}

void result_object_text(struct buf *out, const struct result *result, const struct objects *objects)
{
	const struct object *object = result_object(result, objects);

	if (object)
		object_text_enclosed(out, object, objects_style(objects));
}

bool signal_has_address(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE ||
	       signal == SIGTRAP;
}

void pointer_text(struct buf *out, uint64_t pointer)
{
	if (pointer)
		number_hex(out, pointer);
	else
		buf_add_text(out, "NULL");
}

void signal_text(struct buf *out, int signal)
{
	const char *name = signal_name(signal);

	if (name) {
		buf_add_text(out, name);
		return;
	}
	buf_add_text(out, "SIG");
	number_signed(out, signal);
}

void signal_code_text(struct buf *out, int signal, int code)
{
	const char *name = signal_code_name(signal, code);

	if (name)
		buf_add_text(out, name);
	else
		number_signed(out, code);
}

void errno_text_short(struct buf *out, int error)
{
	const char *name = errno_name(error);

	if (name) {
		buf_add_text(out, name);
		return;
	}
	buf_add_char(out, 'E');
	number_signed(out, error);
}

void status_text(struct buf *out, int status)
{
	if (WIFEXITED(status)) {
		buf_add_text(out, "exited with ");
		number_signed(out, WEXITSTATUS(status));
		return;
	}
	buf_add_text(out, "killed by ");
	signal_text(out, WTERMSIG(status));
	if (WCOREDUMP(status))
		buf_add_text(out, " (core dumped)");
}
