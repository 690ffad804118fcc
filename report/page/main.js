// SPDX-License-Identifier: Apache-2.0
// The page as a list of sections, and the keys.

function nextFailed(by) {
	const {list, selected} = eventList;
	const from = list.indexOf(selected);
	for (let i = from < 0 ? (by > 0 ? 0 : list.length - 1) : from + by; i >= 0 && i < list.length; i += by) {
		if (tape.rows[list[i]][FLAGS] & FAILED) {
			selectEvent(list[i]);
			eventList.scroller.scrollIntoView({block: "nearest"});
			return;
		}
	}
}

const pageKeys = {
	"/": () => {
		byId("events").scrollIntoView({block: "start"});
		byId("filter-text").focus();
		byId("filter-text").select();
	},
	j: () => moveSelection(1),
	k: () => moveSelection(-1),
	g: () => moveSelection(-Infinity),
	G: () => moveSelection(Infinity),
	n: () => nextFailed(1),
	N: () => nextFailed(-1),
	f: () => filterSet({failed: !filter.failed}),
	Escape: filterReset,
};

function pageKey(event) {
	const typing = event.target.matches("input[type=search], select");
	if (event.ctrlKey || event.metaKey || event.altKey)
		return;
	if (typing && event.key === "Escape") {
		event.target.blur();
		return;
	}
	if (typing && event.key === "Enter" && eventList.list.length) {
		event.target.blur();
		selectEvent(eventList.list[eventList.list.length - 1]);
		return;
	}
	if (typing || !Object.hasOwn(pageKeys, event.key))
		return;
	event.preventDefault();
	pageKeys[event.key]();
}

function footShow() {
	byId("foot").append("Made by igrec " + data.igrec + " from dump ", node("b", {}, data.info.id),
		". Nothing was fetched from anywhere. The same in a terminal: ",
		node("code", {}, "igrec explain " + data.info.id), ", ",
		node("code", {}, "igrec replay " + data.info.id), ".");
}

scaleInit();
verdictShow();
factsShow();
resourcesShow();
timelineShow();
eventsShow();
processesShow();
tablesShow();
logShow();
lossesShow();
barShow();
footShow();
printInit();
document.addEventListener("keydown", pageKey);
timelineChanged();
document.documentElement.dataset.ready = "yes";
