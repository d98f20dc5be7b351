# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks at the status page as a person would: status_page.py URL LINES FOLDER."""
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

url, lines, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]

# All text that is seen, and how it stands out from what is behind it (WCAG 2.1, 1.4.3).
CONTRAST = """
const lum = c => { const [r, g, b] = c.map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
	return .2126 * r + .7152 * g + .0722 * b; };
const rgb = s => s.match(/[\\d.]+/g).map(Number);
const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
	if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
let worst = [99, ""];
for (const e of document.querySelectorAll("body *")) {
	if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.offsetParent || e.disabled) continue;
	const a = lum(rgb(getComputedStyle(e).color).slice(0, 3)), b = lum(behind(e));
	const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
	if (ratio < worst[0]) worst = [ratio, e.outerHTML.slice(0, 80)];
}
return worst;
"""
NAMED = {"button", "link", "searchbox", "textbox", "img", "image", "table", "heading", "region", "DisclosureTriangle"}


def check(what, good, detail=""):
    print(("ok: " if good else f"FAILED {detail}: ") + what, flush=True)
    if not good:
        sys.exit(1)


def until(what, condition):
    try:
        WebDriverWait(browser, 60).until(lambda b: condition())
    except Exception as e:
        print(e, browser.get_log("browser"))
        check(what, False)
    check(what, True)


def text(name):
    return browser.find_element(By.ID, name).text


def rows():
    return len(browser.find_elements(By.CSS_SELECTOR, "#rows tr"))


def script(code):
    return browser.execute_script("return " + code)


def shot(name, width, height):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
    until(f"{name} fits {width} pixels", lambda: script("document.documentElement.scrollWidth") <= width)
    browser.save_screenshot(f"{folder}/status-{name}-{width}.png")


def scheme(name):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": name}]})


def shots(name, tall=0):
    for kind in ("light", "dark"):
        scheme(kind)
        ratio, where = browser.execute_script(CONTRAST)
        check(f"{name}, {kind}: text stands out", ratio >= 4.5, f"{ratio:.2f} {where}")
        shot(f"{name}-{kind}", 1280, tall or 900)
        shot(f"{name}-{kind}", 390, tall or 844)
    scheme("light")
    shot(f"{name}-light", 1280, 900)


def accessible(name):
    """What a screen reader is told: each thing has a name, headings go down one by one, one main part."""
    tree = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    tree = [n for n in tree if not n.get("ignored")]
    roles = [n["role"]["value"] for n in tree]
    bare = [n["role"]["value"] for n in tree
            if n["role"]["value"] in NAMED and not n.get("name", {}).get("value", "").strip()]
    check(f"{name}: everything has a name", not bare, bare)
    check(f"{name}: one main part, and a status", roles.count("main") == 1 and roles.count("status") == 1, set(roles))
    levels = [p["value"]["value"] for n in tree if n["role"]["value"] == "heading"
              for p in n.get("properties", []) if p["name"] == "level"]
    check(f"{name}: headings go down one by one", levels[:1] == [1] and all(b <= a + 1 for a, b in zip(levels, levels[1:])), levels)


def key(*keys):
    ActionChains(browser).send_keys(*keys).perform()


def tab_to(what, condition):
    for _ in range(40):
        key(Keys.TAB)
        if script(condition):
            return check(what, True)
    check(what, False)


def smooth():
    """The main thread's share of a core while events come."""
    browser.execute_cdp_cmd("Performance.enable", {})
    busy = lambda: {m["name"]: m["value"] for m in browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}["TaskDuration"]
    before, began = busy(), time.monotonic()
    time.sleep(5)
    share = (busy() - before) / (time.monotonic() - began)
    print(f"the page's thread is at work {share * 100:.1f} % of the time", flush=True)
    check("the page is smooth", share < 0.5)


STALE = """
const done = arguments[0], real = window.fetch, id = [...lines.keys()][0], ghost = "ffffffffffffffff";
window.fetch = async (...a) => {
	const answer = await real(...a);
	if (!a[0].endsWith("/sessions"))
		return answer;
	window.fetch = real;
	const points = past.length;
	onSessions({ data: JSON.stringify({ at: last, changed: [], gone: [id] }) });
	const stays = lines.has(id), drawn = past.length - points;
	setTimeout(() => done([stays, lines.has(id), lines.has(ghost), drawn]), 1000);
	return answer;
};
lines.set(ghost, { ...lines.get(id), "acct-session-id": ghost });
events.dispatchEvent(new MessageEvent("missed", { data: "3" }));
"""


