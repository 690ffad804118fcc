// SPDX-License-Identifier: Apache-2.0
// Text and figures as people read them, in the words of `igrec replay`.

// Controls, what reorders or hides text, and code points that are no character.
const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\ufff0-\ufffc]/gu;
const SECOND = 1e9;

// What came from a container, so that it does nothing but show.
function visible(text) {
	return String(text).replace(HARMFUL, (c) =>
		c === "\n" ? "\\n" : c === "\t" ? "\\t" : c === "\r" ? "\\r"
		: "\\u{" + c.codePointAt(0).toString(16) + "}");
}

// A text of several lines, line by line.
function visibleLines(text) {
	return String(text).split("\n").map(visible).join("\n");
}

// "-0.000208": relative to the failure.
function secondsText(ns) {
	const size = Math.abs(ns);
	const micros = String(Math.floor((size % SECOND) / 1000)).padStart(6, "0");
	return (ns < 0 ? "-" : "") + Math.floor(size / SECOND) + "." + micros;
}

// "850ns", "12.3us", "4.56ms", "12.3s": cut, not rounded.
function durationText(ns) {
	const units = [[SECOND, "s"], [1e6, "ms"], [1e3, "us"]];
	if (ns < 1000)
		return Math.floor(ns) + "ns";
	const [unit, name] = units.find(([size]) => ns >= size);
	const decimals = ns / unit < 10 ? 2 : ns / unit < 100 ? 1 : 0;
	const scale = 10 ** decimals;
	return (Math.floor(ns / unit * scale + 1e-9) / scale).toFixed(decimals) + name;
}

// "3m20s", "2h05m": how long something lived.
function longDurationText(ns) {
	const seconds = Math.floor(ns / SECOND);
	if (seconds < 60)
		return durationText(ns);
	const two = (n) => String(n).padStart(2, "0");
	if (seconds < 3600)
		return Math.floor(seconds / 60) + "m" + two(seconds % 60) + "s";
	return Math.floor(seconds / 3600) + "h" + two(Math.floor(seconds / 60) % 60) + "m";
}

function sizeText(bytes) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
	let unit = 0;
	for (; bytes >= 1024 && unit + 1 < units.length; unit++)
		bytes /= 1024;
	return (unit ? bytes.toFixed(1) : bytes) + " " + units[unit];
}

// "12,345"
function countText(count) {
	return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

// "1 event", "2 events"
function counted(count, noun, plural = noun + "s") {
	return countText(count) + " " + (count === 1 ? noun : plural);
}

// "2026-11-22 04:13:19 UTC"; of CLOCK_REALTIME.
function utcText(ns) {
	const date = new Date(ns / 1e6);
	if (isNaN(date))
		return String(ns) + "ns";
	return date.toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
}

// The same in the reader's own time zone.
function localText(ns) {
	const date = new Date(ns / 1e6);
	return isNaN(date) ? "" : date.toLocaleString(undefined, {
		dateStyle: "medium", timeStyle: "long" });
}
