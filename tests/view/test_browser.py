"""The page in a real browser: quiet, true to the store, operable, and deaf to hostile texts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fixtures.browsing import OpenView
from fixtures.homes import Home
from fixtures.hostile import RAN, TEXTS
from fixtures.scenes import COMMAND, ERROR, PASSED, WORDS, shop
from fixtures.stories import Story

VIEWS = ("", "sessions", "memories", "summaries", "search?q=total")
TREE = {"CODEMEMORY_LEAF_CHUNK_TOKENS": "1000", "CODEMEMORY_LEAF_TARGET_TOKENS": "100"}
NARROW_PX = 360
SHIFTS = """
() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) sum += one.value;
  }).observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(sum), 300);
})
"""


def failure_of(home: Home, words: str) -> dict[str, Any]:
    """Return the failure whose line holds these words."""
    found = home.json("memory", "list", "--kind", "failure", "--all-projects")["nodes"]
    return next(one for one in found if words in one["content"])


def test_it_opens_without_a_word_or_a_request_and_does_not_move(home: Home, open_view: OpenView) -> None:
    first = shop(home)[0]
    opened = open_view()
    for place in (*VIEWS, f"session/{first.session}", f"node/{failure_of(home, 'test_total')['id']}"):
        opened.at(place)
    opened.assert_quiet()
    fresh = opened.page.context.new_page()
    fresh.goto(opened.path.as_uri())
    fresh.wait_for_selector("#main[data-ready]")
    moved = fresh.evaluate(SHIFTS)
    assert moved == 0


def test_every_number_is_the_stores(home: Home, open_view: OpenView) -> None:
    shop(home, turns=12)
    status = home.json("status")
    listed = home.json("memory", "list", "--all-projects", "--limit", "10000")["nodes"]
    page = open_view().at()
    figures = {
        one.get_attribute("data-figure"): one.evaluate("one => one.firstChild.textContent").replace(",", "")
        for one in page.query_selector_all("[data-figure]")
    }
    assert {name: int(text) for name, text in figures.items()} == {
        **{name: status["counts"][name] for name in ("sessions", "messages", "summaries")},
        "memories": len(listed),
        "injected": status["injected"]["count"],
    }
    shown = {one.get_attribute("data-count"): int(one.inner_text()) for one in page.query_selector_all("[data-count]")}
    kinds = status["counts"]["nodes"]
    assert {name: count for name, count in shown.items() if count} == {
        f"{kind} {state}": count for kind, states in kinds.items() for state, count in states.items()
    }
    for one in page.query_selector_all("[data-hook]"):
        hook = status["hooks"][one.get_attribute("data-hook")]
        cells = [cell.inner_text() for cell in one.query_selector_all("td.n")]
        assert cells == [str(hook["count"]), str(hook["p50_ms"]), str(hook["p95_ms"]), str(hook["errors"])]
    assert len(page.query_selector_all("[data-hook]")) == len(status["hooks"])


@pytest.mark.parametrize(
    "filters",
    [
        pytest.param({}, id="all"),
        pytest.param({"kind": "failure"}, id="a kind"),
        pytest.param({"kind": "decision", "status": "superseded"}, id="a kind and a status"),
        pytest.param({"status": "active"}, id="a status"),
        pytest.param({"file": "rates.csv"}, id="a file"),
    ],
)
def test_filters_list_what_memory_list_lists(home: Home, open_view: OpenView, filters: dict[str, str]) -> None:
    shop(home)
    words = [word for name, value in filters.items() for word in (f"--{name}", value)]
    listed = home.json("memory", "list", "--all-projects", "--limit", "10000", *words)["nodes"]
    assert listed
    place = "memories" + ("?" + "&".join(f"{name}={value}" for name, value in filters.items()) if filters else "")
    page = open_view().at(place)
    rows = [one.get_attribute("href") for one in page.query_selector_all("#view a.row")]
    assert rows == [f"#node/{one['id']}" for one in listed]


def test_a_new_user_finds_out_why_a_failure_counts_as_fixed(home: Home, open_view: OpenView) -> None:
    """By links alone, from the first screen: the failure, the verdict, the change, the check, the check's own words."""
    shop(home)
    opened = open_view()
    page = opened.at()
    page.click("section:has(h2:has-text('what fixed it')) a:has-text('assert 10.01')")
    verdict = page.locator(".verdict")
    text = verdict.inner_text()
    assert "Why it is considered fixed" in text
    assert "the same command that had failed passed" in text
    assert "+ return round(sum(rows), 2)" in text
    assert COMMAND in text
    assert "exit 0" in text
    verdict.locator("li:has-text('The proof') >> text=open the message").click()
    page.wait_for_selector(".wanted")
    assert PASSED in page.inner_text(".wanted")
    chain = "It failed for the first time", "Changed, and the check passed"
    page.go_back()
    page.wait_for_selector(".chain")
    assert [one.inner_text() for one in page.query_selector_all(".chain > li strong") if one.inner_text() in chain] == [
        *chain
    ]


