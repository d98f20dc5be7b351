// SPDX-License-Identifier: GPL-2.0-or-later
// The status page. What peers say reaches the page by textContent only. Rates come from the events;
// the list is asked for at the start and when a line is new, not each second.
"use strict";

const PAGE = 50, ROWS_MAX = 500, POINTS = 300, RELIST_MS = 5000, LOOK_MS = 10000;
const PARTS = ["pools", "radius", "shaper", "nat64", "mirror", "cpu", "drops", "health"];
// Class "n" is a number, "more" has no room on a phone: it is on the line's page.
const COLUMNS = [["username", "User", ""], ["sid", "Session", "n more"], ["down", "Down", "n"], ["up", "Up", "n"], ["state", "State", "more"],
	["ip", "IPv4", "more"], ["prefix", "IPv6 prefix", "more"], ["calling-sid", "MAC", "more"], ["ifname", "Interface", "more"]];
const $ = id => document.getElementById(id);
const lines = new Map(); // by Acct-Session-Id
const past = [], cpuPast = []; // [time, down, up], [time, percent] of the box
let sort = "username", falling = false, first = 0, last = 0, listed = 0, relist = 0, cpu = null;
const listsOut = new Set(); // for each list on its way the lines that went since, which it may still have
let shown = null, seen = null, linePast = [], rttPast = []; // Acct-Session-Id and row of the line looked at

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

const COLORS = [["#2f81d6", []], ["#c8690a", [6, 3]]];
const style = name => () => getComputedStyle(document.documentElement).getPropertyValue(name);
const ink = style("--text"), edge = style("--edge");

function chart(canvas, names, max, text) {
	return new Chart(canvas, {
		type: "line",
		data: { labels: [], datasets: names.map((label, i) => ({ label, data: [], borderColor: COLORS[i][0],
			borderDash: COLORS[i][1], pointRadius: 0, borderWidth: 2, order: -i })) },
		options: {
			animation: false, maintainAspectRatio: false,
			scales: { y: { beginAtZero: true, suggestedMax: max, grid: { color: edge }, ticks: { color: ink, callback: text, maxTicksLimit: 6 } },
				x: { grid: { display: false }, ticks: { color: ink, maxTicksLimit: 4, maxRotation: 0 } } },
			plugins: { legend: { display: names.length > 1, reverse: true, labels: { color: ink, boxHeight: 0 } } },
		},
	});
}

function plot(c, points) {
	c.data.labels = points.map(p => p[0]);
	c.data.datasets.forEach((set, i) => { set.data = points.map(p => p[i + 1]); });
	c.update("none");
}

function keep(points, ...values) {
	points.push([new Date().toTimeString().slice(0, 8), ...values]);
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
	COLUMNS.forEach(([key, , cls], i) => {
		const td = tr.cells[i] || tr.appendChild(node("td", undefined, cls));
		const text = key === "up" || key === "down" ? rate(l[key]) : String(l[key] ?? "");
		if (key !== "username") {
			if (td.textContent !== text)
				td.textContent = text;
			return;
		}
		if (!td.firstChild) // kept from draw to draw, so that it keeps the focus
			td.append(node("a"));
		td.firstChild.textContent = text || "(no name)";
		td.firstChild.href = "#/line/" + encodeURIComponent(l["acct-session-id"]);
	});
}

