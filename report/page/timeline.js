// SPDX-License-Identifier: Apache-2.0
// The timeline: a canvas over the part of the lanes that is scrolled to. Wheel, dragging and keys
// zoom; what the pointer is on is told beside it.

const LANE = 22, AXIS = 24, GUTTER = 190, BAR = 14, TALLEST = 480;
const MARKS = {[KIND_FORK]: "fork", [KIND_EXEC]: "exec", [KIND_EXIT]: "exit", [KIND_SIGNAL]: "signal",
	[KIND_OOM]: "oom"};

const timeline = {lanes: [], gaps: [], canvas: null, scroller: null, hover: -1, drag: null,
	matched: null, pending: false};

function timelineColours() {
	const style = getComputedStyle(document.documentElement);
	const colours = {};
	for (const name of ["card", "line", "text", "quiet", "bad", "call", "blocked", "thread", "mark",
		"selected", "select-line", "gap"])
		colours[name] = style.getPropertyValue("--" + name).trim();
	return colours;
}

function xOf(ns) {
	const width = timeline.canvas.clientWidth - GUTTER;
	return GUTTER + (ns - scale.from) / (scale.to - scale.from) * width;
}

function timeAt(x) {
	const width = timeline.canvas.clientWidth - GUTTER;
	return scale.from + (Math.max(x, GUTTER) - GUTTER) / width * (scale.to - scale.from);
}

/* ---- drawing ------------------------------------------------------------------------------- */

function drawAxis(pen, colours, width, height) {
	const {ticks, step} = scaleTicks(Math.max(2, Math.floor((width - GUTTER) / 110)));
	pen.strokeStyle = colours.line;
	pen.fillStyle = colours.quiet;
	pen.textAlign = "center";
	for (const tick of ticks) {
		const x = Math.round(xOf(tick)) + 0.5;
		pen.beginPath();
		pen.moveTo(x, AXIS - 4);
		pen.lineTo(x, height);
		pen.stroke();
		if (x > GUTTER + 20 && x < width - 20)
			pen.fillText(tickText(tick, step), x, AXIS - 9);
	}
}

function hatch(pen, x, y, width, height) {
	pen.save();
	pen.beginPath();
	pen.rect(x, y, width, height);
	pen.clip();
	pen.beginPath();
	for (let at = x - height; at < x + width; at += 5) {
		pen.moveTo(at, y + height);
		pen.lineTo(at + height, y);
	}
	pen.stroke();
	pen.restore();
}

// Count and lane are in the words; where they find no room the pointer tells them.
function drawGaps(pen, colours, width, height) {
	let free = GUTTER;
	for (const gap of timeline.gaps) {
		const to = xOf(gap.to), from = Math.max(Math.min(xOf(gap.from), to - 6), GUTTER);
		if (to < GUTTER || from > width)
			continue;
		pen.strokeStyle = pen.fillStyle = colours.gap;
		pen.globalAlpha = 0.4;
		hatch(pen, from, AXIS, Math.min(to, width) - from, height - AXIS);
		pen.globalAlpha = 1;
		pen.fillRect(to - 1, AXIS, 2, height - AXIS);
		const words = visible(gap.words), room = pen.measureText(words).width;
		const x = Math.max(free, Math.min(to + 4, width - room - 4));
		if (x + room > width || x > to + 4 + width / 4)
			continue;
		pen.textAlign = "left";
		pen.fillStyle = colours.card;
		pen.fillRect(x - 2, height - 16, room + 4, 15);
		pen.fillStyle = colours.gap;
		pen.fillText(words, x, height - 4);
		free = x + room + 12;
	}
}

function triangle(pen, x, y) {
	pen.beginPath();
	pen.moveTo(x - 3, y + 3);
	pen.lineTo(x + 5, y + BAR / 2 + 1);
	pen.lineTo(x - 3, y + BAR - 1);
	pen.fill();
}

// A call that took most of a visible stretch was waiting: paler, so that work stands out.
function colourOf(row, colours, width) {
	if (row[FLAGS] & FAILED)
		return colours.bad;
	return width > 40 ? colours.blocked : colours.call;
}

function drawInFlight(pen, colours, row, x, width, y) {
	const name = visible(row[CALL]), room = pen.measureText(name).width + 8;
	pen.strokeStyle = colours.gap;
	hatch(pen, x, y, width, BAR);
	pen.strokeRect(x + 0.5, y + 0.5, width - 1, BAR - 1);
	if (width < room + 20)
		return;
	pen.textAlign = "left";
	pen.fillStyle = colours.card;
	pen.fillRect(x + 8, y + 1, room, BAR - 2);
	pen.fillStyle = colours.gap;
	pen.fillText(name, x + 12, y + 11);
}

