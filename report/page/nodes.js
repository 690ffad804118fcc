// SPDX-License-Identifier: Apache-2.0
// The only place that makes elements: text becomes text, nothing is parsed.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes || {})) {
		if (name.startsWith("on"))
			element.addEventListener(name.slice(2), value);
		else if (value === true)
			element.setAttribute(name, "");
		else if (value !== false && value !== null && value !== undefined)
			element.setAttribute(name, visible(value));
	}
	for (const child of children.flat(Infinity)) {
		if (child instanceof Node)
			element.append(child);
		else if (child !== null && child !== undefined && child !== "")
			element.append(document.createTextNode(visible(child)));
	}
	return element;
}

// node("td", {class: "right"}, "text", anotherNode, [more])
function node(tag, attributes, ...children) {
	return fill(document.createElement(tag), attributes, children);
}

function svgNode(tag, attributes, ...children) {
	return fill(document.createElementNS(SVG, tag), attributes, children);
}

function byId(id) {
	return document.getElementById(id);
}

function setText(element, text) {
	element.textContent = visible(text);
}

// What came from the container.
function raw(text) {
	return node("bdi", {class: "raw"}, text === null || text === undefined ? "-" : text);
}

// columns: [{title, right, fit}], fit: does not break lines; rows: arrays of children, or {cells, ...attributes of the row}
function table(columns, rows, attributes) {
	const classes = columns.map((column) =>
		["raw", column.right ? "right" : "", column.fit ? "fit" : ""].filter(Boolean).join(" "));
	const cell = (child, i) => node("td", {class: classes[i]}, child);
	return node("table", attributes,
		node("thead", {}, node("tr", {}, columns.map((column) =>
			node("th", {class: column.right ? "right" : null, scope: "col"},
			     column.title)))),
		node("tbody", {}, rows.map((row) => {
			const {cells, ...rest} = Array.isArray(row) ? {cells: row} : row;
			return node("tr", rest, cells.map(cell));
		})));
}
