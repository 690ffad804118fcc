// SPDX-License-Identifier: Apache-2.0
// What `igrec view` shows, and the files that were open at the end.

const TITLES = {deps: "Who talked to whom", tcp: "Connections", dns: "Names asked for",
	bind: "Addresses bound", file: "What was read and written", mount: "Mounts"};
const PEERS = ["deps", "tcp", "dns", "bind"], FILES = ["file", "mount"];

const cellText = {
	bool: (value) => value ? "yes" : "no",
	bytes: sizeText,
	duration: durationText,
	time: (value) => secondsText(value - data.info.time_ns),
	list: (value) => value.join(" "),
	int: String,
	text: String,
};

function viewTable(view) {
	const shown = view.head.columns.map((column, i) => ({...column, i}))
		.filter((column) => !column.wide && view.rows.some((row) => row[column.i] !== null));
	const rows = view.rows.map((row) => shown.map(({i, type}) =>
		row[i] === null ? "-" : cellText[type](row[i])));
	return table(shown, rows, {class: "wide"});
}

function viewNodes(view) {
	const cut = view.count - view.rows.length;
	return [
		node("h3", {title: view.head.help}, TITLES[view.head.name] || view.head.help),
		node("div", {class: "scroll"}, viewTable(view)),
		cut > 0 ? node("p", {class: "quiet"}, counted(cut, "more row") + ": igrec view "
			+ view.head.name + " has them.") : null,
	].filter(Boolean);
}

function viewsShow(id, title, names, more) {
	const views = data.views.filter((view) => names.includes(view.head.name) && view.rows.length);
	if (views.length || more.length)
		byId(id).append(node("h2", {}, title), ...views.flatMap(viewNodes), ...more);
}

function openFiles() {
	const {fds, tasks} = data.info;
	const pids = new Map(tasks.map((task) => [task.host_pid, task.pid]));
	if (!fds.length)
		return [];
	const columns = [{title: "PID", right: true}, {title: "FD", right: true}, {title: "TARGET"}];
	return [node("h3", {}, "Open when the dump was made"), node("div", {class: "scroll"},
		table(columns, fds.map((fd) => [pids.get(fd.host_pid) || "-", fd.fd, fd.target])))];
}

function tablesShow() {
	viewsShow("peers", "Peers", PEERS, []);
	viewsShow("files", "Files", FILES, openFiles());
}
