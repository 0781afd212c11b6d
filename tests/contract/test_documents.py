"""Every document that wavegate writes is well-formed, and hostile text in it stays text.

Each renderer gets values that are made from the types of its parameters, with what strangers may write in every text
of them; what it returns is parsed as GitHub and a browser do.
"""

import ast
import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.contract.test_imports import TREES
from tests.support.hostile import HOSTILE
from tests.support.made_values import Maker
from tests.support.rendered import html_problems, problems

DOCUMENTS = (
    "adoption.report.adoption_markdown",
    "bisect.as_markdown.bisect_markdown",
    "canary.as_markdown.canary_markdown",
    "canary.expand.pull_request.body",
    "canary.expand.pull_request.brief",
    "canary.expand.pull_request.outdated_comment",
    "canary.expand.run_report.summary",
    "canary.watch.deadline.deadline_page",
    "capture.pull_request.body",
    "capture.pull_request.brief",
    "capture.run_report.summary",
    "deploy.check_only.validation_markdown",
    "deploy.rollout_report.interrupted_markdown",
    "deploy.rollout_report.rollout_markdown",
    "findings.as_markdown.markdown_report",
    "gate.as_markdown.decision_markdown",
    "guardrails.classes.reports.approvals_markdown",
    "guardrails.classes.reports.classes_markdown",
    "guardrails.diff.as_markdown.changes_markdown",
    "guardrails.explain.as_markdown.explanation_markdown",
    "guardrails.mutate.as_markdown.mutation_markdown",
    "guardrails.prove.as_markdown.proofs_markdown",
    "kill_switch.report.restart_markdown",
    "kill_switch.report.stop_markdown",
    "ledger.status.as_markdown.status_markdown",
    "ledger.trail.as_markdown.history_markdown",
    "notes.as_markdown.notes_markdown",
    "notes.as_markdown.release_markdown",
    "notify.as_markdown.issue_markdown",
    "notify.as_markdown.page_section",
    "plan.as_markdown.plan_markdown",
    "promotion.brief.as_markdown.brief_markdown",
    "promotion.decision.report.evidence_markdown",
    "promotion.refusals.admitted_markdown",
    "promotion.refusals.refusals_markdown",
    "release.readiness.as_report.score_markdown",
    "report.page.report_page",
    "review.as_markdown.review_markdown",
    "rollback.rehearsal_report.rehearsal_markdown",
    "rollback.report.comments.superseded_comment",
    "rollback.report.comments.withdrawn_comment",
    "rollback.report.pull_request.body",
    "rollback.report.pull_request.brief",
    "rollback.report.run.summary",
    "runbook.page.runbook_page",
    "setup.doctor.renderings.doctor_markdown",
    "smoke.summary.markdown_summary",
    "statistics.canary.power_report.canary_power_markdown",
    "statistics.power_report.power_markdown",
    "telemetry.discover.report.discovery_markdown",
    "telemetry.sums_report.sums_markdown",
)
"""What makes a document of a value: a summary, a comment, a page, or the text of a pull request or an issue."""
WRITERS = frozenset({"add_summary", "ManagedSection", "IssuePage"})
"""What takes a document to GitHub."""
OTHER_TEXTS = {
    "canary.watch.deadline": "deadline_page itself",
    "github.reviews.marker": "review_markdown",
    "guardrails.classes.pull_request": "classes_markdown",
    "ledger.acts.locking": "one escaped sentence",
    "notes.changelog": "release_markdown",
    "promotion.comment_command": "a file that the caller names",
    "runbook.section": "runbook_page",
}
"""Modules that take another text there, or get the document from elsewhere."""
SEEDS = 6
ATTACKS = [
    *(each for each in HOSTILE if len(each) < 1000),
    "| a | b |\n|---|---|\n| c | d |",
    "```\nopen",
    "~~~ open",
    "<details><summary>open",
    "- [x] done",
    "1. one",
    "    indented",
    "[a]: https://evil.example",
    "<https://evil.example>",
    "![x][y]",
    "> [!CAUTION]",
    "acme/repo#1 GH-1",
]
NOT_OF_A_RELEASE = (LookupError, ValueError, ZeroDivisionError)
"""What a value raises that the checks of its makers exclude, such as a canary without a session."""


def renderer(name: str) -> Callable[..., object]:
    module, _, function = name.rpartition(".")
    found: Callable[..., object] = getattr(importlib.import_module(f"wavegate.{module}"), function)
    return found


def text_of(document: Any) -> str:
    """The document's text: of a page its body, of a section what is between its markers."""
    if isinstance(document, str):
        return document
    return text_of(document.body) if hasattr(document, "body") else document.render()


def is_target(address: str) -> bool:
    """Whether a link may lead there: to the repository on its server, to the documentation, or to a file of it."""
    parts = urlsplit(address)
    if not parts.scheme and not parts.netloc:
        return True
    return parts.scheme == "https" and parts.hostname in ("github.example", "github.com", "wavegate.github.io")


def documents(name: str, *, hostile: bool) -> Iterator[str]:
    function = renderer(name)
    made = 0
    for seed in range(60 * SEEDS):
        numbers = iter(range(seed * 7, 10**9))

        def text(numbers: Iterator[int] = numbers) -> str:
            number = next(numbers)
            return ATTACKS[number % len(ATTACKS)] if hostile else f"name {number}"

        try:
            document = function(**Maker(seed, text).arguments(function))
        except NOT_OF_A_RELEASE:
            continue
        yield text_of(document)
        made += 1
        if made == SEEDS:
            return
    raise AssertionError(f"only {made} documents of {name} could be made")


@pytest.mark.parametrize("hostile", [False, True], ids=["benign", "hostile"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_well_formed(name: str, hostile: bool) -> None:
    for text in documents(name, hostile=hostile):
        if text.startswith("<!doctype html>"):
            assert html_problems(text, is_target=is_target) == []
        else:
            assert problems(text, is_target=is_target, is_benign=not hostile) == []


def functions() -> Mapping[str, str]:
    """Every function that renders Markdown by its name, with its module."""
    return {
        f"{module.removeprefix('wavegate.')}.{node.name}": module
        for module, tree in TREES.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and ("markdown" in node.name.split("_") or node.name in ("deadline_page", "report_page", "runbook_page"))
        and not node.name.startswith("_")
        and node.returns
        and ast.unparse(node.returns) == "str"
        and module != "wavegate.text"
    }


def test_no_function_that_renders_markdown_is_left_out() -> None:
    assert sorted(functions().keys() - set(DOCUMENTS)) == []


def test_whatever_is_taken_to_github_comes_from_a_document_that_is_here() -> None:
    known = {name.rpartition(".")[2] for name in DOCUMENTS}
    others = set()
    for module, tree in TREES.items():
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        names = {ast.unparse(call.func).rpartition(".")[2] for call in calls}
        if names & WRITERS and not names & known and module != "wavegate.cli.actions":
            others.add(module.removeprefix("wavegate."))
    assert sorted(others) == sorted(OTHER_TEXTS)