function drawCall(pen, colours, row, x, end, y) {
	const width = Math.max(end - x, 1.5);
	if (row[FLAGS] & IN_FLIGHT) {
		drawInFlight(pen, colours, row, x, Math.max(width, 6), y);
		return;
	}
	pen.fillStyle = colourOf(row, colours, width);
	pen.fillRect(x, y, width, BAR);
	if (width > 60) {
		pen.textAlign = "left";
		pen.fillStyle = row[FLAGS] & FAILED ? colours.card : colours.text;
		pen.fillText(visible(row[CALL]), Math.max(x, GUTTER) + 4, y + 11, width - 8);
	}
}

// What would be drawn upon the same pixel is drawn once, failures over the rest.
function drawEvents(pen, colours, lane, y, width) {
	const begin = Math.max(0, laneFind(lane, scale.from) - 1), marks = [], failed = [];
	let last = -1;
	for (let i = begin; i < lane.at.length; i++) {
		const at = lane.at[i], row = tape.rows[at];
		if (row[TIME] > scale.to)
			break;
		const x = Math.max(xOf(row[TIME]), GUTTER), end = Math.min(xOf(row[TIME] + row[DURATION]), width);
		if (end < GUTTER)
			continue;
		if (MARKS[row[KIND]])
			marks.push([row, x, at]);
		if (!isCall(row))
			continue;
		if (row[FLAGS] & (FAILED | IN_FLIGHT))
			failed.push([row, x, end, at]);
		else if (end - x > 1.5 || Math.floor(x) !== last) {
			pen.globalAlpha = timeline.matched && !timeline.matched[at] ? 0.2 : 1;
			drawCall(pen, colours, row, x, end, y);
			last = Math.floor(x);
		}
	}
	for (const [row, x, end, at] of failed) {
		pen.globalAlpha = timeline.matched && !timeline.matched[at] ? 0.2 : 1;
		drawCall(pen, colours, row, x, end, y);
	}
	for (const [row, x, at] of marks) {
		pen.globalAlpha = timeline.matched && !timeline.matched[at] ? 0.2 : 1;
		pen.fillStyle = row[KIND] >= KIND_EXIT ? colours.bad : colours.mark;
		if (row[KIND] === KIND_EXIT && /exited with 0$|^0$/.test(row[WORDS]))
			pen.fillStyle = colours.mark;
		triangle(pen, x, y);
	}
	pen.globalAlpha = 1;
}

function drawLane(pen, colours, lane, y, width) {
	const last = tape.rows[lane.at[lane.at.length - 1]];
	const from = Math.max(xOf(tape.rows[lane.at[0]][TIME]), GUTTER);
	const to = Math.min(xOf(last[TIME] + last[DURATION]), width);
	pen.fillStyle = colours.thread;
	if (to > from)
		pen.fillRect(from, y + (LANE - BAR) / 2, to - from, BAR);
	drawEvents(pen, colours, lane, y + (LANE - BAR) / 2, width);
	pen.fillStyle = colours.card;
	pen.fillRect(0, y, GUTTER - 1, LANE);
	pen.fillStyle = lane.failed ? colours.bad : colours.text;
	pen.textAlign = "left";
	pen.fillText(visible(laneName(lane)), 8, y + 15, GUTTER - 16);
}

function drawLines(pen, colours, width, height) {
	const row = tape.rows[eventList.selected];
	const line = (ns, colour, from) => {
		const x = Math.round(xOf(ns));
		if (x < GUTTER || x > width)
			return;
		pen.fillStyle = colour;
		pen.fillRect(x - 1, from, 2, height - from);
	};
	line(0, colours.bad, 0);
	if (row)
		line(row[TIME], colours["select-line"], AXIS);
	if (timeline.drag) {
		const [a, b] = [timeline.drag.from, timeline.drag.to].sort((x, y) => x - y);
		pen.globalAlpha = 0.25;
		pen.fillStyle = colours["select-line"];
		pen.fillRect(a, AXIS, b - a, height - AXIS);
		pen.globalAlpha = 1;
	}
}

