/* SPDX-License-Identifier: Apache-2.0 */
/* What several verbs do with an opened dump. */
#include "cli/dumps.h"

#include <errno.h>
#include <inttypes.h>

#include "common/buf.h"
#include "common/json.h"
#include "common/log.h"
#include "storage/workload.h"

enum cli_status dumps_open(const char *path, bool lazily, struct dump **ret)
{
	struct dump_fault why = {0};
	int err = lazily ? dump_open_lazily(path, ret, &why) : dump_open(path, ret, &why);

	if (!err)
		return CLI_DONE;
	if (err == -ENOMEM)
		log_error("out of memory for %s", path);
	else
		log_error("%s %s", path, why.text);
	return CLI_FAILED;
}

static uint64_t lost_records(const struct snapshot *snapshot)
{
	uint64_t lost = 0;

	for (int lane = 0; lane < IGREC_LANES; lane++)
		lost += snapshot->lane[lane].dropped + snapshot->lane[lane].torn_records;
	return lost;
}

bool dumps_complete(const struct dump *dump)
{
	const struct dump_fault *faults;

	return !dump_faults(dump, &faults) && !lost_records(dump_snapshot(dump));
}

enum cli_status dumps_check(const struct dump *dump)
{
	const struct dump_fault *faults;
	size_t count = dump_faults(dump, &faults);
	uint64_t lost = lost_records(dump_snapshot(dump));

	if (count)
		log_warning("%s is damaged: %s%s: run \"igrec verify\" on it", dump_path(dump),
			    faults[0].text, count > 1 ? ", and more" : "");
	if (lost)
		log_warning("%s is incomplete: %" PRIu64
			    " records were lost while it was recorded: "
			    "run \"igrec info\" on it",
			    dump_path(dump), lost);
	return count || lost ? CLI_INCOMPLETE : CLI_DONE;
}

enum cli_status dumps_arch(const struct dump *dump, enum arch *ret)
{
	if (!arch_parse(dump_arch(dump), ret))
		return CLI_DONE;
	log_error("%s was recorded on %s, whose syscalls this igrec does not know", dump_path(dump),
		  dump_arch(dump));
	return CLI_FAILED;
}

void dumps_say_overwritten(const struct dump *dump)
{
	const struct snapshot *snapshot = dump_snapshot(dump);
	uint64_t overwritten = 0;

	for (int lane = 0; lane < IGREC_LANES; lane++)
		overwritten += snapshot->lane[lane].overwritten;
	if (overwritten)
		log_info("%s: %" PRIu64
			 " records were overwritten before the dump was taken and are missing from "
			 "these counts",
			 dump_id(dump), overwritten);
}

int64_t dumps_time_ns(const struct dump *dump)
{
	const struct snapshot *snapshot = dump_snapshot(dump);

	return (int64_t)snapshot->failure.time_ns + snapshot->realtime_offset_ns;
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void add_end(struct json *object, const struct failure *failure)
{
	bool ended = failure->kind != FAILURE_REQUESTED;

	json_add_text(object, "kind", failure_kind_name(failure->kind));
	if (ended && !failure->signal)
		json_add_int(object, "exit_code", failure->exit_code);
	else
		json_add_null(object, "exit_code");
	if (ended && failure->signal)
		json_add_int(object, "signal", failure->signal);
	else
		json_add_null(object, "signal");
}

static void add_identity(struct json *object, const struct container_identity *who)
{
	char workload[256] = "";

	if (who->pod)
		workload_of_pod(who->pod, workload, sizeof(workload));
	json_add_text(object, "namespace", who->namespace);
	json_add_text(object, "pod", who->pod);
	json_add_text(object, "container", who->container);
	json_add_text(object, "container_id", who->container_id);
	json_add_text(object, "workload", workload[0] ? workload : NULL);
	json_add_text(object, "image", who->image);
	json_add_text(object, "runtime", who->runtime);
	json_add_text(object, "node", who->node);
	json_add_text(object, "pod_uid", who->pod_uid);
	if (who->restart >= 0)
		json_add_int(object, "restart", who->restart);
	else
		json_add_null(object, "restart");
}

struct json *dumps_json(const struct dump *dump, uint64_t bytes)
{
	const struct snapshot *snapshot = dump_snapshot(dump);
	struct json *object = json_new_object();

	json_add_int(object, "schema", 1);
	json_add_text(object, "id", dump_id(dump));
	json_add_text(object, "file", file_name(dump_path(dump)));
	json_add_int(object, "time_ns", dumps_time_ns(dump));
	add_identity(object, &snapshot->identity);
	add_end(object, &snapshot->failure);
	json_add_text(object, "cause", dump_cause(dump));
	json_add_bool(object, "complete", dumps_complete(dump));
	json_add_uint(object, "bytes", bytes);
	return object;
}

enum cli_status dumps_put_json(struct json *json, FILE *out)
{
	struct buf line = {0};
	int err = json_write(json, &line);

	json_free(json);
	buf_add_char(&line, '\n');
	if (!err && line.failed)
		err = -1;
	if (!err)
		fwrite(line.data, 1, line.bytes, out);
	else
		log_error("out of memory");
	buf_done(&line);
	return err ? CLI_FAILED : CLI_DONE;
}
