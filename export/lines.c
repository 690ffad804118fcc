/* SPDX-License-Identifier: Apache-2.0 */
/* ndjson and strace: what `igrec replay` prints, the runtime's set-up included. */
#include "export/formats.h"
#include "replay/replay.h"

static int render(const struct export *export, enum replay_format format, enum replay_fds fds,
		  struct export_counts *ret)
{
	const struct replay_options options = {
		.arch = export->arch,
		.format = format,
		.filter = export->filter,
		.fds = fds,
	};
	struct replay_counts counts = {0};
	int err = replay_render(dump_snapshot(export->dump), &options, export->out, &counts);

	ret->records = counts.shown;
	ret->incomplete = counts.incomplete;
	return err;
}

int export_ndjson(const struct export *export, struct export_counts *ret)
{
	return render(export, REPLAY_JSON, REPLAY_FDS_ADDRESSES, ret);
}

int export_strace(const struct export *export, struct export_counts *ret)
{
	return render(export, REPLAY_STRACE, REPLAY_FDS_INODES, ret);
}