function timelineDraw() {
	const {canvas, scroller} = timeline;
	const ratio = window.devicePixelRatio || 1;
	const width = scroller.clientWidth, height = scroller.clientHeight;
	timeline.pending = false;
	if (!width)
		return;
	if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
		canvas.width = Math.round(width * ratio);
		canvas.height = Math.round(height * ratio);
		canvas.style.width = width + "px";
		canvas.style.height = height + "px";
	}
	const pen = canvas.getContext("2d"), colours = timelineColours();
	pen.setTransform(ratio, 0, 0, ratio, 0, 0);
	pen.font = "12px system-ui, sans-serif";
	pen.clearRect(0, 0, width, height);
	drawAxis(pen, colours, width, height);
	const first = Math.floor(scroller.scrollTop / LANE);
	timeline.lanes.slice(first, first + Math.ceil(height / LANE) + 1).forEach((lane, i) => {
		const y = AXIS + (first + i) * LANE - scroller.scrollTop;
		if (y > AXIS - LANE)
			drawLane(pen, colours, lane, y, width);
	});
	pen.fillStyle = colours.card;
	pen.fillRect(0, 0, GUTTER - 1, AXIS);
	drawGaps(pen, colours, width, height);
	drawLines(pen, colours, width, height);
	timelineStatus();
}

function timelineStatus() {
	const status = byId("timeline-status");
	status.dataset.from = scale.from;
	status.dataset.to = scale.to;
	setText(status, scaleIsWhole() ? "all of " + longDurationText(scale.to - scale.from)
		: durationText(scale.to - scale.from) + " from " + secondsText(scale.from) + " on");
}

// Once before the next picture, however often it is asked for.
function timelineChanged() {
	if (!timeline.pending && timeline.canvas)
		requestAnimationFrame(timelineDraw);
	timeline.pending = true;
	filterTimeChanged();
}

/* ---- the pointer --------------------------------------------------------------------------- */

// The event at a place: the last that began before it, or the nearest one within some pixels.
function eventAt(x, y) {
	const lane = timeline.lanes[Math.floor((y - AXIS + timeline.scroller.scrollTop) / LANE)];
	if (!lane || x < GUTTER || y < AXIS)
		return -1;
	const next = laneFind(lane, timeAt(x)), near = 5;
	let best = -1, distance = near;
	for (let i = Math.max(0, next - 12); i < Math.min(lane.at.length, next + 12); i++) {
		const row = tape.rows[lane.at[i]];
		const from = xOf(row[TIME]), to = xOf(row[TIME] + row[DURATION]);
		const off = x < from ? from - x : x > to ? x - to : 0;
		const wins = off < distance || (off === distance && best >= 0 && off < near &&
			(row[FLAGS] & FAILED || !(tape.rows[best][FLAGS] & FAILED)));
		if (wins) {
			best = lane.at[i];
			distance = off;
		}
	}
	return best;
}

function gapAt(x) {
	return timeline.gaps.find((gap) => x >= Math.min(xOf(gap.from), xOf(gap.to) - 6) && x <= xOf(gap.to) + 3);
}

function showTip(x, y, text) {
	const tip = byId("tip");
	tip.hidden = !text;
	if (!text)
		return;
	tip.textContent = text;
	const left = Math.min(x + 14, window.innerWidth - tip.offsetWidth - 8);
	const below = y + 18 + tip.offsetHeight < window.innerHeight;
	tip.style.left = Math.max(left, 4) + "px";
	tip.style.top = (below ? y + 18 : y - tip.offsetHeight - 10) + "px";
}

function place(event) {
	const box = timeline.canvas.getBoundingClientRect();
	return [event.clientX - box.left, event.clientY - box.top];
}

function pointerMoved(event) {
	const [x, y] = place(event);
	if (timeline.drag) {
		timeline.drag.to = Math.max(x, GUTTER);
		showTip(0, 0, "");
		timelineChanged();
		return;
	}
	const at = eventAt(x, y), gap = at < 0 ? gapAt(x) : null;
	timeline.hover = at;
	timeline.canvas.style.cursor = at >= 0 ? "pointer" : "crosshair";
	showTip(event.clientX, event.clientY,
		at >= 0 ? eventText(tape.rows[at]) : gap ? visible(gap.words) : "");
}

function pointerDown(event) {
	const [x, y] = place(event);
	if (event.button || x < GUTTER || y < 0)
		return;
	timeline.canvas.setPointerCapture(event.pointerId);
	timeline.drag = {from: x, to: x};
}

function pointerUp(event) {
	const drag = timeline.drag;
	if (!drag)
		return;
	timeline.drag = null;
	if (Math.abs(drag.to - drag.from) > 4) {
		const [a, b] = [timeAt(drag.from), timeAt(drag.to)].sort((x, y) => x - y);
		scaleSet(a, b);
	} else {
		const at = eventAt(...place(event));
		if (at >= 0)
			selectEvent(at);
	}
	timelineChanged();
}

// Where there is nothing more to zoom out of, the wheel moves the page.
function wheelTurned(event) {
	const [x] = place(event);
	if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
		scalePan((event.deltaX || event.deltaY) / 1000);
	} else if (event.deltaY < 0 || !scaleIsWhole()) {
		scaleZoom(1.0015 ** Math.max(-400, Math.min(event.deltaY, 400)), timeAt(x));
	} else {
		return;
	}
	event.preventDefault();
	timelineChanged();
}

