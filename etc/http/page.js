// SPDX-License-Identifier: GPL-2.0-or-later
// The status page. What peers say reaches the page by textContent only. Rates come from the events;
// the list is asked for at the start and when a line is new, not each second.
"use strict";

const PAGE = 50, POINTS = 300, RELIST_MS = 5000;
const PARTS = ["pools", "radius", "shaper", "nat64", "mirror", "drops", "health"];
const COLUMNS = [["username", "User"], ["sid", "Session"], ["ifname", "Interface"], ["calling-sid", "MAC"],
	["ip", "IPv4"], ["ip6-dp", "IPv6 prefix"], ["state", "State"], ["up", "Up"], ["down", "Down"]];
const $ = id => document.getElementById(id);
const lines = new Map(); // by Acct-Session-Id
const past = []; // [time, up, down] of the box
let sort = "username", falling = false, first = 0, last = 0, listed = 0, shown = null, linePast = [];

function node(name, text, cls) {
	const e = document.createElement(name);
	if (text !== undefined)
		e.textContent = text;
	if (cls)
		e.className = cls;
	return e;
}

function rate(bits) {
	for (const unit of ["bit/s", "kbit/s", "Mbit/s"]) {
		if (bits < 1000)
			return (unit === "bit/s" ? Math.round(bits) : bits.toFixed(1)) + " " + unit;
		bits /= 1000;
	}
	return bits.toFixed(2) + " Gbit/s";
}

async function ask(path) {
	const r = await fetch("/api/v1/" + path);
	const j = await r.json();
	if (!r.ok)
		throw new Error(j.error);
	return j;
}

function chart(canvas) {
	const set = (label, color, dash) => ({ label, data: [], borderColor: color, borderDash: dash, pointRadius: 0, borderWidth: 2 });
	return new Chart(canvas, {
		type: "line",
		data: { labels: [], datasets: [set("Down", "#2f81d6", []), set("Up", "#d9822b", [6, 3])] },
		options: {
			animation: false, maintainAspectRatio: false,
			scales: { y: { beginAtZero: true, suggestedMax: 1000, ticks: { color: "#808080", callback: v => rate(v) } },
				x: { ticks: { color: "#808080", maxTicksLimit: 6, maxRotation: 0 } } },
			plugins: { legend: { labels: { color: "#808080" } } },
		},
	});
}

function plot(c, points) {
	c.data.labels = points.map(p => p[0]);
	c.data.datasets[0].data = points.map(p => p[2]);
	c.data.datasets[1].data = points.map(p => p[1]);
	c.update("none");
}

function keep(points, up, down) {
	points.push([new Date().toLocaleTimeString(), up, down]);
	if (points.length > POINTS)
		points.shift();
}

function chosen() {
	const wanted = $("search").value.toLowerCase();
	const all = [...lines.values()].filter(l => !wanted ||
		COLUMNS.some(([key]) => String(l[key] ?? "").toLowerCase().includes(wanted)));
	const sign = falling ? -1 : 1;
	return all.sort((a, b) => {
		const x = a[sort] ?? "", y = b[sort] ?? "";
		return sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y)));
	});
}

function drawLine(tr, l) {
	while (tr.cells.length < COLUMNS.length)
		tr.append(node("td"));
	COLUMNS.forEach(([key], i) => {
		const td = tr.cells[i], number = key === "up" || key === "down";
		const text = number ? rate(l[key]) : String(l[key] ?? "");
		if (number)
			td.className = "n";
		if (key !== "sid") {
			if (td.textContent !== text)
				td.textContent = text;
			return;
		}
		if (!td.firstChild) // kept from draw to draw, so that it keeps the focus
			td.append(node("a"));
		td.firstChild.textContent = text;
		td.firstChild.href = "#/line/" + encodeURIComponent(l["acct-session-id"]);
	});
}

function draw() {
	const all = chosen(), body = $("rows");
	first = Math.max(0, Math.min(first, Math.floor((all.length - 1) / PAGE) * PAGE));
	const page = all.slice(first, first + PAGE);
	while (body.rows.length > page.length)
		body.lastChild.remove();
	page.forEach((l, i) => drawLine(body.rows[i] || body.appendChild(node("tr")), l));
	$("place").textContent = all.length ? `${first + 1} to ${first + page.length} of ${all.length}` : "none";
	$("before").disabled = first === 0;
	$("after").disabled = first + PAGE >= all.length;
}

