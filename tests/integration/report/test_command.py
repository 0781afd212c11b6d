"""`report`: the page of a long story, with a canary's looks and files that are none."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.support.canary_looks import look, sums
from tests.support.decisions import decision
from tests.support.ledger_story import Story, hours, long_story
from tests.support.promotion_world import PromotionWorld

from wavegate.canary.decision import PREDICATE_TYPE, canary_to_json
from wavegate.canary.values import CanaryVerdict
from wavegate.gate.decision import to_json

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(1)> ::error::no \u202e"


class Page(HTMLParser):
    """What a page has: text, elements with their attributes, and what each section says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = PromotionWorld(tmp_path)
    made.github.deployments.clear()
    yield made
    made.close()


def make(world: PromotionWorld, *arguments: str) -> Page:
    done = world.desk.run("report", "--output", "out/page.html", *arguments)
    assert done.code == 0, done.log
    return Page((world.desk.checkout / "out/page.html").read_text("utf-8"))


def test_the_page_has_every_entry_and_says_what_holds_the_environment(world: PromotionWorld) -> None:
    long_story(world.github)
    page = make(world)
    for said in (
        "wave-4 is live",
        "STOPPED",
        "quarter end",
        "INC-1",
        "the fix cannot wait",
        "found inactive in the org",
    ):
        assert said in page.text
    rows = page.text.count("promotion of wave-")
    assert rows == 6
    assert [each["title"] for each in page.all("code") if "title" in each] == [], "there is no decision file"


def test_it_loads_nothing_and_runs_nothing(world: PromotionWorld) -> None:
    long_story(world.github)
    page = make(world)
    policy = next(each for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"]
    assert policy["content"].startswith("default-src 'none'; style-src 'sha256-")
    loads = [
        attributes
        for tag, attributes in page.tags
        for name in ("src", "srcset", "style", "onload")
        if name in attributes
    ]
    assert not loads
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "iframe", "img", "object", "form", "base"})


def test_hostile_text_stays_text(world: PromotionWorld) -> None:
    story = Story(github=world.github)
    story.commit("wave-1", hours(0))
    story.promote("production", HOSTILE, hours(1), letter="a")
    (world.desk.checkout / "looks").mkdir()
    decision = look(1, CanaryVerdict.HOLD, evidence=1.0, text=HOSTILE)
    (world.desk.checkout / "looks/1.json").write_bytes(canary_to_json(decision))
    page = make(world, "--evidence", "looks")
    assert not page.all("script")
    assert not page.all("img")
    assert page.text.count("<script>alert(1)</script>") >= 3
    assert "\u202e" not in page.text
    assert len(page.all("style")) == 1


def test_the_looks_of_a_canary_are_drawn_from_the_first_to_the_last(world: PromotionWorld) -> None:
    long_story(world.github)
    folder = world.desk.checkout / "looks"
    folder.mkdir()
    verdicts = (CanaryVerdict.HOLD, CanaryVerdict.HOLD, CanaryVerdict.ROLLBACK)
    for number, (verdict, evidence) in enumerate(zip(verdicts, (1.0, 4.0, 25.0), strict=True), 1):
        made = canary_to_json(look(number, verdict, evidence=evidence))
        (folder / f"{9 - number}.json").write_bytes(made)
    (folder / "other.json").write_text(json.dumps({"not": "a decision"}))
    (folder / "broken.json").write_text('{"_type": "https://in-toto.io/Statement/v1"}')
    page = make(world, "--evidence", "looks")
    lines = {each["class"]: each["points"] for each in page.all("polyline")}
    heights = [float(point.partition(",")[2]) for point in (lines["line-bad"] or "").split()]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > heights[1] > heights[2]
    assert "wave-4 in production: rollback" in page.text
    digests = [each["title"] for each in page.all("code") if each.get("title")]
    assert len(digests) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", digest or "") for digest in digests)
    assert page.text.count("unreadable") == 1


def test_a_gates_decision_that_quotes_a_canarys_type_is_still_a_gates(world: PromotionWorld) -> None:
    folder = world.desk.checkout / "decisions"
    folder.mkdir()
    (folder / "gate.json").write_bytes(to_json(decision(f"see {PREDICATE_TYPE}")))
    page = make(world, "--evidence", "decisions")
    assert "gate: fail" in page.text
    assert "unreadable" not in page.text


def test_the_signals_of_pilot_and_others_are_drawn_and_listed(world: PromotionWorld) -> None:
    folder = world.desk.checkout / "sums"
    folder.mkdir()
    (folder / "daily.json").write_bytes(sums(10))
    (folder / "cut.json").write_bytes(sums(10)[:500])
    page = make(world, "--evidence", "sums")
    lines = [each["class"] for each in page.all("polyline")]
    assert (lines.count("line-pilot"), lines.count("line-other")) == (4, 4)
    assert page.text.count("2026-03-11") >= 2
    assert "cut.json holds no usable daily sums" in page.text


def test_a_path_that_does_not_exist_is_an_error(world: PromotionWorld) -> None:
    done = world.desk.run("report", "--evidence", "nowhere")
    assert done.code == 2
    assert "There is no file or folder nowhere." in done.log


def test_a_folder_without_evidence_has_nothing_to_show(world: PromotionWorld) -> None:
    (world.desk.checkout / "none").mkdir()
    (world.desk.checkout / "none/talks.jsonl").write_text("{}\n")
    assert "nothing live" in make(world, "--evidence", "none").text


def test_an_empty_ledger_has_a_page_too(world: PromotionWorld) -> None:
    page = make(world)
    assert "nothing live" in page.text
    assert not page.all("svg")
