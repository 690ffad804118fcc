// SPDX-License-Identifier: Apache-2.0
// The threads of the tape, each with its events in the order of time.

// One lane: {pid, tid, comm, at: [row numbers by time], failed}
function lanesOf(rows) {
	const lanes = new Map();
	rows.forEach((row, at) => {
		if (row[KIND] >= KIND_GAP)
			return;
		const task = taskOf(row), key = task[HOST_TID];
		if (!lanes.has(key))
			lanes.set(key, {pid: task[PID], tid: task[TID], host_pid: task[HOST_PID],
				comm: "", at: []});
		const lane = lanes.get(key);
		lane.comm = task[COMM] || lane.comm;
		lane.pid = lane.pid || task[PID];
		lane.at.push(at);
	});
	const all = [...lanes.values()];
	const failed = data.info.process ? data.info.process.host_pid : -1;
	for (const lane of all) {
		lane.at.sort((a, b) => rows[a][TIME] - rows[b][TIME] || a - b);
		lane.failed = lane.host_pid === failed;
	}
	// Threads of a process stand together, processes in the order in which they appear.
	const first = new Map();
	for (const lane of all) {
		const time = rows[lane.at[0]][TIME];
		first.set(lane.host_pid, Math.min(time, first.get(lane.host_pid) ?? Infinity));
	}
	return all.sort((a, b) => first.get(a.host_pid) - first.get(b.host_pid)
		|| a.host_pid - b.host_pid || rows[a.at[0]][TIME] - rows[b.at[0]][TIME]);
}

function laneName(lane) {
	const ids = lane.tid && lane.tid !== lane.pid ? lane.pid + "/" + lane.tid : lane.pid || "?";
	return ids + " " + (lane.comm || "?");
}

// The first place in the lane whose event begins at or behind that time.
function laneFind(lane, time) {
	let low = 0, high = lane.at.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (tape.rows[lane.at[middle]][TIME] < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

// Where records are missing: {at, from, to, words}. It is known where what follows them begins;
// what came before them on the tape says no more than that it was before.
function gapsOf(rows) {
	const gaps = [];
	rows.forEach((row, at) => {
		if (row[KIND] !== KIND_GAP)
			return;
		let before = at - 1;
		while (before >= 0 && rows[before][KIND] >= KIND_GAP)
			before--;
		const from = before >= 0 ? Math.min(rows[before][TIME] + rows[before][DURATION], row[TIME])
			: row[TIME];
		gaps.push({at, from, to: row[TIME], words: row[WORDS]});
	});
	return gaps;
}
