// SPDX-License-Identifier: Apache-2.0
// Which stretch of time the timeline shows. Times are relative to the failure, in ns.

const scale = {from: 0, to: 0, first: 0, last: 0};
const SCALE_LEAST = 100; // ns: nothing is shorter

function scaleInit() {
	let first = Infinity, last = -Infinity;
	for (const row of tape.rows) {
		first = Math.min(first, row[TIME]);
		last = Math.max(last, row[TIME] + row[DURATION]);
	}
	if (!(first <= last))
		first = last = 0;
	// A little room at both ends, so that what happens there can be seen.
	const room = Math.max((last - first) * 0.01, 500);
	scale.first = first - room;
	scale.last = last + room;
	scaleAll();
}

function scaleAll() {
	scaleSet(scale.first, scale.last);
}

// Keeps the width if it can, and stays within what there is.
function scaleSet(from, to) {
	const most = scale.last - scale.first;
	const width = Math.min(Math.max(to - from, SCALE_LEAST), most);
	from = Math.min(Math.max(from, scale.first), scale.last - width);
	scale.from = from;
	scale.to = from + width;
}

function scaleIsWhole() {
	return scale.to - scale.from >= (scale.last - scale.first) * 0.999;
}

// factor < 1 shows less; the moment `at` stays where it is.
function scaleZoom(factor, at) {
	const from = at - (at - scale.from) * factor;
	scaleSet(from, from + (scale.to - scale.from) * factor);
}

// part: of what is shown.
function scalePan(part) {
	const by = (scale.to - scale.from) * part;
	scaleSet(scale.from + by, scale.to + by);
}

function scaleShow(time, duration) {
	const width = scale.to - scale.from;
	if (time < scale.from || time + Math.min(duration, width) > scale.to)
		scaleSet(time - width / 2, time + width / 2);
}

// Round moments, at most `most` of them, and how far apart they are.
function scaleTicks(most) {
	const least = (scale.to - scale.from) / most;
	const unit = 10 ** Math.floor(Math.log10(least));
	const step = unit * [1, 2, 5, 10].find((each) => each * unit >= least);
	const ticks = [];
	for (let at = Math.ceil(scale.from / step) * step; at <= scale.to; at += step)
		ticks.push(at);
	return {ticks, step};
}

function tickText(ns, step) {
	if (Math.abs(ns) < step / 2)
		return "0";
	const [unit, name] = step >= 1e8 ? [SECOND, "s"] : step >= 1e5 ? [1e6, "ms"]
		: step >= 100 ? [1e3, "us"] : [1, "ns"];
	const decimals = Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9));
	return (ns / unit).toFixed(decimals) + name;
}
