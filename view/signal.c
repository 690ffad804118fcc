/* SPDX-License-Identifier: Apache-2.0 */
/* view signal: signals sent to the container's processes, by whom and why. */
#include "replay/call_text.h"
#include "replay/number.h"
#include "view/views.h"

enum {
	SIGNAL_NAME = TASK_COLUMNS,
	SIGNAL_NUMBER,
	SIGNAL_CODE,
	SIGNAL_SENDER_PID,
	SIGNAL_SENDER_HOST_PID,
	SIGNAL_SENDER,
	SIGNAL_OUTSIDE,
	SIGNAL_ADDRESS,
	SIGNAL_COLUMNS,
};

/* The task is the one that it was sent to. */
static const struct view_column columns[SIGNAL_COLUMNS] = {
	TASK_COLUMN_ROWS,
	[SIGNAL_NAME] = VIEW_COLUMN("signal", "SIGNAL", VIEW_TEXT),
	[SIGNAL_NUMBER] = VIEW_COLUMN("number", "NUMBER", VIEW_INT, .right = true, .wide = true),
	[SIGNAL_CODE] = VIEW_COLUMN("code", "CODE", VIEW_TEXT),
	[SIGNAL_SENDER_PID] = VIEW_COLUMN("sender_pid", "SENDER-PID", VIEW_INT, .right = true),
	[SIGNAL_SENDER_HOST_PID] = VIEW_COLUMN("sender_host_pid", "SENDER-HOST-PID", VIEW_INT,
					       .right = true, .wide = true),
	[SIGNAL_SENDER] = VIEW_COLUMN("sender_comm", "SENDER", VIEW_TEXT),
	[SIGNAL_OUTSIDE] = VIEW_COLUMN("sender_outside", "OUTSIDE", VIEW_BOOL),
	[SIGNAL_ADDRESS] = VIEW_COLUMN("fault_address", "ADDRESS", VIEW_TEXT),
};

/* The kernel's own signals have no sender, but the task that was running: si_code, sigaction(2). */
static bool has_sender(const struct igrec_signal *signal)
{
	return signal->code <= 0;
}

static int make_row(const struct walk *walk, struct view_rows *rows)
{
	const struct igrec_signal *signal = &walk->event.signal;

	walk_set_task(walk, rows);
	signal_text(rows_begin_text(rows, SIGNAL_NAME), signal->signal);
	rows_end_text(rows, SIGNAL_NAME);
	rows_set_int(rows, SIGNAL_NUMBER, signal->signal);
	signal_code_text(rows_begin_text(rows, SIGNAL_CODE), signal->signal, signal->code);
	rows_end_text(rows, SIGNAL_CODE);
	if (has_sender(signal)) {
		rows_set_id(rows, SIGNAL_SENDER_PID, signal->sender_ns_tgid);
		rows_set_id(rows, SIGNAL_SENDER_HOST_PID, signal->sender_tgid);
		if (signal->sender_comm[0])
			rows_set_text(rows, SIGNAL_SENDER, signal->sender_comm,
				      strnlen(signal->sender_comm, sizeof(signal->sender_comm)));
		rows_set_bool(rows, SIGNAL_OUTSIDE, signal->sender_outside);
	}
	if (signal_has_address(signal->signal) && signal->code > 0) {
		number_hex(rows_begin_text(rows, SIGNAL_ADDRESS), signal->fault_address);
		rows_end_text(rows, SIGNAL_ADDRESS);
	}
	return rows_put(rows);
}

static int make(const struct view_query *query, struct view_rows *rows)
{
	struct walk walk;
	int err = 0;

	walk_init_plain(&walk, query);
	while (!err && walk_next(&walk)) {
		if (walk.event.type == IGREC_RECORD_SIGNAL && walk_wants(&walk))
			err = make_row(&walk, rows);
	}
	return err;
}

const struct view view_signal = {
	.name = "signal",
	.table = "signals",
	.help = "signals sent to the container's processes, by whom and why",
	.columns = columns,
	.n_columns = SIGNAL_COLUMNS,
	.make = make,
};