const timelineKeys = {
	"+": () => scaleZoom(0.5, keyCentre()),
	"=": () => scaleZoom(0.5, keyCentre()),
	"-": () => scaleZoom(2, keyCentre()),
	"0": scaleAll,
	ArrowLeft: () => scalePan(-0.2),
	ArrowRight: () => scalePan(0.2),
	Home: () => scaleSet(scale.first, scale.first + scale.to - scale.from),
	End: () => scaleSet(scale.last - scale.to + scale.from, scale.last),
};

// Keys zoom into what is selected, if that is in sight.
function keyCentre() {
	const row = tape.rows[eventList.selected];
	const in_sight = row && row[TIME] >= scale.from && row[TIME] <= scale.to;
	return in_sight ? row[TIME] : (scale.from + scale.to) / 2;
}

function timelineKey(event) {
	if (!timelineKeys[event.key] || event.ctrlKey || event.metaKey || event.altKey)
		return;
	event.preventDefault();
	event.stopPropagation();
	timelineKeys[event.key]();
	timelineChanged();
}

/* ---- the section --------------------------------------------------------------------------- */

function lastButton(text, ns) {
	return node("button", {type: "button", onclick: () => {
		scaleSet(-ns, Math.min(ns / 50, scale.last));
		timelineChanged();
	}}, text);
}

function zoomButton(text, title, change) {
	return node("button", {type: "button", title, "aria-label": title, onclick: () => {
		change();
		timelineChanged();
	}}, text);
}

function timelineControls() {
	const span = -scale.first;
	const lasts = [["last 10s", 1e10], ["last 1s", 1e9], ["last 100ms", 1e8], ["last 10ms", 1e7],
		["last 1ms", 1e6]].filter(([, ns]) => ns < span * 0.9);
	return node("div", {class: "controls"},
		zoomButton("all", "show all", scaleAll),
		lasts.map(([text, ns]) => lastButton(text, ns)),
		zoomButton("+", "zoom in", timelineKeys["+"]),
		zoomButton("\u2212", "zoom out", timelineKeys["-"]),
		node("span", {id: "timeline-status", class: "quiet", "aria-live": "polite"}));
}

function legend() {
	const entry = (kind, text) => node("span", {}, node("span", {class: "swatch " + kind}), text);
	return node("div", {class: "legend"},
		entry("call", "call"), entry("blocked", "long call"), entry("failed", "failed"),
		entry("flight", "in flight at the end"), entry("mark", "exec, fork, exit, signal"),
		entry("gap", "records missing"),
		node("span", {class: "hint"}, "Wheel or drag to zoom, shift and wheel to move; with "
			+ "the keyboard ", node("kbd", {}, "+"), " ", node("kbd", {}, "\u2212"), " ",
			node("kbd", {}, "0"), " and arrows."));
}

function gapList() {
	return timeline.gaps.length ? node("ul", {class: "gaps"}, timeline.gaps.map((gap) =>
		node("li", {}, "before " + secondsText(gap.to) + ": ", raw(gap.words)))) : null;
}

function timelineShow() {
	timeline.lanes = lanesOf(tape.rows);
	timeline.gaps = gapsOf(tape.rows);
	if (!timeline.lanes.length)
		return;
	const tall = AXIS + timeline.lanes.length * LANE + (timeline.gaps.length ? 18 : 2);
	const canvas = node("canvas", {tabindex: 0, role: "img", "aria-label":
		counted(timeline.lanes.length, "thread") + " over time; the events below say the same"});
	const space = node("div", {}, canvas);
	const scroller = node("div", {id: "lanes"}, space);
	Object.assign(timeline, {canvas, scroller});
	byId("timeline").append(...[
		node("h2", {}, "Timeline of " + counted(timeline.lanes.length, "thread")),
		timelineControls(), scroller, legend(), gapList()].filter(Boolean));
	scroller.style.height = Math.min(tall, TALLEST) + 2 + "px";
	space.style.height = tall + "px";
	canvas.addEventListener("pointermove", pointerMoved);
	canvas.addEventListener("pointerdown", pointerDown);
	canvas.addEventListener("pointerup", pointerUp);
	canvas.addEventListener("pointerleave", () => showTip(0, 0, ""));
	canvas.addEventListener("dblclick", () => {
		scaleAll();
		timelineChanged();
	});
	canvas.addEventListener("wheel", wheelTurned, {passive: false});
	canvas.addEventListener("keydown", timelineKey);
	scroller.addEventListener("scroll", timelineChanged);
	new ResizeObserver(timelineChanged).observe(scroller);
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", timelineChanged);
}