def test_a_decision_shows_what_it_replaced(home: Home, open_view: OpenView) -> None:
    shop(home)
    page = open_view().at("memories?kind=decision&status=active")
    page.click("#view >> text=Amounts are Decimal")
    assert "Amounts are floats" in page.inner_text("section:has(h2:has-text('What it replaced'))")
    page.click("#view >> text=Amounts are floats")
    page.wait_for_selector("h2:has-text('Replaced by')")


def test_search_finds_a_message_of_any_session(home: Home, open_view: OpenView) -> None:
    shop(home)
    opened = open_view()
    page = opened.at()
    for word in WORDS:
        page.keyboard.press("/")
        page.keyboard.type(word.upper())
        page.keyboard.press("Enter")
        page.wait_for_selector(f"mark:has-text('{word}')")
        page.wait_for_selector("[data-done]", state="attached")
        page.click(f".hits a:has-text('{word}')")
        page.wait_for_selector(".wanted")
        assert word in page.inner_text(".wanted .said")
    opened.at("search?q=zyzzyva")
    page.wait_for_selector("text=Nothing in this file holds this.")
    opened.assert_quiet()


def test_the_timeline_tells_failures_their_fix_and_what_the_model_was_told(home: Home, open_view: OpenView) -> None:
    first, second, _ = shop(home)
    page = open_view().at(f"session/{first.session}")
    failing = page.locator(".entry.failing")
    assert "exit 1" in failing.inner_text()
    assert "Fixed later" in failing.inner_text()
    assert "This passed, so this failure counts as fixed" in page.inner_text(".timeline")
    failing.locator("summary").click()
    assert ERROR in failing.inner_text()
    edit = page.locator(".entry.edit")
    edit.locator("summary").click()
    assert "+ return round(sum(rows), 2)" in edit.inner_text()
    page.click("button:has-text('Commands')")
    assert page.locator(".entry.command:not(.failing)").count() == 0
    page.click("button:has-text('Commands')")
    assert page.locator(".entry.command").count() == 2
    page.goto(f"{page.url.partition('#')[0]}#session/{second.session}")
    told = page.locator(".entry.told").first
    told.locator("summary").click()
    assert "token" in told.inner_text()


def test_summaries_open_down_to_messages(home: Home, open_view: OpenView) -> None:
    home.set(**TREE, CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="2")
    first = shop(home, turns=40)[0]
    described = home.json("describe", first.session)
    roots = [home.json("describe", one) for one in described["roots"]]
    assert any(one["kind"] == "condensed" for one in roots)
    page = open_view().at("summaries")
    page.click("#view summary >> nth=0")
    page.wait_for_selector("[data-summary]")
    shown = [one.get_attribute("data-summary") for one in page.query_selector_all("[data-summary]")]
    assert shown == described["roots"]
    condensed = next(one for one in roots if one["kind"] == "condensed")
    node = page.locator(f"[data-summary='{condensed['id']}']")
    node.locator("> summary").click()
    leaves = node.locator("[data-summary]")
    assert [leaves.nth(place).get_attribute("data-summary") for place in range(leaves.count())] == condensed["children"]
    leaf = home.json("describe", condensed["children"][0])
    leaves.first.locator("> summary").click()
    messages = leaves.first.locator(".timeline > li.entry")
    assert messages.count() == leaf["messages"]
    messages.first.locator("summary").click()
    assert messages.first.locator("[data-message]").get_attribute("data-message") == leaf["children"][0][:16]


def test_the_keyboard_does_everything(home: Home, open_view: OpenView) -> None:
    first = shop(home)[0]
    opened = open_view()
    page = opened.at(f"session/{first.session}")
    page.focus(".timeline summary")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator(".timeline details[open]").count() == 1
    page.keyboard.press("Enter")
    assert page.locator(".timeline details[open]").count() == 0
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "query"
    page.keyboard.type("cent")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Search')")
    page.keyboard.press("Escape")
    opened.shows(f"#session/{first.session}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")
    page.focus("#theme")
    page.keyboard.press("Enter")
    assert page.get_attribute("html", "data-theme") == "light"