def stale():
    """A line that goes while a list is on its way, which still has it; and who missed events asks for a list."""
    stays, again, ghost, drawn = browser.execute_async_script(STALE)
    check("lines that have gone are not shown again", not (stays or again or ghost))
    check("where no rate is known none is drawn", drawn == 0, drawn)
    script("wantList()")
    until("the list is whole again", lambda: text("place").endswith(f"of {lines + 1}"))


def overview():
    until("all lines are told of", lambda: text("place").endswith(f"of {lines}"))
    check("a page of them is shown", rows() == 50)
    until("events come", lambda: text("state") == "live" and "bit/s" in text("rate-now"))
    until("a new line is told of", lambda: text("place").endswith(f"of {lines + 1}"))
    until("the next one too", lambda: text("place").endswith(f"of {lines + 2}"))
    until("and one that has gone", lambda: text("place").endswith(f"of {lines + 1}"))
    stale()
    highest = script("Math.max(...Chart.getChart('rate').data.datasets.flatMap(s => s.data))")
    check("what was before we came is no rate", highest < 5e6, highest)
    until("the daemon's CPU", lambda: "%" in text("cpu-now"))
    until("its graph", lambda: script("Chart.getChart('cpu').data.datasets[0].data.length") > 2)
    smooth()
    accessible("lines")
    shots("lines")


def by_keyboard():
    script("document.body.focus()")
    tab_to("Tab comes to the search", "document.activeElement.id === 'search'")
    key("alice")
    until("the search finds one", lambda: rows() == 1)
    until("its rate is there", lambda: "kbit/s" in browser.find_element(By.CSS_SELECTOR, "#rows td.n:not(.more)").text)
    tab_to("Tab comes to its link", "document.activeElement.matches('#rows a')")
    check("what has the focus is seen", script("getComputedStyle(document.activeElement).outlineStyle") != "none")
    key(Keys.ENTER)
    until("its page has its data", lambda: "alice" in text("line-title") and "echo-rtt-us" in text("line-data"))
    check("the reader is taken there", script("document.activeElement.id") == "line-title")


def line():
    until("its graph shows the traffic",
          lambda: script("Math.max(...Chart.getChart('line-rate').data.datasets[0].data, 0)") > 100000)
    until("its echo's time", lambda: " ms" in text("rtt-now"))
    until("twice in the graph", lambda: script("Chart.getChart('line-rtt').data.datasets[0].data.length") > 1)
    check("its timeline", all(w in text("line-events") for w in ("dial", "accept", "ipv4-up")), text("line-events"))
    accessible("line")
    shots("line", 1800)
    browser.get(url + "#/line/0123456789abcdef")
    until("a line that is not there", lambda: "No line of this id" in text("line-data"))


def system():
    browser.get(url + "#/system")
    check("the system's view is the current one", script("document.querySelector('[aria-current]').id") == "to-system")
    for summary in browser.find_elements(By.CSS_SELECTOR, "#system summary"):
        name = summary.text
        summary.send_keys(Keys.ENTER)
        until(f"{name} opens", lambda: browser.find_elements(
            By.XPATH, f"//details[summary='{name}']/*[self::dl or self::p or self::div]"))
    check("pools are a table", "total" in [th.text for th in browser.find_elements(By.CSS_SELECTOR, "#system details:first-of-type th")])
    check("of the drops those that there were", len(browser.find_elements(By.XPATH, "//details[summary='drops']//dt")) < 50)
    accessible("system")
    script("window.scrollTo(0, 0)")
    shots("system", 2400)


options = webdriver.ChromeOptions()
for o in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"):
    options.add_argument(o)
options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
try:
    browser.get(url)
    overview()
    by_keyboard()
    line()
    system()
    bad = [e for e in browser.get_log("browser") if e["level"] == "SEVERE"]
    check("the console has no errors", not bad, bad)
finally:
    browser.quit()
