"""`notes` on a history of several releases: to the word, with renames followed, and the same each time."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from tests.support.decisions import decision
from tests.support.places import ROOT
from tests.support.promotion_world import PromotionWorld, script_files
from tests.support.rollback_world import git

from wavegate.gate.decision import Verdict, to_json

SCRIPT = """\
system:
    instructions: "You lend books. {rule}"
config:
    developer_name: "Support_Agent"
    agent_type: "AgentforceServiceAgent"
start_agent desk:
    description: "Everything at the desk"
    reasoning:
        instructions: ->
            | Ask for the card first. Fines up to {limit} euros may be waived.
        actions:
            waive_fine: @actions.waive_fine
    actions:
        waive_fine:
            description: "Waives a fine"
            target: "apex://Fines"
"""
TEMPLATE = """\
<?xml version="1.0" encoding="UTF-8"?>
<GenAiPromptTemplate xmlns="http://soap.sforce.com/2006/04/metadata">
    <activeVersionIdentifier>a_1</activeVersionIdentifier>
    <developerName>{name}</developerName>
    <templateVersions>
        <content>{text}</content>
        <status>Published</status>
        <versionIdentifier>a_1</versionIdentifier>
    </templateVersions>
</GenAiPromptTemplate>
"""
SUMMARY = "Summarize the loan in three sentences. Name the book, the card and the next step. Be kind."
FOLDER = "force-app/main/default/genAiPromptTemplates"


def path_of(template: str) -> str:
    return f"{FOLDER}/{template}.genAiPromptTemplate-meta.xml"


def release(
    limit: int, *, rule: str = "Never read a card number aloud.", gone: str = "", **templates: str
) -> dict[str, bytes | None]:
    """Files of a release. templates: text by name. gone: the one that it no longer has."""
    found: dict[str, bytes | None] = {**script_files("Support")}
    (script,) = [path for path in found if path.endswith(".agent")]
    found[script] = SCRIPT.format(limit=limit, rule=rule).encode()
    for name, text in (templates or {"Loan_Summary": SUMMARY}).items():
        found[path_of(name)] = TEMPLATE.format(name=name, text=text).encode()
    return found | ({path_of(gone): None} if gone else {})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    """Four releases in production; the third was rolled back, and the last one restored what the second had."""
    made = PromotionWorld(tmp_path, scripts=("Support", "Support"))
    made.github.deployments.clear()
    signed = f"{SUMMARY} Sign as the desk."
    stories = (
        ("loans-1", release(5)),
        ("loans-2", release(50)),
        (
            "loans-3",
            release(50, rule="Be brief.", gone="Loan_Summary", Summary_Of_Loans=signed),
        ),
        ("loans-4", release(50, gone="Summary_Of_Loans")),
    )
    for name, files in stories:
        made.record("production", made.github.seed(files, name), name)
    git(made.desk.checkout, "fetch", "--quiet", f"file://{made.github.git_dir}", "main")
    git(made.desk.checkout, "reset", "--quiet", "--hard", "FETCH_HEAD")
    yield made
    made.close()


def notes(world: PromotionWorld, *arguments: str) -> str:
    done = world.desk.run("notes", "production", *arguments)
    assert done.code == 0, done.log
    return done.log


def read(world: PromotionWorld, *arguments: str) -> Any:
    world.desk.run("notes", "production", "--format", "json", "--output", "notes.json", *arguments)
    shown = json.loads((world.desk.checkout / "notes.json").read_text("utf-8"))
    schema = json.loads((ROOT / "schemas/notes.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(shown)
    return shown


def words(text: Any) -> tuple[str, str]:
    """What was removed and added of a passage."""
    return tuple(  # type: ignore[return-value]
        "|".join(each["text"] for each in text["pieces"] if each["edit"] == edit) for edit in ("removed", "added")
    )


def test_the_difference_is_right_to_the_word(world: PromotionWorld) -> None:
    shown = read(world, "--start", "loans-1", "--end", "loans-2")
    (step,) = shown["releases"]
    (text,) = step["texts"]
    assert (text["owner"], text["place"], words(text)) == ("Support_Agent", "topic desk: instructions", ("5", "50"))
    assert step["before"]["name"] == "loans-1"
    log = notes(world, "--start", "loans-1", "--end", "loans-2")
    assert "Fines up to [-5-]{+50+} euros may be waived." in log


def test_a_renamed_template_is_followed_and_a_lost_prohibition_is_said(world: PromotionWorld) -> None:
    (step,) = read(world, "--end", "loans-3")["releases"]
    renamed = next(each for each in step["texts"] if each["change"] == "renamed")
    assert renamed["renamedFrom"]["owner"] == "Loan_Summary"
    assert words(renamed)[0] == ""
    assert "Sign as the desk." in words(renamed)[1]
    assert any("card number" in each["message"] for each in step["guardrails"] if each["direction"] == "widens")


def test_every_release_between_two_has_notes_of_its_own_newest_first(world: PromotionWorld) -> None:
    shown = read(world, "--start", "loans-1")
    assert [each["name"] for each in shown["releases"]] == ["loans-4", "loans-3", "loans-2"]
    assert [each["release"]["name"] if each["release"] else None for each in shown["live"]] == [None, "loans-4"]


def test_the_notes_are_the_same_each_time(world: PromotionWorld) -> None:
    assert notes(world, "--start", "loans-1", "--format", "markdown") == notes(
        world, "--start", "loans-1", "--format", "markdown"
    )


def test_commits_are_enough_without_github(world: PromotionWorld) -> None:
    world.desk.extra = {}
    git(world.desk.checkout, "tag", "good", "HEAD~2")
    (step,) = read(world, "--start", "good", "--end", "HEAD~1")["releases"]
    assert {each["change"] for each in step["texts"]} == {"changed", "renamed"}
    done = world.desk.run("notes", "production")
    assert done.code == 2
    assert "Name both with --start and --end" in done.log


def test_a_regression_is_traced_to_what_changed_between_two_decisions(world: PromotionWorld) -> None:
    folder = world.desk.checkout / "decisions"
    folder.mkdir()
    verdicts = {"loans-1": Verdict.PASS, "loans-2": Verdict.FAIL, "loans-3": Verdict.FAIL}
    for number, (name, verdict) in enumerate(verdicts.items()):
        whole = decision("readiness", commit=git(world.desk.checkout, "rev-parse", f"HEAD~{3 - number}").strip())
        row = msgspec.structs.replace(whole.tests[0], test="fines", verdict=verdict)
        time = datetime(2026, 3, 1 + number, tzinfo=UTC)
        made = msgspec.structs.replace(whole, release=name, time=time, tests=(row,), violations=(), waivers=())
        (folder / f"{name}.json").write_bytes(to_json(made))
    (step,) = read(world, "--since-good", "fines", "--decision", "decisions")["releases"]
    assert (step["before"]["name"], step["name"]) == ("loans-1", "loans-2")
    assert [words(each) for each in step["texts"]] == [("5", "50")]


def test_a_changelog_keeps_what_people_wrote(world: PromotionWorld) -> None:
    path = world.desk.checkout / "CHANGELOG.md"
    path.write_text("# Changes at the desk\n\nWritten by people.\n", "utf-8")
    notes(world, "--start", "loans-1", "--end", "loans-2", "--changelog", "CHANGELOG.md")
    first = path.read_text("utf-8")
    notes(world, "--start", "loans-1", "--changelog", "CHANGELOG.md")
    whole = path.read_text("utf-8")
    assert whole.startswith("# Changes at the desk\n")
    assert "Written by people." in whole
    at = [whole.index(f"## {name}") for name in ("loans\\-4", "loans\\-3", "loans\\-2")]
    assert at == sorted(at)
    assert first.count("<!-- wavegate:release-") == 1
    notes(world, "--start", "loans-1", "--changelog", "CHANGELOG.md")
    assert path.read_text("utf-8") == whole


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--end", "loans-9"), "--end loans-9 was never live there."),
        (("--start", "loans-4", "--end", "loans-2"), "--start is not before --end"),
        (("--start", "2001-01-01"), "--start 2001-01-01 was never live there."),
    ],
)
def test_what_does_not_exist_is_one_error(world: PromotionWorld, arguments: tuple[str, ...], said: str) -> None:
    done = world.desk.run("notes", "production", *arguments)
    assert done.code == 2
    assert said in done.log
    assert "Traceback" not in done.log
