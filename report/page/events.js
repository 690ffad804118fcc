// SPDX-License-Identifier: Apache-2.0
// The list of events. However many there are, only the rows in sight are elements.

const ROW = 24;
const HIGHEST = 8e6; // pixels: browsers do not go much beyond; a longer list scrolls in larger steps

const eventList = {list: [], selected: -1, scroller: null, space: null, window: null, pending: false};

function isStretched() {
	return eventList.list.length * ROW > HIGHEST;
}

function rowsInSight() {
	return Math.max(1, Math.floor(eventList.scroller.clientHeight / ROW) - 1);
}

// The row for each pixel of the scroll bar, where one is less than a row.
function rowsPerPixel() {
	const {list, scroller} = eventList;
	return (list.length - rowsInSight()) / Math.max(1, scroller.scrollHeight - scroller.clientHeight);
}

function firstInSight() {
	const top = eventList.scroller.scrollTop;
	return isStretched() ? Math.round(top * rowsPerPixel()) : Math.floor(top / ROW);
}

function scrollToRow(place) {
	eventList.scroller.scrollTop = isStretched() ? place / rowsPerPixel() : place * ROW;
}

function rowNode(at, place) {
	const row = tape.rows[at];
	const classes = ["row", classOf(row), place % 2 ? "odd" : "",
		tape.evidence.has(row[ENTRY]) ? "evidence" : "", at === eventList.selected ? "selected" : ""];
	const notes = notesOf(row).map((note) => "  (" + note + ")").join("");
	return node("div", {class: classes.filter(Boolean).join(" "), role: "row",
			    "aria-rowindex": place + 2, "aria-selected": String(at === eventList.selected),
			    onclick: () => selectEvent(at)},
		eventCells(row).map((text, i) =>
			node("span", {role: "cell"}, i === 4 ? text + notes : text)));
}

function eventsDraw() {
	const {list, scroller, window: view} = eventList;
	const first = Math.max(0, Math.min(firstInSight(), list.length - rowsInSight()));
	const rows = list.slice(first, first + rowsInSight() + 3);
	eventList.pending = false;
	view.style.transform = "translateY(" + (isStretched() ? scroller.scrollTop : first * ROW) + "px)";
	view.replaceChildren(...rows.map((at, i) => rowNode(at, first + i)));
}

function eventsChanged() {
	if (!eventList.scroller)
		return;
	const shown = eventList.list.length, all = tape.rows.length;
	setText(byId("event-count"), shown === all ? counted(all, "event")
		: countText(shown) + " of " + counted(all, "event"));
	eventList.scroller.setAttribute("aria-rowcount", shown + 1);
	eventList.space.style.height = Math.min(shown * ROW, HIGHEST) + "px";
	if (!eventList.pending)
		requestAnimationFrame(eventsDraw);
	eventList.pending = true;
}

// One event in full, as `igrec replay` has its line.
function eventText(row) {
	const task = taskOf(row);
	const ids = [
		task[PID] ? "pid " + task[PID] : "",
		task[TID] && task[TID] !== task[PID] ? "tid " + task[TID] : "",
		task[COMM],
		task[HOST_TID] ? "(host " + task[HOST_TID] + ")" : "",
	].filter(Boolean).join(" ");
	const result = isCall(row) ? " = " + row[RET] : "";
	const call = isCall(row) ? row[CALL] + "(" + row[WORDS] + ")" + result
		: row[CALL] + " " + row[WORDS];
	const when = secondsText(row[TIME]) + "s, " + utcText(data.info.time_ns + row[TIME]);
	return [when + (ids ? ", " + ids : ""), call,
		[durationOf(row) ? "took " + durationOf(row) : "", ...notesOf(row)]
			.filter(Boolean).join(", ")]
		.filter(Boolean).map(visible).join("\n");
}

function listScrollTo(place) {
	const first = firstInSight(), rows = rowsInSight();
	if (place < first + 1)
		scrollToRow(Math.max(0, place - 1));
	else if (place >= first + rows)
		scrollToRow(place - rows + 1);
}

function selectEvent(at) {
	eventList.selected = at;
	byId("event-detail").textContent = eventText(tape.rows[at]);
	const place = eventList.list.indexOf(at);
	if (place >= 0)
		listScrollTo(place);
	scaleShow(tape.rows[at][TIME], tape.rows[at][DURATION]);
	eventsChanged();
	timelineChanged();
}

// From elsewhere on the page: the list must have it, and be in sight.
function showEvent(at) {
	if (!eventList.list.includes(at))
		filterReset();
	selectEvent(at);
	const place = eventList.list.indexOf(at);
	scrollToRow(Math.max(0, place - 8));
	byId("events").scrollIntoView({block: "start"});
}

// by: how many rows further.
function moveSelection(by) {
	const {list, selected} = eventList;
	if (!list.length)
		return;
	let place = list.indexOf(selected);
	if (place < 0)
		place = by > 0 ? firstInSight() - 1 : firstInSight() + 1;
	selectEvent(list[Math.max(0, Math.min(list.length - 1, place + by))]);
	eventList.scroller.scrollIntoView({block: "nearest"});
}

function keysHint() {
	const keys = [["/", "filter"], ["j", "next"], ["k", "previous"], ["g", "first"], ["G", "last"],
		["n", "next failed"], ["N", "previous failed"], ["f", "failed only"], ["Esc", "reset"]];
	return node("p", {class: "quiet hint"}, keys.map(([key, text]) =>
		[node("kbd", {}, key), " " + text + "  "]));
}

function cutNote() {
	const {left_out} = data.not_shown;
	return left_out ? node("p", {class: "gaps"}, "Not on this page: "
		+ counted(left_out, "older event") + " of the tape, but for what the findings show; igrec "
		+ "report --events 0 has all.") : null;
}

function eventsShow() {
	const head = node("div", {class: "row head", role: "row"}, EVENT_COLUMNS.map((column) =>
		node("span", {role: "columnheader"}, column.title)));
	const view = node("div", {id: "event-window", role: "rowgroup"});
	const space = node("div", {id: "event-space", role: "presentation"}, view);
	const scroller = node("div", {id: "event-rows", class: "rows", role: "table", tabindex: 0,
		"aria-label": "events"}, head, space);
	Object.assign(eventList, {scroller, space, window: view});
	byId("events").append(...[
		node("h2", {}, "Events ", node("span", {id: "event-count", class: "quiet",
							  "aria-live": "polite"})),
		cutNote(), filterControls(), scroller,
		node("div", {id: "event-detail", class: "mono", "aria-live": "polite"},
		     "Select an event to see it in full."),
		keysHint()].filter(Boolean));
	scroller.addEventListener("scroll", () => {
		if (!eventList.pending)
			requestAnimationFrame(eventsDraw);
		eventList.pending = true;
	});
	new ResizeObserver(eventsChanged).observe(scroller);
	filterChanged();
	eventsDraw();
	scroller.scrollTop = scroller.scrollHeight; // the end is what matters
}
