/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv: RFC 4180, columns of export/event_columns.h.  Unknown is an empty field, an empty text "".
 * Texts are made valid UTF-8 as in JSON: what is none becomes U+FFFD, and NUL, which readers of
 * text stop at, too.
 */
#include <errno.h>

#include "common/escape.h"
#include "export/event_columns.h"
#include "export/formats.h"
#include "export/tape.h"
#include "replay/number.h"

/* A terminal would act upon a CR. */
static void end_line(struct buf *out, bool to_terminal)
{
	buf_add_text(out, to_terminal ? "\n" : "\r\n");
}

static void add_header(bool to_terminal, struct buf *out)
{
	bool any = false;

	for (const struct event_column *column = event_columns; column->name; column++) {
		if (column->repeats)
			continue;
		if (any)
			buf_add_char(out, ',');
		any = true;
		buf_add_text(out, column->name);
	}
	end_line(out, to_terminal);
}

static int add_row(struct event_row *row, bool to_terminal, struct buf *out)
{
	bool any = false;

	for (const struct event_column *column = event_columns; column->name; column++) {
		struct view_cell cell;

		if (column->repeats)
			continue;
		if (event_row_cell(row, column, &cell))
			return -ENOMEM;
		if (any)
			buf_add_char(out, ',');
		any = true;
		if (cell.known && cell.text)
			escape_csv(out, cell.text, cell.bytes, to_terminal);
		else if (cell.known)
			number_signed(out, cell.number);
	}
	end_line(out, to_terminal);
	return 0;
}

static int write_all(struct tape *tape, struct event_row *row)
{
	int err = 0;

	add_header(tape->export->to_terminal, &tape->text);
	while (!err && tape_next(tape)) {
		event_row_set(row, tape->index);
		err = add_row(row, tape->export->to_terminal, &tape->text);
		if (!err)
			err = tape_flush_some(tape);
	}
	return err ? err : tape_flush(tape);
}

int export_csv(const struct export *export, struct export_counts *ret)
{
	struct event_row row = {0};
	struct tape tape;
	int err = tape_open(&tape, export, ret);

	if (!err) {
		event_row_init(&row, tape.timeline, export->arch, tape.objects);
		err = write_all(&tape, &row);
	}
	event_row_done(&row);
	tape_close(&tape);
	return err;
}
