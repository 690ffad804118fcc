// SPDX-License-Identifier: Apache-2.0
// Which events are listed. All words must be in an event's line; the choices narrow it further.

const filter = {text: "", call: "", errno: "", task: "", slow: 0, failed: false, window: false};
const haystacks = new Map(); // row number -> its line in lower case, made when first asked for

function haystack(at) {
	let text = haystacks.get(at);
	if (text === undefined) {
		text = eventCells(tape.rows[at]).join(" ").toLowerCase();
		haystacks.set(at, text);
	}
	return text;
}

function matches(row, at, words) {
	if (filter.failed && !(row[FLAGS] & FAILED))
		return false;
	if (filter.call && row[CALL] !== filter.call)
		return false;
	if (filter.errno && errnoOf(row) !== filter.errno)
		return false;
	if (filter.task && String(taskOf(row)[PID]) !== filter.task)
		return false;
	if (filter.slow && !(isCall(row) && row[DURATION] >= filter.slow))
		return false;
	if (filter.window && (row[TIME] + row[DURATION] < scale.from || row[TIME] > scale.to))
		return false;
	return !words.length || words.every((word) => haystack(at).includes(word));
}

function filterIsEmpty() {
	return !filter.text.trim() && !filter.call && !filter.errno && !filter.task && !filter.slow
		&& !filter.failed && !filter.window;
}

// Row numbers of what is to be listed.
function filterRows() {
	const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean), list = [];
	tape.rows.forEach((row, at) => {
		if (matches(row, at, words))
			list.push(at);
	});
	return list;
}

function filterChanged() {
	eventList.list = filterRows();
	timeline.matched = null;
	if (!filterIsEmpty()) {
		timeline.matched = new Uint8Array(tape.rows.length);
		for (const at of eventList.list)
			timeline.matched[at] = 1;
	}
	eventsChanged();
	if (timeline.canvas && !timeline.pending) {
		timeline.pending = true;
		requestAnimationFrame(timelineDraw);
	}
}

function filterTimeChanged() {
	if (filter.window)
		filterChanged();
}

function filterSet(changes) {
	Object.assign(filter, changes);
	byId("filter-text").value = filter.text;
	byId("filter-call").value = filter.call;
	byId("filter-errno").value = filter.errno;
	byId("filter-task").value = filter.task;
	byId("filter-slow").value = filter.slow ? String(filter.slow) : "";
	byId("filter-failed").checked = filter.failed;
	byId("filter-window").checked = filter.window;
	filterChanged();
}

function filterReset() {
	filterSet({text: "", call: "", errno: "", task: "", slow: 0, failed: false, window: false});
}

/* ---- the controls -------------------------------------------------------------------------- */

// Values and how often each is there, the most frequent first.
function tally(value_of) {
	const counts = new Map();
	for (const row of tape.rows) {
		const value = value_of(row);
		if (value !== "")
			counts.set(value, (counts.get(value) || 0) + 1);
	}
	return [...counts].sort((a, b) => b[1] - a[1]);
}

// choices: [[value, text]]
function choice(id, name, all, choices, changed) {
	return node("select", {id, "aria-label": name,
			       onchange: (event) => changed(event.target.value)},
		node("option", {value: ""}, all),
		choices.map(([value, text]) => node("option", {value}, text)));
}

function checkbox(id, text, title, changed) {
	return node("label", {title},
		node("input", {type: "checkbox", id, onchange: (event) => changed(event.target.checked)}),
		text);
}

function processChoices() {
	const names = new Map();
	for (const row of tape.rows) {
		const task = taskOf(row);
		if (task[PID])
			names.set(task[PID], task[COMM]);
	}
	return tally((row) => taskOf(row)[PID] || "").sort((a, b) => a[0] - b[0])
		.map(([pid, count]) => [pid, pid + " " + names.get(pid) + " (" + countText(count) + ")"]);
}

function filterControls() {
	const with_counts = (pairs) => pairs.map(([value, count]) =>
		[value, value + " (" + countText(count) + ")"]);
	const slow = [[1e6, "1ms"], [1e7, "10ms"], [1e8, "100ms"], [1e9, "1s"]];
	return node("div", {class: "controls"},
		node("input", {type: "search", id: "filter-text", placeholder: "filter: words in a line",
			       "aria-label": "words that a line must have", spellcheck: "false",
			       autocomplete: "off", oninput: (event) => {
				       filter.text = event.target.value;
				       filterChanged();
			       }}),
		choice("filter-call", "syscall", "all syscalls", with_counts(tally((row) => row[CALL])),
		       (call) => filterSet({call})),
		choice("filter-errno", "errno", "all results", with_counts(tally(errnoOf)),
		       (errno) => filterSet({errno})),
		choice("filter-task", "process", "all processes", processChoices(),
		       (task) => filterSet({task})),
		choice("filter-slow", "duration", "any duration",
		       slow.map(([ns, text]) => [ns, "at least " + text]),
		       (ns) => filterSet({slow: Number(ns)})),
		checkbox("filter-failed", "failed only", "key f", (failed) => filterSet({failed})),
		checkbox("filter-window", "visible time only", "only what the timeline shows now",
			 (window) => filterSet({window})),
		node("button", {type: "button", id: "filter-reset", onclick: filterReset}, "reset"));
}