async function list() {
	if (performance.now() - listed < RELIST_MS && listed)
		return;
	listed = performance.now();
	const all = await ask("sessions"), ids = new Set();
	for (const l of all) {
		const id = l["acct-session-id"], old = lines.get(id);
		ids.add(id);
		lines.set(id, { ...l, up: old?.up ?? 0, down: old?.down ?? 0, rx: old?.rx ?? l["rx-bytes"], tx: old?.tx ?? l["tx-bytes"] });
	}
	for (const id of lines.keys())
		if (!ids.has(id))
			lines.delete(id);
	draw();
}

function onSessions(e) {
	const j = JSON.parse(e.data), now = performance.now(), s = (now - last) / 1000;
	const usable = last > 0;
	let up = 0, down = 0, fresh = false;
	for (const id of j.gone)
		lines.delete(id);
	for (const l of lines.values())
		l.up = l.down = 0;
	for (const [id, state, rx, tx] of j.changed) {
		const l = lines.get(id);
		if (!l) {
			fresh = true;
			continue;
		}
		if (usable) {
			up += l.up = Math.max(0, rx - l.rx) * 8 / s;
			down += l.down = Math.max(0, tx - l.tx) * 8 / s;
		}
		fresh ||= l.state !== state;
		Object.assign(l, { state, rx, tx });
	}
	last = now;
	keep(past, up, down);
	plot(boxChart, past);
	$("rate-now").textContent = `Down ${rate(down)}, up ${rate(up)}`;
	if (shown && lines.has(shown)) {
		keep(linePast, lines.get(shown).up, lines.get(shown).down);
		plot(lineChart, linePast);
	} else if (!shown) {
		draw();
	}
	if (fresh)
		list().catch(fail);
}

function tree(value) {
	const dl = node("dl"), rows = Array.isArray(value);
	for (const [key, v] of Object.entries(value)) {
		const dd = node("dd");
		dl.append(node("dt", rows ? String(Number(key) + 1) : key), dd);
		if (v !== null && typeof v === "object")
			dd.append(tree(v));
		else
			dd.textContent = v === null ? "none" : String(v);
	}
	return dl;
}

async function part(details, name) {
	if (!details.open)
		return;
	let content;
	try {
		content = tree(await ask(name));
	} catch (e) {
		content = node("p", e.message);
	}
	details.replaceChildren(details.firstChild, content);
}

async function route() {
	const m = /^#\/line\/(.+)$/.exec(location.hash);
	let id = null;
	try {
		id = m && decodeURIComponent(m[1]);
	} catch { /* no line has such a name */ }
	$("lines").hidden = id !== null;
	$("line").hidden = id === null;
	shown = null;
	if (id === null)
		return draw();
	const l = lines.get(id) || [...lines.values()].find(x => String(x.sid) === id);
	shown = l ? l["acct-session-id"] : id;
	linePast = [];
	plot(lineChart, linePast);
	$("line-title").textContent = "Line " + (l?.username ?? id);
	$("line-title").focus();
	try {
		const data = tree(await ask("session/" + encodeURIComponent("sid=" + (l ? l.sid : id))));
		$("line-data").replaceChildren(...data.childNodes);
	} catch (e) {
		$("line-data").replaceChildren(node("dt", "Error"), node("dd", e.message));
	}
}

function fail(e) {
	$("state").textContent = e.message;
}

function head() {
	for (const [key, name] of COLUMNS) {
		const th = node("th"), b = node("button", name);
		th.scope = "col";
		b.type = "button";
		b.onclick = () => {
			falling = sort === key ? !falling : key === "up" || key === "down";
			sort = key;
			for (const other of $("head").cells)
				other.removeAttribute("aria-sort");
			th.setAttribute("aria-sort", falling ? "descending" : "ascending");
			draw();
		};
		th.append(b);
		$("head").append(th);
	}
}

const boxChart = chart($("rate")), lineChart = chart($("line-rate"));
head();
for (const name of PARTS) {
	const d = node("details");
	d.append(node("summary", name));
	d.ontoggle = () => part(d, name);
	$("parts").append(d);
}
$("search").oninput = () => { first = 0; draw(); };
$("before").onclick = () => { first -= PAGE; draw(); };
$("after").onclick = () => { first += PAGE; draw(); };
window.onhashchange = route;
list().then(route).catch(fail);
const events = new EventSource("/api/v1/events");
events.onopen = () => { $("state").textContent = "live"; last = 0; };
events.onerror = () => { $("state").textContent = "no connection; trying again"; };
events.addEventListener("sessions", onSessions);
