/* SPDX-License-Identifier: Apache-2.0 */
/* Between the recorder's state and the control socket: what `ps` and `doctor` show, as JSON. */
#include "recorder/status.h"

#include "common/clock.h"
#include "dumper/row.h"
#include "recorder/ring_copy.h"
#include "recorder/sandbox.h"

static struct json *lane_object(const struct igrec_lane_state *lane, const struct igrec_block *ring)
{
	struct json *json = json_new_object();
	uint64_t oldest_ns;
	uint64_t present = ring_lane_records(lane, ring, &oldest_ns);

	json_add_uint(json, "written", lane->overwritten + present);
	json_add_uint(json, "overwritten", lane->overwritten);
	json_add_uint(json, "dropped", lane->dropped);
	json_add_uint(json, "window_ns", oldest_ns ? clock_monotonic_ns() - oldest_ns : 0);
	return json;
}

static struct json *container_object(const struct container *container,
				     const struct igrec_slot *slot, const struct rings *rings)
{
	struct igrec_block *ring = rings_map(rings, container->slot);
	const struct container_identity *identity = &container->identity;
	struct json *json = json_new_object(), *lanes = json_new_object();

	json_add_int(json, "schema", 1);
	json_add_text(json, "container_id", identity->container_id);
	json_add_text(json, "container", identity->container);
	json_add_text(json, "pod", identity->pod);
	json_add_text(json, "namespace", identity->namespace);
	json_add_text(json, "image", identity->image);
	if (container->named && identity->restart >= 0)
		json_add_int(json, "restart", identity->restart);
	else
		json_add_null(json, "restart");
	json_add_text(json, "runtime", identity->runtime);
	json_add_uint(json, "cgroup_id", container->cgroup_id);
	json_add_text(json, "cgroup_path", container->path);
	json_add_uint(json, "tasks", slot->tasks);
	json_add_uint(json, "ring_bytes",
		      (uint64_t)rings_blocks_count(rings, container->slot) * IGREC_BLOCK_BYTES);
	for (int i = 0; ring && i < IGREC_LANES; i++)
		json_add(lanes, row_lane_name(i), lane_object(&slot->lanes[i], ring));
	rings_unmap(rings, container->slot, ring);
	json_add(json, "lanes", lanes);
	return json;
}

static void add_dumps(struct json *json, const struct dump_queue *dumps)
{
	struct dump_counts counts = dump_queue_counts(dumps);

	json_add_uint(json, "dumps", counts.written);
	json_add_uint(json, "dumps_failed", counts.failed);
	json_add_uint(json, "dumps_smaller", counts.smaller);
	json_add_uint(json, "records_left_out", counts.left_out);
	json_add_uint(json, "dumps_made_room", counts.made_room);
	json_add_uint(json, "snapshots", dump_queue_length(dumps));
	json_add_uint(json, "snapshot_bytes", counts.bytes);
	json_add_uint(json, "snapshot_bytes_max", counts.bytes_most);
}

static struct json *node_object(const struct recorder *recorder, const struct hooks *hooks,
				const struct rings *rings, const struct dump_queue *dumps)
{
	struct recorder_counts counts = recorder_counts(recorder);
	struct arrivals_counts arrivals = recorder_arrival_counts(recorder);
	struct json *json = json_new_object();

	json_add_int(json, "schema", 1);
	json_add_text(json, "type", "node");
	json_add_uint(json, "rings", rings_in_use(rings));
	json_add_uint(json, "rings_max", rings_max(rings));
	json_add_uint(json, "ring_bytes", (uint64_t)rings_blocks_each(rings) * IGREC_BLOCK_BYTES);
	json_add_uint(json, "pool", rings_ready(rings));
	json_add_uint(json, "no_ring", arrivals.unrecorded);
	json_add_uint(json, "missed", arrivals.missed);
	json_add_uint(json, "late", arrivals.late);
	json_add_uint(json, "late_ns_most", arrivals.late_ns_most);
	json_add_uint(json, "pool_empty", hooks_counter(hooks, IGREC_COUNTER_NO_RING));
	json_add_uint(json, "notices_dropped", hooks_counter(hooks, IGREC_COUNTER_NOTICES_DROPPED));
	json_add_uint(json, "no_task", hooks_counter(hooks, IGREC_COUNTER_NO_TASK));
	json_add_uint(json, "failures", counts.failures);
	json_add_uint(json, "failures_refused", counts.refused);
	json_add_uint(json, "failures_skipped", counts.skipped);
	json_add_uint(json, "failures_waiting", recorder_pending(recorder));
	json_add_uint(json, "stops", counts.stops);
	add_dumps(json, dumps);
	return json;
}

void status_containers(const struct recorder *recorder, const struct hooks *hooks,
		       const struct rings *rings, const struct dump_queue *dumps,
		       struct control_client *client)
{
	for (uint32_t slot = 0; slot < rings_max(rings); slot++) {
		const struct container *container = recorder_container(recorder, slot);

		if (container && container->confirmed)
			control_reply(client,
				      container_object(container, hooks_slot(hooks, slot), rings));
	}
	control_reply(client, node_object(recorder, hooks, rings, dumps));
}

static void feature(struct control_client *client, const char *name, bool active, const char *text)
{
	struct json *json = json_new_object();

	json_add_text(json, "type", "feature");
	json_add_text(json, "name", name);
	json_add_bool(json, "active", active);
	json_add_text(json, "text", text);
	control_reply(client, json);
}

static void sandbox_features(struct control_client *client)
{
	struct sandbox_state state;
	char names[1024], text[1200];

	if (sandbox_look(&state))
		return;
	sandbox_capability_names(state.capabilities, names, sizeof(names));
	snprintf(text, sizeof(text), "igrecd has kept: %s", names);
	feature(client, "capabilities", true, text);
	feature(client, "seccomp", state.filtered,
		state.filtered
			? "igrecd makes only the system calls that it needs"
			: "igrecd may make any system call: the kernel has no seccomp filters, "
			  "or [igrecd] sandbox is off");
	feature(client, "no-new-privileges", state.no_new_privileges,
		state.no_new_privileges ? "no program that igrecd could start gets more rights"
					: "not set");
}

void status_features(const struct hooks *hooks, struct control_client *client)
{
	bool legacy = hooks_is_legacy(hooks);

	feature(client, "bpf-atomics", !legacy,
		legacy ? "the kernel (before 5.15) lacks BPF operations of the usual programs: "
			 "others "
			 "record the same, slower"
		       : "programs use atomic operations");
	feature(client, "oom-victims", hooks_has_oom(hooks),
		hooks_has_oom(hooks)
			? "the kernel names the OOM killer's victims"
			: "the kernel (before 6.9) does not name the OOM killer's victims: their "
			  "ends are told as signal, not as oom");
	sandbox_features(client);
	feature(client, "tracepoints", true, "all programs that this kernel takes are attached");
}
