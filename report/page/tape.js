// SPDX-License-Identifier: Apache-2.0
// The page's data, and what its rows of events mean: see report/events.c.

const data = JSON.parse(byId("data").textContent);

// Members of a row.
const ENTRY = 0, TIME = 1, DURATION = 2, TASK = 3, KIND = 4, FLAGS = 5, CALL = 6, WORDS = 7, RET = 8;
const FAILED = 1, IN_FLIGHT = 2, NO_ENTRY = 4, COMPAT = 8, SETUP = 16;
const KIND_CALL = 1, KIND_FORK = 2, KIND_EXEC = 3, KIND_EXIT = 4, KIND_SIGNAL = 5, KIND_OOM = 6,
	KIND_GAP = 100, KIND_FAILURE = 101;

const NOBODY = [0, 0, 0, 0, ""];
const PID = 0, TID = 1, HOST_PID = 2, HOST_TID = 3, COMM = 4;

const tape = {
	rows: data.events,
	byEntry: new Map(data.events.map((row, at) => [row[ENTRY], at])),
	evidence: new Set(data.verdict.findings.flatMap((finding) => finding.evidence)),
};

function taskOf(row) {
	if (row[KIND] === KIND_FAILURE && data.info.process)
		return [data.info.process.pid, 0, data.info.process.host_pid, 0,
			data.info.process.comm];
	return data.tasks[row[TASK]] || NOBODY;
}

function isCall(row) {
	return row[KIND] === KIND_CALL || row[KIND] === KIND_EXEC;
}

// "ENOENT" of "-1 ENOENT"; "" of what did not fail.
function errnoOf(row) {
	return row[FLAGS] & FAILED ? row[RET].split(" ")[1] : "";
}

function durationOf(row) {
	return isCall(row) && !(row[FLAGS] & NO_ENTRY) ? durationText(row[DURATION]) : "";
}

function notesOf(row) {
	return [
		row[FLAGS] & NO_ENTRY ? "entry not seen" : "",
		row[FLAGS] & COMPAT ? "32-bit" : "",
		row[FLAGS] & SETUP ? "before the container's first exec" : "",
	].filter(Boolean);
}

// The columns in which events are shown.
const EVENT_COLUMNS = [
	{title: "TIME", right: true}, {title: "PID", right: true}, {title: "COMM", fit: true},
	{title: "SYSCALL", fit: true}, {title: "PARAMETERS"}, {title: "RET"}, {title: "DURATION", right: true},
];

function eventCells(row) {
	const task = taskOf(row);
	return [secondsText(row[TIME]), task[PID] || "-", task[COMM] || "-", row[CALL], row[WORDS],
		row[RET], durationOf(row)];
}

// What the style is to tell of a row.
function classOf(row) {
	if (row[KIND] === KIND_FAILURE)
		return "failure";
	if (row[KIND] === KIND_GAP)
		return "gap";
	return row[FLAGS] & FAILED ? "failed" : row[FLAGS] & IN_FLIGHT ? "flight" : "";
}
