// SPDX-License-Identifier: Apache-2.0
// For paper: the last of the events that are listed, as a plain table.

const PRINTED = 100;

function printTable() {
	const list = eventList.list.slice(-PRINTED);
	byId("last-events").replaceChildren(
		node("h2", {}, "The last " + counted(list.length, "event")
			+ (filterIsEmpty() ? "" : " that the filter lets through")),
		table(EVENT_COLUMNS, list.map((at) => ({cells: eventCells(tape.rows[at]),
			class: classOf(tape.rows[at])})), {class: "wide events"}));
}

function printInit() {
	window.addEventListener("beforeprint", () => {
		printTable();
		document.querySelectorAll("#verdict details").forEach((each) => each.open = true);
	});
	window.addEventListener("afterprint", () => byId("last-events").replaceChildren());
}
