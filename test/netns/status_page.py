# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks at the status page as a person would: status_page.py URL LINES FOLDER."""
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

url, lines, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def check(what, good):
    print(("ok: " if good else "FAILED: ") + what, flush=True)
    if not good:
        sys.exit(1)


def until(what, condition):
    try:
        WebDriverWait(browser, 20).until(lambda b: condition())
    except Exception as e:
        print(e, browser.get_log("browser"))
        check(what, False)
    check(what, True)


def text(name):
    return browser.find_element(By.ID, name).text


def rows():
    return len(browser.find_elements(By.CSS_SELECTOR, "#rows tr"))


def shot(name, width, height):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
    until(f"{name} fits {width} pixels",
          lambda: browser.execute_script("return document.documentElement.scrollWidth") <= width)
    browser.save_screenshot(f"{folder}/status-{name}-{width}.png")


options = webdriver.ChromeOptions()
for o in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"):
    options.add_argument(o)
options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
try:
    browser.get(url)
    until("all lines are told of", lambda: text("place").endswith(f"of {lines}"))
    check("a page of them is shown", rows() == min(lines, 50))
    until("events come", lambda: text("state") == "live" and "bit/s" in text("rate-now"))
    shot("lines", 1280, 900)
    shot("lines", 390, 844)
    sid = browser.find_element(By.CSS_SELECTOR, "#rows tr:nth-child(7) td:nth-child(2)").text
    mac = browser.find_element(By.CSS_SELECTOR, "#rows tr:nth-child(7) td:nth-child(4)").text
    browser.find_element(By.ID, "search").send_keys(mac)
    until("the search finds one", lambda: rows() == 1)
    browser.find_element(By.CSS_SELECTOR, "#rows a").click()
    until("its page has its data", lambda: mac in text("line-data") and sid in text("line-data"))
    shot("line", 1280, 900)
    shot("line", 390, 844)
    bad = [e for e in browser.get_log("browser") if e["level"] == "SEVERE"]
    print(bad)
    check("the console has no errors", not bad)
finally:
    browser.quit()
