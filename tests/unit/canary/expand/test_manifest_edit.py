"""A step changes its lines of the manifest, and nothing else."""

import difflib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wavegate.canary.expand.manifest_edit import edit_manifest
from wavegate.canary.expand.next_step import PendingStep
from wavegate.errors import InputError
from wavegate.release.reading import parse_manifest

HEAD = """\
# the release of the month
release: "wave-3"   # quoted on purpose
environments:
  - name: uat
    prompts: [ a,  b ]   # odd spaces stay

  - name: production
    rollout: canary   # until everybody has it
    pilotUsers:
      # supervisors first
      - service-ops-supervisors   # two people
{more}    canary:
      steps: [{{cohorts: [service-ops-supervisors]}}, {{cohorts: [tier2-support]}}, {{cohorts: all}}]
cohorts: {{tier2-support: {{group: Tier2}}}}
"""
BEFORE = HEAD.format(more="")


def step(*names: str) -> PendingStep:
    return PendingStep(number=2, steps=3, joining=names or None)


def edited(text: str, *names: str, path: str = "agentforce/release.yml") -> str:
    return edit_manifest(text.encode(), path=path, environment="production", step=step(*names)).decode()


def test_a_cohort_is_one_new_line_after_the_last_one() -> None:
    assert edited(BEFORE, "tier2-support") == HEAD.format(more="      - tier2-support\n")


def test_everybody_is_one_changed_value() -> None:
    assert edited(BEFORE) == BEFORE.replace("rollout: canary ", "rollout: all-at-once ")


def test_windows_line_endings_stay() -> None:
    windows = BEFORE.replace("\n", "\r\n")
    assert edited(windows, "tier2-support") == HEAD.format(more="      - tier2-support\n").replace("\n", "\r\n")
    assert edited(windows) == windows.replace("rollout: canary ", "rollout: all-at-once ")


SHORT = "release: r\nenvironments:\n  - name: production\n    prompts: [p]\n    rollout: canary\n"


@pytest.mark.parametrize(
    ("users", "expected"),
    [
        ("[a]", "[a, new one]"),
        ("[a, ]", "[a, new one, ]"),
        ('["a"]  # c', '["a", "new one"]  # c'),
        ("['a','b']", "['a','b', 'new one']"),
        (
            "[\n      a, # first\n      b # second\n    ]",
            "[\n      a, # first\n      b, # second\n      new one\n    ]",
        ),
        ("[\n      a,\n    ]", "[\n      a,\n      new one,\n    ]"),
        ("\n    - a", "\n    - a\n    - new one"),
        ("\n    - 'a'\n\n    # - b\n", "\n    - 'a'\n    - 'new one'\n\n    # - b\n"),
        ("&unused [a]", "&unused [a, new one]"),
        ("\n      - &one a", "\n      - &one a\n      - new one"),
        ("\n    -   a", "\n    -   a\n    -   new one"),
    ],
)
def test_every_way_to_write_a_list_is_kept(users: str, expected: str) -> None:
    text = f"{SHORT}    pilotUsers: {users}"
    assert edited(text, "new one") == f"{SHORT}    pilotUsers: {expected}"


@pytest.mark.parametrize(
    "name", ["true", "null", "3.10", "a: b", "- a", "a #b", "*a", "ä", "o'clock", 'say "hi"', "~"]
)
def test_a_name_that_yaml_reads_differently_is_quoted(name: str) -> None:
    for users in ("[a]", "['a']", '["a"]'):
        manifest, _ = parse_manifest(edited(f"{SHORT}    pilotUsers: {users}\n", name).encode(), path="release.yml")
        assert manifest
        assert manifest.environments[0].pilot_users == ("a", name)


def test_the_first_cohorts_are_a_list_after_the_rollout() -> None:
    text = f"{SHORT}    canary: {{steps: [{{cohorts: [a]}}]}}\ncohorts: {{a: {{group: A}}}}\n"
    expected = text.replace("rollout: canary\n", "rollout: canary\n    pilotUsers:\n      - a\n")
    assert edited(text, "a") == expected
    flow = "release: r\nenvironments: [{name: production, prompts: [p], rollout: canary, gate: {}}]\n"
    assert edited(flow, "a") == flow.replace("canary,", "canary, pilotUsers: [a],")


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_a_json_manifest_stays_json(indent: Any) -> None:
    values = {
        "release": "r",
        "environments": [{"name": "production", "prompts": ["p"], "rollout": "canary", "pilotUsers": ["a", "b"]}],
    }
    text = json.dumps(values, indent=indent)
    new = edited(text, "c", path="release.json")
    values["environments"][0]["pilotUsers"] = ["a", "b", "c"]  # type: ignore[index]
    assert new == json.dumps(values, indent=indent)
    assert edited(text, path="release.json") == text.replace('"canary"', '"all-at-once"')


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        (
            SHORT
            + "    pilotUsers: &p [a]\n  - name: later\n    prompts: [p]\n    rollout: canary\n    pilotUsers: *p",
            6,
            10,
        ),
        (f"{SHORT}    canary: {{steps: [{{cohorts: &p [a]}}]}}\n    pilotUsers: *p\n", 7, None),
        (SHORT.replace("[p]", "&p [p]") + "    pilotUsers: *p\n", 6, None),
        (
            SHORT.replace("production", "uat").replace("canary", "&r canary")
            + "    pilotUsers: [a]\n  - name: production\n    rollout: *r\n    pilotUsers: [a]\n",
            8,
            None,
        ),
    ],
)
def test_a_value_that_an_alias_shares_is_refused_with_its_line(text: str, line: int, named: int | None) -> None:
    names = () if "rollout: *r" in text else ("new",)
    with pytest.raises(InputError) as caught:
        edited(text, *names)
    assert caught.value.line == line
    assert f"line {named or line}" in caught.value.message
    assert "alias" in caught.value.fix


NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=12)
PADS = st.sampled_from(["", " ", "   # why", "\t# tab"])


@settings(max_examples=150, deadline=None)
@given(
    users=st.lists(NAMES, min_size=1, max_size=4, unique=True),
    new=NAMES,
    pad=PADS,
    indent=st.sampled_from(["    ", "      ", "        "]),
    newline=st.sampled_from(["\n", "\r\n"]),
    quote=st.sampled_from(["json", "single"]),
    last=st.booleans(),
)
def test_every_other_line_is_byte_for_byte_what_it_was(
    users: list[str], new: str, pad: str, indent: str, newline: str, quote: str, last: bool
) -> None:
    if new in users:
        return
    written = [
        json.dumps(each, ensure_ascii=False) if quote == "json" else "'" + each.replace("'", "''") + "'"
        for each in users
    ]
    lines = [*SHORT.splitlines(), "    pilotUsers:", *(f"{indent}- {each}{pad}" for each in written)]
    lines += [] if last else ["    # a remark", "owners: {release: '@acme/agents'}", "", "# the end"]
    text = newline.join(lines) + ("" if last else newline)
    if parse_manifest(text.encode(), path="release.yml")[0] is None:
        return
    after = edited(text, new)
    manifest, _ = parse_manifest(after.encode(), path="release.yml")
    assert manifest
    assert manifest.environments[0].pilot_users == (*users, new)
    changes = [each for each in difflib.ndiff(text.split(newline), after.split(newline)) if each[0] in "+-"]
    assert len(changes) == 1
    assert changes[0].startswith(f"+ {indent}- ")
