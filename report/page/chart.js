// SPDX-License-Identifier: Apache-2.0
// Memory and CPU of the cgroup over the last minutes, and the container's log.

const CHART = {width: 640, height: 150, left: 64, right: 8, top: 14, bottom: 18};

// What counts from the cgroup's beginning on, as a rate: points stand at the later of two samples.
function rates(samples, key) {
	const points = [];
	for (let i = 1; i < samples.length; i++) {
		const [was, is] = [samples[i - 1], samples[i]];
		const ns = is.time_ns - was.time_ns;
		if (known(was[key]) && known(is[key]) && ns > 0 && is[key] >= was[key])
			points.push([is.time_ns, (is[key] - was[key]) / ns]);
	}
	return points;
}

function known(value) {
	return value !== null && value !== undefined;
}

function vitalOf(name) {
	const vital = data.info.vitals.find((each) => each.name === name);
	return vital && vital.value < NO_LIMIT ? vital.value : null;
}

function isUnlimited(name) {
	return data.info.vitals.some((each) => each.name === name && each.value >= NO_LIMIT);
}

// A bound for the axis that is not odd to read: 1, 2, 2.5 or 5 times a power of `base`.
function niceAbove(value, base) {
	const unit = base ** Math.floor(Math.log(value) / Math.log(base));
	const steps = base === 10 ? [1, 2, 2.5, 5, 10] : [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
	return unit * steps.find((step) => step * unit >= value * 0.999);
}

function chartAxis(chart, at) {
	const {left, right, top, bottom, width, height} = CHART;
	const lines = [0, 0.5, 1].map((part) => [chart.most * part, at.y(chart.most * part)]);
	const seconds = [chart.from, (chart.from + chart.to) / 2, chart.to];
	return [
		lines.map(([, y]) => svgNode("line", {class: "axis", x1: left, x2: width - right,
						      y1: y, y2: y})),
		lines.map(([value, y]) => svgNode("text", {x: left - 6, y: y + 4,
			"text-anchor": "end"}, chart.format(value))),
		seconds.map((ns, i) => svgNode("text", {x: at.x(ns), y: height - bottom + 14,
			"text-anchor": ["start", "middle", "end"][i]},
			i === 2 && Math.abs(ns) < SECOND ? "the end"
				: (ns < 0 ? "-" : "") + longDurationText(Math.abs(ns)))),
		svgNode("line", {class: "axis", x1: left, x2: left, y1: top, y2: height - bottom}),
	].flat();
}

// chart: {title, points: [[rel_ns, value]], limit, format, most, from, to, class}
function chartNode(chart) {
	const {left, right, top, bottom, width, height} = CHART;
	const span = Math.max(chart.to - chart.from, 1);
	const at = {
		x: (ns) => left + (ns - chart.from) / span * (width - left - right),
		y: (value) => height - bottom - value / chart.most * (height - top - bottom),
	};
	const line = chart.points.map(([ns, value]) =>
		at.x(ns).toFixed(1) + "," + at.y(value).toFixed(1));
	const first = chart.points[0], last = chart.points[chart.points.length - 1];
	const floor = height - bottom;
	const svg = svgNode("svg", {class: chart.class, viewBox: "0 0 " + width + " " + height,
			    role: "img", "aria-label": chart.summary},
		chartAxis(chart, at),
		svgNode("path", {class: "area", d: "M" + at.x(first[0]) + "," + floor + "L"
			+ line.join("L") + "L" + at.x(last[0]) + "," + floor + "Z"}),
		svgNode("polyline", {class: "curve", points: line.join(" ")}),
		chart.limit ? [
			svgNode("line", {class: "limit", x1: left, x2: width - right,
					 y1: at.y(chart.limit), y2: at.y(chart.limit)}),
			svgNode("text", {x: width - right, y: at.y(chart.limit) - 4,
					 "text-anchor": "end"}, "limit " + chart.format(chart.limit)),
		] : []);
	return node("div", {}, node("h3", {}, chart.title + " ",
		node("span", {class: "quiet"}, chart.summary)), svg);
}

function memoryChart(samples, from, to) {
	const limit = vitalOf("memory.max");
	const points = samples.filter((sample) => known(sample.memory_bytes))
		.map((sample) => [sample.time_ns - data.info.time_ns, sample.memory_bytes]);
	if (points.length < 2)
		return null;
	const peak = Math.max(...points.map(([, value]) => value));
	const near = limit && peak > limit / 8;
	const last = points[points.length - 1][1];
	return chartNode({title: "Memory", points, from, to, class: "memory", format: sizeText,
		limit: near ? limit : null, most: niceAbove(Math.max(peak, near ? limit : 1), 1024),
		summary: sizeText(last) + " last, " + sizeText(peak) + " at most, "
			+ (limit ? "limit " + sizeText(limit) : isUnlimited("memory.max") ? "no limit" : "limit not known")});
}

function cpuChart(samples, from, to) {
	const points = rates(samples, "cpu_ns")
		.map(([ns, cores]) => [ns - data.info.time_ns, cores * 100]);
	const throttled = rates(samples, "throttled_ns").some(([, part]) => part > 0);
	if (points.length < 2)
		return null;
	const peak = Math.max(...points.map(([, value]) => value));
	const percent = (value) => (value < 10 ? value.toFixed(1) : value.toFixed(0)) + " %";
	return chartNode({title: "CPU", points, from, to, class: "cpu", format: percent,
		most: niceAbove(Math.max(peak, 1), 10),
		summary: "at most " + percent(peak) + " of one"
			+ (throttled ? ", throttled by its quota" : "")});
}

// Threads, limit and I/O in words.
function otherFigures(samples) {
	const last = samples[samples.length - 1];
	const pids = Math.max(...samples.map((sample) => sample.pids || 0));
	return [
		pids ? "Threads: " + countText(pids) + " at most" : "",
		last.limit_hits ? "memory was to grow beyond its limit "
			+ counted(last.limit_hits, "time") : "",
		last.throttled ? "CPU quota used up in " + counted(last.throttled, "period") : "",
		last.read_bytes ? "read from disks: " + sizeText(last.read_bytes) : "",
		last.written_bytes ? "written to disks: " + sizeText(last.written_bytes) : "",
	].filter(Boolean).join("; ") + ".";
}

// What the OOM killer saw, and whom it chose.
function oomNodes() {
	const oom = data.info.oom;
	if (!oom)
		return [];
	const size = (bytes) => known(bytes) && bytes >= 0 ? sizeText(bytes) : "-";
	const columns = [{title: "PID", right: true}, {title: "MEMORY", right: true},
		{title: "THREADS", right: true}, {title: "COMM"}, {title: "COMMAND"}];
	const rows = oom.processes.map((each) => [each.pid, size(each.rss_bytes), each.threads || "-",
		each.comm, each.argv.join(" ")]);
	return [
		node("h3", {}, "Out of memory"),
		node("p", {}, "In use " + size(oom.usage_bytes) + ", at most " + size(oom.peak_bytes)
			+ ", limit " + size(oom.limit_bytes) + ". ", oom.victim
			? ["The kernel chose ", raw(oom.victim.pid + " " + oom.victim.comm),
				oom.victim.is_init ? ", the container's first process." : "."] : null),
		rows.length ? node("div", {class: "scroll"}, table(columns, rows)) : null,
	].filter(Boolean);
}

function chartNodes(samples) {
	if (samples.length < 2)
		return [];
	const from = samples[0].time_ns - data.info.time_ns;
	const to = Math.max(samples[samples.length - 1].time_ns - data.info.time_ns, 0);
	const charts = [memoryChart(samples, from, to), cpuChart(samples, from, to)].filter(Boolean);
	return [
		node("p", {class: "quiet"}, "The last " + longDurationText(to - from) + ". ",
		     otherFigures(samples)),
		node("div", {class: "charts"}, charts),
	];
}

function resourcesShow() {
	const samples = (data.info.samples || []).filter((sample) => known(sample.time_ns));
	const nodes = [...chartNodes(samples), ...oomNodes()];
	if (nodes.length)
		byId("resources").append(node("h2", {}, "Memory and CPU"), ...nodes);
}

/* ---- the log ------------------------------------------------------------------------------- */

// Colours are left out; whatever else a terminal would act upon is shown.
function logLine(line) {
	const colours = /\u001b\[[0-9;]*m/g;
	const when = known(line.time_ns) ? utcText(line.time_ns).slice(11, 19) + " " : "";
	return node("div", {class: line.stream === "stderr" ? "stderr" : null},
		node("span", {class: "quiet"}, when), raw(String(line.text).replace(colours, "")),
		line.truncated ? node("span", {class: "quiet"}, " (cut)") : null);
}

function logShow() {
	const lines = data.info.log || [];
	if (!lines.length)
		return;
	const title = "Log, the last " + counted(lines.length, "line");
	const pre = node("pre", {tabindex: 0, "aria-label": title}, lines.map(logLine));
	byId("log").append(node("h2", {}, title), pre);
	pre.scrollTop = pre.scrollHeight;
}
