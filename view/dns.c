/* SPDX-License-Identifier: Apache-2.0 */
/* view dns: names that were asked for, of which server, and what it said, or that it said nothing.
 */
#include "decode/names.h"
#include "replay/number.h"
#include "view/names.h"
#include "view/views.h"

enum {
	DNS_QR = TASK_COLUMNS,
	DNS_TYPE,
	DNS_NAME,
	DNS_RCODE,
	DNS_LATENCY,
	DNS_SERVER,
	DNS_COUNT,
	DNS_ANSWERS,
	DNS_ERROR,
	DNS_ID,
	DNS_CUT,
	DNS_COLUMNS,
};

static const struct view_column columns[DNS_COLUMNS] = {
	TASK_COLUMN_ROWS,
	[DNS_QR] = VIEW_COLUMN("qr", "QR", VIEW_TEXT),
	[DNS_TYPE] = VIEW_COLUMN("type", "TYPE", VIEW_TEXT),
	[DNS_NAME] = VIEW_COLUMN("name", "NAME", VIEW_TEXT),
	[DNS_RCODE] = VIEW_COLUMN("rcode", "RCODE", VIEW_TEXT),
	[DNS_LATENCY] = VIEW_COLUMN("latency_ns", "LATENCY", VIEW_DURATION_NS, .right = true),
	[DNS_SERVER] = VIEW_COLUMN("nameserver", "NAMESERVER", VIEW_TEXT),
	[DNS_COUNT] = VIEW_COLUMN("n_answers", "ANSWERS", VIEW_INT, .right = true),
	[DNS_ANSWERS] = VIEW_COLUMN("answers", "ADDRESSES", VIEW_LIST),
	[DNS_ERROR] = VIEW_COLUMN("error", "ERROR", VIEW_TEXT),
	[DNS_ID] = VIEW_COLUMN("query_id", "ID", VIEW_INT, .right = true, .wide = true),
	[DNS_CUT] = VIEW_COLUMN("answers_cut", "CUT", VIEW_BOOL, .wide = true),
};

/* A number without a name stands as "TYPE99", RFC 3597. */
static void set_number(struct view_rows *rows, unsigned column, const char *name, const char *head,
		       unsigned number)
{
	struct buf *out = rows_begin_text(rows, column);

	buf_add_text(out, name ? name : head);
	if (!name)
		number_unsigned(out, number);
	rows_end_text(rows, column);
}

static void set_answer(const struct question *question, struct view_rows *rows)
{
	set_number(rows, DNS_RCODE, dns_rcode_name(question->rcode), "RCODE", question->rcode);
	if (question->answered_ns >= question->asked_ns)
		rows_set_int(rows, DNS_LATENCY,
			     (int64_t)(question->answered_ns - question->asked_ns));
	rows_set_int(rows, DNS_COUNT, question->counted);
	rows_set_text(rows, DNS_ANSWERS, question->answers, question->answers_bytes);
	rows_set_bool(rows, DNS_CUT, question->cut);
}

static bool is_wanted(const struct question *question, const struct filter *filter)
{
	bool failed = question->error || !question->was_answered || question->rcode;

	if (!question->wanted)
		return false;
	if (!filter)
		return true;
	if (filter_asks(filter, FILTER_FAILED) && !failed)
		return false;
	if (filter_asks(filter, FILTER_ERRNO) && !filter_fits_error(filter, question->error))
		return false;
	return filter_fits_duration(filter, question->was_answered,
				    question->answered_ns - question->asked_ns);
}

static int make_row(const struct walk *walk, const struct question *question,
		    struct view_rows *rows)
{
	walk_set_task(walk, rows);
	rows_set_string(rows, DNS_QR, question->was_answered ? "QR" : "Q");
	set_number(rows, DNS_TYPE, dns_type_name(question->type), "TYPE", question->type);
	rows_set_string(rows, DNS_NAME, question->name);
	rows_set_string(rows, DNS_SERVER, question->server);
	if (question->was_answered)
		set_answer(question, rows);
	if (question->error)
		rows_set_string(rows, DNS_ERROR, errno_name(question->error));
	rows_set_int(rows, DNS_ID, question->id);
	return rows_put(rows);
}

static int make(const struct view_query *query, struct view_rows *rows)
{
	struct names names = {0};
	struct walk walk;
	int err = names_find(&names, query);

	walk_init_plain(&walk, query);
	for (size_t i = 0; !err && i < names.count; i++) {
		if (!is_wanted(&names.all[i], query->filter))
			continue;
		walk_go(&walk, names.all[i].asked);
		err = make_row(&walk, &names.all[i], rows);
	}
	names_done(&names);
	return err;
}

const struct view view_dns = {
	.name = "dns",
	.table = "dns",
	.help = "names asked for, of which server, and what it said; Q alone: it said nothing",
	.columns = columns,
	.n_columns = DNS_COLUMNS,
	.make = make,
};
