// SPDX-License-Identifier: Apache-2.0
// The bar on top; the best finding with its proof and the next step, and the others.

function workloadText() {
	const {namespace, pod, container} = data.info;
	return [namespace, pod, container].filter(Boolean).join("/") || "container";
}

function barShow() {
	const sections = [["verdict", "Verdict"], ["facts", "Facts"], ["resources", "Memory and CPU"],
		["timeline", "Timeline"], ["events", "Events"], ["processes", "Processes"],
		["peers", "Peers"], ["files", "Files"], ["log", "Log"], ["losses", "Losses"]];
	const links = sections.filter(([id]) => byId(id).hasChildNodes())
		.map(([id, title]) => node("a", {href: "#" + id}, title));
	byId("bar").append(
		node("h1", {title: workloadText()}, raw(workloadText())),
		node("span", {class: data.verdict.is_request ? "badge request" : "badge",
			      title: data.verdict.failure},
		     data.verdict.failure),
		node("span", {class: "quiet", title: localText(data.info.time_ns)},
		     utcText(data.info.time_ns)),
		node("nav", {"aria-label": "Sections"}, links));
}

// Rows of events that lead to where they stand on the tape.
function eventTable(entries) {
	const rows = entries.map((entry) => tape.byEntry.get(entry)).filter((at) => at !== undefined);
	return node("div", {class: "scroll"}, table(EVENT_COLUMNS, rows.map((at) => ({
		cells: eventCells(tape.rows[at]),
		class: "go " + classOf(tape.rows[at]),
		tabindex: 0,
		title: "show among the events",
		onclick: () => showEvent(at),
		onkeydown: (event) => {
			if (event.key === "Enter")
				showEvent(at);
		},
	})), {class: "wide events"}));
}

function findingNodes(finding) {
	return [
		node("p", {class: "sentence"}, raw(finding.sentence + ".")),
		eventTable(finding.evidence),
		finding.excluded
			? node("p", {class: "quiet"}, "Excluded: ", raw(finding.excluded)) : null,
		finding.next
			? node("p", {class: "next"}, node("b", {}, "Next: "), raw(finding.next)) : null,
	];
}

function otherFindings(findings) {
	return node("details", {}, node("summary", {}, counted(findings.length, "other finding")),
		findings.map((finding) => node("div", {},
			node("h3", {}, node("span", {class: "badge " + finding.confidence},
					    finding.confidence)),
			findingNodes(finding))));
}

function verdictShow() {
	const verdict = data.verdict, best = verdict.findings[0];
	const head = best ? node("span", {class: "badge " + best.confidence}, best.confidence) : null;
	const none = verdict.is_request ? "Nothing failed" : "Nothing on the tape explains the end";
	const others = verdict.findings.slice(1);

	byId("verdict").classList.toggle("request", verdict.is_request);
	byId("verdict").append(node("h2", {}, "Why it ended ", head));
	if (best)
		byId("verdict").append(...findingNodes(best).filter(Boolean));
	else
		byId("verdict").append(
			node("p", {class: "sentence"}, none + " (", raw(verdict.failure), ")."),
			node("p", {}, "The last acts were:"), eventTable(verdict.last_acts));
	if (others.length)
		byId("verdict").append(otherFindings(others));
}