function draw() {
	if ($("lines").hidden)
		return;
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

// Now, or when the last time is long enough ago: what asks in between is not forgotten.
function wantList() {
	const wait = listed ? RELIST_MS - (performance.now() - listed) : 0;
	if (!relist)
		relist = setTimeout(() => { relist = 0; list().catch(fail); }, Math.max(0, wait));
}

async function list() {
	listed = performance.now();
	const gone = new Set(), ids = new Set();
	listsOut.add(gone);
	const all = await ask("sessions").finally(() => listsOut.delete(gone));
	for (const l of all) {
		const id = l["acct-session-id"], old = lines.get(id);
		if (gone.has(id))
			continue;
		ids.add(id);
		lines.set(id, { ...l, prefix: l["ip6-dp"] ?? l.ip6, up: old?.up ?? 0, down: old?.down ?? 0, rx: old?.rx ?? l["rx-bytes"], tx: old?.tx ?? l["tx-bytes"] });
	}
	for (const id of lines.keys())
		if (!ids.has(id))
			lines.delete(id);
	draw();
	if (shown && !seen && lines.has(shown))
		route();
}

function onSessions(e) {
	const j = JSON.parse(e.data), s = (j.at - last) / 1000; // the daemon's clock: events may come in a bunch
	const usable = last > 0 && s > 0;
	let up = 0, down = 0, fresh = false;
	for (const id of j.gone) {
		lines.delete(id);
		listsOut.forEach(gone => gone.add(id));
	}
	for (const l of usable ? lines.values() : [])
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
	last = j.at;
	if (usable) // else no rate is known: that is not a rate of 0
		rates(down, up);
	draw();
	if (fresh)
		wantList();
}

function rates(down, up) {
	keep(past, down, up);
	plot(boxChart, past);
	$("rate-now").textContent = `Down ${rate(down)}, up ${rate(up)}`;
	if (shown && lines.has(shown)) {
		keep(linePast, lines.get(shown).down, lines.get(shown).up);
		plot(lineChart, linePast);
	}
}

// The daemon's share of one core, from its CPU time: as true as the time between two events.
function onHealth(e) {
	const j = JSON.parse(e.data), now = performance.now(), used = j.process["cpu-us"];
	if (cpu && used >= cpu.used && now > cpu.now) {
		const percent = (used - cpu.used) / (now - cpu.now) / 10;
		keep(cpuPast, percent);
		plot(cpuChart, cpuPast);
		$("cpu-now").textContent = `The daemon uses ${percent.toFixed(1)} % of a core`;
	}
	cpu = { used, now };
}

const inner = v => v !== null && typeof v === "object";

// What an object is told in one line as: a histogram's buckets are for machines.
function brief(v) {
	if (Array.isArray(v) && !v.some(inner))
		return v.length ? v.join(", ") : "none";
	if (inner(v) && "le-us" in v && "count" in v)
		return v.count ? `${v.count} times, ${(v["sum-us"] / v.count / 1000).toFixed(2)} ms on average, ` +
			`${(v["max-us"] / 1000).toFixed(2)} ms at most` : "never";
	return inner(v) ? null : v === null || v === "" ? "none" : String(v);
}

const flat = x => inner(x) && !Object.values(x).some(inner);

function tree(value) {
	const dl = node("dl"), rows = Array.isArray(value);
	for (const [key, v] of Object.entries(value)) {
		const dd = node("dd"), text = brief(v);
		dl.append(node("dt", rows ? String(Number(key) + 1) : key), dd);
		if (text === null)
			dd.append(Array.isArray(v) && v.every(flat) ? table(v, key) : tree(v));
		else
			dd.textContent = text;
	}
	return dl;
}

// Of hundreds of reasons those that there were.
function dropped(drops) {
	const some = Object.entries(drops).filter(([, n]) => n);
	return some.length ? tree(Object.fromEntries(some)) : node("p", "none");
}

// A list of things of one kind: a table; what is within a thing is told below its name.
function table(list, name) {
	const keys = Object.keys(list[0]), t = node("table"), row = node("tr"), wide = node("div", undefined, "wide");
	const numbers = new Set(keys.filter(k => list.every(x => typeof x[k] === "number")));
	for (const key of keys) {
		const th = node("th", key, numbers.has(key) ? "n" : "");
		th.scope = "col";
		row.append(th);
	}
	t.createTHead().append(row);
	for (const x of list.slice(0, ROWS_MAX)) {
		const tr = t.insertRow();
		for (const key of keys)
			tr.append(node("td", x[key] === null ? "none" : String(x[key] ?? ""), numbers.has(key) ? "n" : ""));
	}
	if (list.length > ROWS_MAX)
		t.createCaption().textContent = `The first ${ROWS_MAX} of ${list.length}`;
	wide.tabIndex = 0;
	wide.setAttribute("role", "region");
	wide.setAttribute("aria-label", name);
	t.setAttribute("aria-label", name);
	wide.append(t);
	return wide;
}

async function part(details, name) {
	if (!details.open)
		return;
	let content;
	try {
		const j = await ask(name);
		if (name === "drops")
			content = dropped(j);
		else if (Array.isArray(j) && !j.length)
			content = node("p", "none");
		else if (Array.isArray(j) && j.every(flat))
			content = table(j, name);
		else
			content = tree(j);
	} catch (e) {
		content = node("p", e.message);
	}
	details.replaceChildren(details.firstChild, content);
}

function problem(text) {
	$("line-data").replaceChildren(node("dt", "Error"), node("dd", text));
}

function timeline(items, sid) {
	const own = items.filter(i => i.sid === sid);
	return (own.length ? own : items).map(i => {
		const li = node("li"), time = node("time", new Date(i.time).toLocaleString());
		time.dateTime = i.time;
		li.append(time, " " + i.event + (i.detail ? ": " + i.detail : ""));
		return li;
	});
}

// The line looked at: all that is known, how long its last echo took, and what has happened to it.
async function look() {
	const id = shown, l = seen;
	const answer = await ask("session/" + encodeURIComponent("sid=" + l.sid));
	const data = [answer].flat().find(x => x["acct-session-id"] === id);
	if (shown !== id)
		return;
	if (!data)
		return problem("This line is no longer up.");
	const rtt = data.lcp["echo-rtt-us"] / 1000;
	$("line-data").replaceChildren(...tree(data).childNodes);
	$("rtt-now").textContent = rtt ? `Last LCP echo: ${rtt.toFixed(2)} ms` : "No LCP echo has been answered yet";
	if (rtt) {
		keep(rttPast, rtt);
		plot(rttChart, rttPast);
	}
	const items = await ask("history/" + encodeURIComponent("mac=" + l["calling-sid"]));
	if (shown === id)
		$("line-events").replaceChildren(...timeline(items, l.sid));
}

function lookAgain() {
	if (document.hidden)
		return;
	if (seen)
		look().catch(e => problem(e.message));
	for (const d of $("system").querySelectorAll("details"))
		if (!$("system").hidden && !(document.activeElement !== d.firstChild && d.contains(document.activeElement)))
			part(d, d.firstChild.textContent);
}

function route() {
	const m = /^#\/line\/(.+)$/.exec(location.hash);
	let id = null;
	try {
		id = m && decodeURIComponent(m[1]);
	} catch { /* no line has such a name */ }
	const system = location.hash === "#/system";
	$("lines").hidden = system || id !== null;
	$("box").hidden = id !== null;
	$("line").hidden = id === null;
	$("system").hidden = !system;
	for (const [name, here] of [["to-lines", !system && id === null], ["to-system", system]])
		if (here)
			$(name).setAttribute("aria-current", "page");
		else
			$(name).removeAttribute("aria-current");
	shown = seen = null;
	if (id === null)
		return draw();
	seen = lines.get(id) || [...lines.values()].find(x => String(x.sid) === id) || null;
	shown = seen ? seen["acct-session-id"] : id;
	linePast = [];
	rttPast = [];
	plot(lineChart, linePast);
	plot(rttChart, rttPast);
	$("rtt-now").textContent = "";
	$("line-events").replaceChildren();
	$("line-title").textContent = "Line " + (seen?.username ?? id);
	$("line-title").focus();
	if (seen)
		lookAgain();
	else
		problem("No line of this id is up.");
}

function fail(e) {
	$("state").textContent = e.message;
}

function head() {
	for (const [key, name, cls] of COLUMNS) {
		const th = node("th", undefined, cls), b = node("button", name);
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

const boxChart = chart($("rate"), ["Down", "Up"], 1000, rate);
const cpuChart = chart($("cpu"), ["CPU of the daemon"], 1, v => v + " %");
const lineChart = chart($("line-rate"), ["Down", "Up"], 1000, rate);
const rttChart = chart($("line-rtt"), ["LCP echo"], 1, v => v + " ms");
head();
for (const name of PARTS) {
	const d = node("details");
	d.append(node("summary", name));
	d.ontoggle = () => part(d, name);
	$("system").append(d);
}
$("search").oninput = () => { first = 0; draw(); };
$("before").onclick = () => { first -= PAGE; draw(); };
$("after").onclick = () => { first += PAGE; draw(); };
window.onhashchange = route;
setInterval(lookAgain, LOOK_MS);
list().then(route).catch(fail);
const events = new EventSource("/api/v1/events");
// What has changed before we were told of changes is in a list that is asked for now.
events.onopen = () => { $("state").textContent = "live"; last = 0; cpu = null; wantList(); };
events.onerror = () => { $("state").textContent = "no connection; trying again"; };
events.addEventListener("sessions", onSessions);
events.addEventListener("health", onHealth);
events.addEventListener("missed", () => { last = 0; wantList(); });