def test_links_lead_somewhere_and_back_works(home: Home, open_view: OpenView) -> None:
    """Every link that any page shows is followed once; none says that it is not in the file."""
    shop(home, turns=12)
    opened = open_view()
    page = opened.at()
    seen: set[str] = set()
    left = ["#overview"]
    while left:
        place = left.pop()
        if place in seen:
            continue
        seen.add(place)
        opened.at(place[1:])
        assert "Not in this file" not in page.inner_text("main"), place
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        page.wait_for_timeout(30)
        left += page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
    assert all(place.startswith("#") for place in seen)
    assert len([place for place in seen if place.startswith("#message/")]) > 5
    opened.at("memories")
    page.click("#view a.row >> nth=0")
    page.wait_for_selector(".crumbs")
    page.go_back()
    opened.shows("#memories")
    opened.assert_quiet()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_hostile_texts_are_text(home: Home, open_view: OpenView, packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from codememory.report import page as making

    home.set(CODEMEMORY_REDACT="false")
    if packed:
        monkeypatch.setattr(making, "PLAIN_STORED_BYTES_MAX", 0)
    assert len(TEXTS) >= 50
    story = Story(home, by="transcript")
    for place, text in enumerate(TEXTS):
        story.says(f"prompt {place} {text}")
        story.run(f"echo {place} {text}", f"output {place} {text}")
        story.fail(f"check {place} {text}", f"ValueError: {place} {text}")
        story.edit(f"file {place} {text}.py", text, f"{text} new")
    story.catch_up()
    for place, text in enumerate(TEXTS):
        words = text.encode("utf-8", "replace").decode().replace("\0", "")
        home.run("mark", "decision", "--", f"Decision {place} {words}")
    opened = open_view()
    page = opened.at(f"session/{story.session}")
    page.evaluate(
        "async () => { for (let before = -1; before !== document.querySelectorAll('.entry').length;) {"
        " before = document.querySelectorAll('.entry').length; scrollTo(0, document.body.scrollHeight);"
        " await new Promise(done => setTimeout(done, 120)); }"
        " document.querySelectorAll('main details').forEach(one => { one.open = true; }); }"
    )
    page.wait_for_timeout(300)
    shown = page.evaluate("document.getElementById('main').textContent")
    for place, text in enumerate(TEXTS):
        whole = text.partition("\ud83d")[0]  # half a character does not come back through the driver
        assert f"prompt {place} {whole}" in shown
        assert f"output {place} {whole}" in shown
    for place in ("", "memories", "memories?kind=failure", "summaries", "sessions", "search?q=hostileTextRan"):
        opened.at(place)
    for text in TEXTS:
        opened.at(f"search?q={quote(text, errors='replace')}")
    for node in home.json("memory", "list", "--all-projects", "--limit", "60")["nodes"]:
        opened.at(f"node/{node['id']}")
        assert " ".join(node["content"].split()[:2]) in page.inner_text("#view h1")
    assert page.evaluate(f"window.{RAN}") is None
    made = "iframe, base, form:not(#search), img, math, template, link[rel=stylesheet], meta[http-equiv=refresh]"
    assert page.query_selector_all(made) == []
    assert len(page.query_selector_all("style")) == 1
    assert page.evaluate("[...document.scripts].filter(one => !one.type).length") == 2
    opened.assert_quiet()


def test_a_small_size_keeps_memories_and_says_what_is_left_out(home: Home, open_view: OpenView, tmp_path: Path) -> None:
    shop(home)
    noise = home.names.random
    for _ in range(6):
        long = home.transcript()
        for _ in range(12):
            text = "".join(chr(noise.randrange(0x4E00, 0x9FFF)) for _ in range(30_000))
            long.say("user", f"look at {text[:6]}")
            long.tool("Bash", {"command": "cat long.log"}, text)
            long.say("assistant", [{"type": "text", "text": text[:9_000]}])
        long.write()
    home.json("backfill")
    made = home.json("view", "--output", tmp_path / "small.html", "--size-limit", "1")
    assert made["bytes"] < 1_000_000
    assert made["left_out"]["memories"] == 0
    assert made["left_out"]["sessions"] > 0
    assert made["left_out"]["characters"] > 0
    opened = open_view("--size-limit", "1")
    page = opened.at()
    assert "Not everything is in this file" in page.inner_text("main")
    page.click("section:has(h2:has-text('what fixed it')) a:has-text('assert 10.01')")
    page.locator(".verdict li:has-text('The proof') >> text=open the message").click()
    page.wait_for_selector(".wanted")
    assert PASSED in page.inner_text(".wanted")
    opened.at("sessions")
    assert page.locator(".row:has-text('listed only')").count() == made["left_out"]["sessions"]
    assert page.locator(".row:has-text('look at')").count() == 6
    page.click(".row:has-text('listed only') >> nth=0")
    page.wait_for_selector("text=not in the file")
    assert "codememory view --session" in page.inner_text("main")
    opened.at("sessions")
    page.click(".row:has-text('look at'):not(:has-text('listed only')) >> nth=0")
    page.click(".entry.command summary >> nth=0")
    page.wait_for_selector("text=characters left out here")
    assert "codememory expand msg_" in page.inner_text("main")
    opened.assert_quiet()


@pytest.mark.parametrize("width", [NARROW_PX, 768, 1920])
def test_nothing_is_wider_than_the_window(home: Home, open_view: OpenView, width: int) -> None:
    first = shop(home, turns=12)[0]
    opened = open_view(width=width)
    for place in (*VIEWS, f"session/{first.session}", f"node/{failure_of(home, 'test_total')['id']}"):
        page = opened.at(place)
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        page.wait_for_timeout(50)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, place


CONTRAST = """
() => {
  const channels = (text) => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const one = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * one(r) + 0.7152 * one(g) + 0.0722 * one(b);
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = channels(getComputedStyle(one).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest('script, style, noscript')) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(channels(style.color)), light(ground(element))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    const needed = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < needed) poor.push([element.className, element.textContent.slice(0, 40), ratio]);
  }
  return poor;
}
"""


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_contrast_is_enough(home: Home, open_view: OpenView, colours: str) -> None:
    first = shop(home, turns=12)[0]
    opened = open_view(colours=colours)
    for place in (*VIEWS, f"session/{first.session}", f"node/{failure_of(home, 'test_total')['id']}", "node/none"):
        page = opened.at(place)
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        page.wait_for_timeout(50)
        assert page.evaluate(CONTRAST) == [], place


def test_it_prints_the_page_and_not_its_controls(home: Home, open_view: OpenView) -> None:
    shop(home)
    page = open_view().at("memories")
    page.emulate_media(media="print")
    assert not page.is_visible("body > header")
    assert not page.is_visible(".filters")
    assert page.is_visible("#view .rows")


@pytest.mark.parametrize("place", ["node/mem_0", "session/none", "message/msg_0", "nowhere", "node/%zz", "search?q="])
def test_a_link_that_leads_nowhere_says_so(home: Home, open_view: OpenView, place: str) -> None:
    shop(home)
    opened = open_view()
    page = opened.at(place)
    assert "Not in this file" in page.inner_text("main") or "Type words" in page.inner_text("main")
    opened.assert_quiet()


def test_an_empty_store_is_a_page_too(home: Home, open_view: OpenView) -> None:
    opened = open_view()
    for place in VIEWS:
        page = opened.at(place)
        assert page.inner_text("main").strip()
    opened.assert_quiet()


def test_one_session_is_a_page_of_its_own(home: Home, open_view: OpenView) -> None:
    first, second, _ = shop(home)
    opened = open_view("--session", first.session)
    page = opened.at("sessions")
    assert page.eval_on_selector_all("a.row", "all => all.map(one => one.hash)") == [f"#session/{first.session}"]
    assert second.session not in opened.path.read_text("utf-8")
    opened.at()
    opened.assert_quiet()


def data_of(path: Path) -> list[Any]:
    """Return the JSON documents in a page."""
    import base64
    import re

    text = path.read_text("utf-8")
    found = re.findall(r'<script type="(application/(?:json|gzip))" id="\w+">(.*?)</script>', text, re.DOTALL)
    return [
        json.loads(body if kind.endswith("json") else gzip.decompress(base64.b64decode(body))) for kind, body in found
    ]


def test_both_ways_of_packing_hold_the_same(home: Home, open_view: OpenView, monkeypatch: pytest.MonkeyPatch) -> None:
    from codememory.report import page as making

    shop(home)
    plain = data_of(open_view().path)
    monkeypatch.setattr(making, "PLAIN_STORED_BYTES_MAX", 0)
    packed = data_of(open_view().path)
    assert plain[0].pop("at") <= packed[0].pop("at")
    assert plain == packed
    assert len(plain) == 4
