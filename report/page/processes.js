// SPDX-License-Identifier: Apache-2.0
// Who started whom: as `igrec replay --tree` tells.

function quotedArgument(text) {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : "\"" + text.replace(/["\\]/g, "\\$&") + "\"";
}

function statusText(process) {
	if (process.signal)
		return "killed by " + (process.signal_name || "signal " + process.signal)
			+ (process.core ? " (core dumped)" : "");
	if (process.exit_code !== null)
		return "exited with " + process.exit_code;
	return process.listed ? "still there when the dump was made" : "";
}

function relativeText(ns) {
	return ns === null || ns === undefined ? "-" : secondsText(ns);
}

function isBad(process) {
	return process.failed || process.signal > 0 || process.exit_code > 0;
}

function processRow(process) {
	const more = process.more_threads
		? ", " + counted(process.more_threads, "more thread") : "";
	const known_pid = process.pid !== null;
	return {
		class: known_pid ? "go" : null,
		tabindex: known_pid ? 0 : null,
		title: known_pid ? "list its events" : null,
		onclick: () => known_pid && listEventsOf(process.pid),
		onkeydown: (event) => {
			if (event.key === "Enter" && known_pid)
				listEventsOf(process.pid);
		},
		cells: [relativeText(process.start_rel_ns), relativeText(process.end_rel_ns),
			known_pid ? process.pid : "-",
			indented(process.depth, [node("b", {}, raw(process.comm || "?")), more,
				process.failed ? node("span", {class: "tag"}, " failed") : ""]),
			node("span", {class: isBad(process) ? "tag" : null}, statusText(process))],
	};
}

function indented(depth, children) {
	const box = node("div", {}, children);
	box.style.paddingLeft = Math.min(depth, 40) * 18 + "px";
	return box;
}

function deedRow(process, deed) {
	const argv = (deed.argv || []).map(quotedArgument).join(" ") + (deed.argv_truncated ? " ..." : "");
	const words = deed.type === "exec" ? [raw(deed.filename === null ? "?" : deed.filename), "  ", raw(argv)]
		: ["called ", raw(deed.comm)];
	return {class: "deed", cells: [relativeText(deed.rel_ns), "", "",
		indented(process.depth + 1, deed.type === "exec" ? ["exec ", words] : words), ""]};
}

// One that ran before the tape began: /proc said what.
function listedRow(process) {
	const task = (data.info.tasks || []).find((each) => each.host_pid === process.host_pid);
	if (!task || !task.argv.length || process.changes.length)
		return [];
	return [{class: "deed", cells: ["", "", "", indented(process.depth + 1,
		["runs ", raw(task.argv.map(quotedArgument).join(" "))]), ""]}];
}

function listEventsOf(pid) {
	filterReset();
	filterSet({task: String(pid)});
	byId("events").scrollIntoView({block: "start"});
}

function processesShow() {
	if (!data.processes.length)
		return;
	const columns = [{title: "STARTED", right: true}, {title: "ENDED", right: true},
		{title: "PID", right: true}, {title: "PROCESS"}, {title: "END", fit: true}];
	const rows = data.processes.flatMap((process) => [processRow(process), ...listedRow(process),
		...process.changes.map((deed) => deedRow(process, deed))]);
	byId("processes").append(
		node("h2", {}, counted(data.processes.length, "process", "processes")),
		node("div", {class: "scroll"}, table(columns, rows, {class: "wide"})));
}
