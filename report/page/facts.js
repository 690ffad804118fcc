// SPDX-License-Identifier: Apache-2.0
// Who the container is, how it ended, what the tape holds and what it lost.

// What `igrec info` writes for "max".
const NO_LIMIT = 2 ** 63;

function fact(name, ...value) {
	return value.some((part) => part !== null && part !== undefined && part !== "")
		? node("div", {}, node("dt", {}, name), node("dd", {class: "raw"}, value)) : null;
}

function livedText(info) {
	if (!info.started_ns || info.started_ns > info.time_ns)
		return "not known: it ran before igrecd was started";
	return longDurationText(info.time_ns - info.started_ns);
}

function vitalText(vital) {
	if (vital.value >= NO_LIMIT)
		return "max";
	const is_size = /^memory\.(current|peak|max|high|low|min|swap\.\w+)$/.test(vital.name);
	return is_size ? sizeText(vital.value) : countText(vital.value);
}

function vitalsTable(info) {
	const rows = info.vitals.map((vital) => [vital.name, vitalText(vital),
		vital.time_ns < info.time_ns
			? durationText(info.time_ns - vital.time_ns) : "at the end"]);
	const columns = [{title: "FIGURE"}, {title: "VALUE", right: true}, {title: "BEFORE", right: true}];
	return node("details", {}, node("summary", {}, "Cgroup: " + counted(rows.length, "figure")),
		    node("div", {class: "scroll"}, table(columns, rows)));
}

function factsShow() {
	const info = data.info, process = info.process;
	const facts = [
		fact("Container", info.container),
		fact("Pod", [info.namespace, info.pod].filter(Boolean).join("/")),
		fact("Workload", info.workload),
		fact("Restart", info.restart),
		fact(info.kind === "requested" ? "Taken" : "Failed", localText(info.time_ns)),
		fact("Ended", data.verdict.failure),
		fact("Process", process ? process.pid + " " + process.comm
			+ " (host " + process.host_pid + ")" : ""),
		fact("Lived", livedText(info)),
		fact("Image", info.image),
		fact("Runtime", info.runtime),
		fact("Node", info.node),
		fact("QoS class", info.qos),
		fact("Id", info.container_id),
		fact("Pod uid", info.pod_uid),
		fact("Cgroup", info.cgroup),
		fact("Dump", info.id + ", " + sizeText(info.bytes)),
	];
	byId("facts").append(node("h2", {}, "Facts"), node("dl", {}, facts.filter(Boolean)));
	if (info.vitals.length)
		byId("facts").append(vitalsTable(info));
}

/* ---- losses -------------------------------------------------------------------------------- */

function lanesTable(lanes) {
	const keys = ["written", "kept", "overwritten", "dropped", "torn_records", "missing"];
	const columns = [{title: "LANE"}, ...["WRITTEN", "KEPT", "OVERWRITTEN", "DROPPED", "TORN",
		"DAMAGED"].map((title) => ({title, right: true})), {title: "COVERS", right: true}];
	return table(columns, Object.entries(lanes).map(([name, lane]) => [name,
		...keys.map((key) => countText(lane[key])),
		lane.kept ? longDurationText(lane.window_ns) : "-"]));
}

function lossWords(info) {
	const lanes = Object.values(info.lanes);
	const sum = (key) => lanes.reduce((total, lane) => total + Number(lane[key]), 0);
	const lost = sum("dropped") + sum("torn_records") + sum("missing");
	return [
		lost ? "Lost, that is dropped, torn or damaged: " + countText(lost) + "." : "",
		info.complete ? "" : "The dump is incomplete.",
		sum("overwritten") ? "Overwritten by newer ones, as rings do: "
			+ countText(sum("overwritten")) + "."
			: lost ? "" : "Nothing was overwritten or lost.",
		info.truncated ? "Captured texts that were cut: " + countText(info.truncated) + "." : "",
		info.unreadable ? "Texts that could not be read: " + countText(info.unreadable) + "." : "",
		info.masked ? "Secrets that were masked: " + countText(info.masked) + "." : "",
		data.not_shown.left_out
			? "Not on this page: " + counted(data.not_shown.left_out, "older event")
				+ " of the tape; igrec report --events 0 has them."
			: "",
		data.not_shown.setup_hidden
			? "Not on this page: " + counted(data.not_shown.setup_hidden, "record")
				+ " of the runtime's set-up, before the container's first exec; igrec "
				+ "report --setup has them."
			: "",
	].filter(Boolean);
}

function lossesShow() {
	const info = data.info;
	byId("losses").append(node("h2", {}, "What the tape holds and lost, in records"),
		node("div", {class: "scroll"}, lanesTable(info.lanes)),
		node("ul", {}, lossWords(info).map((words) => node("li", {}, words))));
	if (info.faults.length)
		byId("losses").append(node("h3", {}, "Damage"),
			node("ul", {class: "gaps"},
			     info.faults.map((fault) => node("li", {}, raw(fault)))));
}
