"""From files to the model, and the files a checkout has."""

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.places import EXAMPLES, ROOT
from tests.support.projects import Files

from wavegate.errors import InputError
from wavegate.findings.finding import Severity
from wavegate.release.freeze import DatedWindow, Freeze, WeeklyWindow
from wavegate.release.manifest import Budget, CanaryStep, Environment, Included, Kind, Manifest, PackGate
from wavegate.release.pack import Pack, Stage, TestKind, ViolationSeverity
from wavegate.release.reading import committed_manifest, load_manifest, load_packs, parse_manifest, parse_pack

VALID = EXAMPLES / "valid"


def manifest(text: str) -> Manifest:
    found, findings = parse_manifest(text.encode(), path="agentforce/release.yml")
    assert found, findings
    return found


def example(name: str) -> Manifest:
    return manifest((VALID / name / "release.yml").read_text("utf-8"))


def pack(**values: Any) -> Pack:
    given_values = {"suite": "smoke", "tests": ["a"], "passCriteria": {"minimumSuccessRate": 0.95}} | values
    found, findings = parse_pack(json.dumps(given_values).encode(), path="packs/smoke.json")
    assert found, findings
    return found


def environment(found: Manifest, name: str) -> Environment:
    target = found.environment(name)
    assert target
    return target


def test_given_manifest() -> None:
    found = example("given")
    uat, production = found.environments
    assert (found.release, found.path, len(found.digest)) == ("agentforce-wave-3", "agentforce/release.yml", 64)
    assert production.prompts == uat.prompts == ("support-resolution-v5", "escalation-summary-v3")
    assert production.actions == uat.actions
    assert production.pilot_users == ("service-ops-supervisors", "tier2-support")
    assert production.canary
    assert production.canary.steps == (
        CanaryStep(cohorts=("service-ops-supervisors", "tier2-support")),
        CanaryStep(cohorts=None, pause="approval"),
    )
    assert uat.canary is None
    assert found.before("production") == uat


def test_extended_manifest() -> None:
    found = example("extended")
    production = environment(found, "production")
    assert found.owners.release == ("@acme/agents",)
    assert found.owners.kill_switch == ("@acme/sre",)
    assert {each.kind: each.strategy.value for each in found.rollback} == {
        Kind.PROMPTS: "restore",
        Kind.FLOWS: "activate-previous",
        Kind.APEX: "restore",
        Kind.CREDENTIALS: "manual",
    }
    assert production.gate == PackGate(packs=("production-readiness",), max_evidence_age=timedelta(hours=72))
    assert production.verify == PackGate(packs=("production-readiness",))
    assert production.canary
    assert production.canary.baseline_window == timedelta(days=14)
    assert production.canary.initial_delay == timedelta(minutes=30)
    assert production.canary.steps[-1] == CanaryStep(cohorts=None, pause="approval")
    assert production.canary.policy_budget == {"critical": Budget(count=0), "high": Budget(per_thousand=1)}
    assert (found.review_cadence, found.review_owner) == (timedelta(days=7), "@acme/agents")


def test_freezes() -> None:
    year_end, peak, weekend = example("extended").freeze
    assert year_end == Freeze(
        window=DatedWindow(start=datetime.fromisoformat("2026-12-18"), end=datetime.fromisoformat("2027-01-05")),
        time_zone="Europe/Berlin",
        reason="year end",
    )
    assert (peak.window, peak.environments) == (
        DatedWindow(start=datetime.fromisoformat("2026-11-27 08:00"), end=datetime.fromisoformat("2026-11-30 23:59")),
        ("production",),
    )
    assert (weekend.window, weekend.passes) == (
        WeeklyWindow(start=timedelta(days=4, hours=16), end=timedelta(hours=6)),
        ("octocat",),
    )


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("2028-02-29", True),
        ("2026-02-29", False),
        ("2026-04-31", False),
        ("2026-13-01", False),
        ("2026-12-31T24:00", False),
        ("2026-12-31 23:59", True),
        ("2026-12-31 23:59:00", False),
        ("2026-1-5", False),
        ("1999-12-31", False),
    ],
)
def test_a_freeze_has_days_of_the_calendar(text: str, valid: bool) -> None:
    freeze = f"{{from: 2025-01-01, to: {text}, timeZone: UTC, reason: r}}"
    source = f"release: r\nenvironments: [{{name: a, prompts: [p]}}]\nfreeze: [{freeze}]\n"
    found, findings = parse_manifest(source.encode(), path="release.yml")
    assert (found is not None) == valid, findings


def test_every_day_of_this_century_can_be_frozen() -> None:
    schema = json.loads((ROOT / "schemas" / "manifest.schema.json").read_text("utf-8"))
    pattern = re.compile(schema["$defs"]["localTime"]["pattern"])
    days = {date(2000, 1, 1) + timedelta(days=number) for number in range(36_525)}
    assert {each.year for each in days} == set(range(2000, 2100))
    assert all(pattern.fullmatch(each.isoformat()) for each in days)
    every = {f"20{year:02}-{month:02}-{day:02}" for year in range(100) for month in range(14) for day in range(33)}
    assert {each for each in every if pattern.fullmatch(each)} == {each.isoformat() for each in days}


def test_orgs_versions_and_deletions() -> None:
    found = example("orgs-and-versions")
    assert [each.expected_org for each in found.environments] == ["00D000000000001", "00D000000000002AAA"]
    assert found.pinned_versions("uat") == {"Support_Agent": 3, "Sales_Agent": 2}
    assert found.pinned_versions("production") == {"Support_Agent": 7, "Sales_Agent": 2}
    assert [each.version for each in found.agents_in("production")] == [7, 2, None]
    assert [each.version_in("elsewhere") for each in found.agents] == [None, 2, None]
    assert (found.maximum_deletions, found.allow_deletions) == (0.1, True)
    usual = example("minimal")
    assert (usual.maximum_deletions, usual.allow_deletions, usual.environments[0].expected_org) == (0.25, False, None)


def test_included_metadata() -> None:
    report = "force-app/main/default/reports/Cases/Open_Cases.report-meta.xml"
    assert example("included").include == (
        Included(metadata="LightningTypeBundle:caseInput"),
        Included(metadata="Layout:Case-Case Layout"),
        Included(path="force-app/main/default/lwc/caseCard"),
        Included(metadata="Report:Cases/Open_Cases", path=report),
    )


def test_the_documented_manifest_is_valid() -> None:
    text = (ROOT / "docs" / "explanation" / "what-ships.md").read_text("utf-8")
    found = manifest(text.partition("```yaml\n")[2].partition("```")[0])
    assert [each.version_in("production") for each in found.agents] == [None, 3, 7]
    assert len(found.include) == 3


def test_text_stays_as_it_was_written() -> None:
    found = example("yaml-as-written")
    assert found.release == "3.10"
    assert [each.name for each in found.environments] == ["no", "2026-01-01"]
    assert found.environments[0].org == "010"
    assert found.environments[1].pilot_users == ("1:30", "1_000", "0x1F", "1e3", ".5", "+1")
    assert found.environments[1].canary
    assert type(found.environments[1].canary.minimum_sessions) is int


@pytest.mark.parametrize(
    ("second", "prompts", "actions"),
    [
        ("{name: b}", ("p",), ("a",)),
        ("{name: b, prompts: [p]}", ("p",), ()),
        ("{name: b, actions: []}", (), ()),
    ],
)
def test_only_an_environment_that_lists_neither_inherits(
    second: str, prompts: tuple[str, ...], actions: tuple[str, ...]
) -> None:
    first = "{name: a, prompts: [p], actions: [a]}"
    found = manifest(f"release: r\nagents: [{{name: A}}]\nenvironments: [{first}, {second}]\n")
    assert (found.environments[1].prompts, found.environments[1].actions) == (prompts, actions)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("72h", timedelta(hours=72)),
        ("14d", timedelta(days=14)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_durations(text: str, duration: timedelta) -> None:
    found = manifest(f"release: r\nenvironments: [{{name: a, prompts: [p]}}]\nreview: {{cadence: {text}}}\n")
    assert found.review_cadence == duration


def test_pack_with_everything() -> None:
    data = (VALID / "pack-with-everything/packs/everything.json").read_bytes()
    found, findings = parse_pack(data, path="packs/everything.json")
    assert [each.rule for each in findings] == ["criteria/needs-baseline"]
    assert found
    assert found.runs == (Stage(n=30, max_failures=0), Stage(n=60, max_failures=1))
    assert (found.tests[1].kind, found.tests[1].severity) == (TestKind.ACTION_SAFETY, ViolationSeverity.CRITICAL)
    assert found.criteria.confidence == 0.9
    assert found.criteria.no_regression_against == "baseline"
    assert (found.criteria.regression_margin, found.criteria.regression_margin_per_test) == (0.05, 0.2)
    assert found.waivers[0].expires == date(2999, 12, 31)
    assert [each.name for each in found.policies] == ["no-pii-in-answers", "no-refunds"]


@pytest.mark.parametrize(
    ("value", "margins"),
    [("baseline", (0.1, 0.3)), ({"margin": 0.05}, (0.05, 0.3)), ({"perTestMargin": 0.2}, (0.1, 0.2))],
)
def test_a_margin_that_is_not_declared_has_its_default(value: object, margins: tuple[float, float]) -> None:
    criteria = pack(passCriteria={"minimumSuccessRate": 0.95, "noRegressionAgainst": value}).criteria
    assert criteria.no_regression_against == "baseline"
    assert (criteria.regression_margin, criteria.regression_margin_per_test) == margins


@pytest.mark.parametrize(("runs", "expected"), [("auto", "auto"), (3, 3)])
def test_runs(runs: object, expected: object) -> None:
    assert pack(runs=runs).runs == expected
    assert pack().runs == 1


def checkout(root: Path, **files: str) -> Path:
    for name, text in files.items():
        place = root / "agentforce" / name.replace("__", "/").replace("_yml", ".yml").replace("_json", ".json")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return root


RELEASE = "release: r\nenvironments: [{name: a, prompts: [p]}]\n"
PACK = '{"suite": "%s", "tests": ["a"], "passCriteria": {"minimumSuccessRate": 1}}'


def test_loads_the_only_manifest_and_all_packs(tmp_path: Path) -> None:
    root = checkout(tmp_path, release_yml=RELEASE, packs__b_json=PACK % "b", packs__a_json=PACK % "a")
    assert load_manifest(root).path == "agentforce/release.yml"
    assert [each.suite for each in load_packs(root)] == ["a", "b"]
    assert [each.suite for each in load_packs(root, ["agentforce/packs/b.json"])] == ["b"]


@pytest.mark.parametrize(
    ("files", "path", "message"),
    [
        ({}, None, "There is no manifest in agentforce/."),
        ({"a_yml": RELEASE, "b_yml": RELEASE}, None, "There are 2 manifests in agentforce/."),
        ({"a_yml": RELEASE}, "agentforce/b.yml", "There is no file or folder `agentforce/b.yml`."),
        ({"a_yml": RELEASE}, "../a.yml", "There is no file or folder `../a.yml`."),
        ({"a_yml": RELEASE}, "/etc/passwd", "`/etc/passwd` leads out of the checkout."),
        ({"a_yml": RELEASE}, "agentforce", "This is not a regular file."),
        ({"a_yml": RELEASE}, "a\0b", "There is no file or folder `a\0b`."),
    ],
)
def test_an_unreadable_file_is_an_input_error(
    tmp_path: Path, files: dict[str, str], path: str | None, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        load_manifest(checkout(tmp_path, **files), path)
    assert caught.value.message == message
    assert caught.value.fix


def test_a_manifest_that_is_not_committed_yet_is_to_be_committed() -> None:
    with pytest.raises(InputError) as caught:
        committed_manifest(Files({}))
    assert caught.value.message == "The checked-out commit has no manifest in agentforce/."
    assert caught.value.fix.startswith("Commit ")


def test_loading_names_the_place_of_the_first_error(tmp_path: Path) -> None:
    root = checkout(tmp_path, release_yml=RELEASE + "extra: 1\nmore: 2\n")
    with pytest.raises(InputError) as caught:
        load_manifest(root)
    assert (caught.value.file, caught.value.line, caught.value.column) == ("agentforce/release.yml", 3, 1)


def test_a_link_out_of_the_checkout_is_rejected(tmp_path: Path) -> None:
    root = checkout(tmp_path / "checkout", a_yml=RELEASE)
    (tmp_path / "outside.yml").write_text(RELEASE)
    (root / "agentforce" / "b.yml").symlink_to(tmp_path / "outside.yml")
    with pytest.raises(InputError, match="leads out of the checkout"):
        load_manifest(root, "agentforce/b.yml")


@settings(max_examples=300, deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5),
            lambda children: (
                st.lists(children, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["release", "environments", "name", "suite", "tests", "canary", "owners", "runs"]
                    ),
                    children,
                )
            ),
        ).map(lambda value: json.dumps(value).encode()),
    ),
    ending=st.sampled_from([".yml", ".json"]),
)
def test_any_bytes_are_parsed_or_rejected(data: bytes, ending: str) -> None:
    for parsed, findings in (parse_manifest(data, path=f"x{ending}"), parse_pack(data, path=f"x{ending}")):
        assert (parsed is None) == any(each.severity is Severity.ERROR for each in findings)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"key{number}: {number}" for number in range(60_000)),
        "release: r\nenvironments: [{name: a, prompts: ["
        + ", ".join(f"x{number}" for number in range(1_000))
        + "]}, {name: b, prompts: ["
        + ", ".join(f"y{number}" for number in range(1_000))
        + "]}]",
        "release: r\na: &a [" + "x, " * 300 + "]\nenvironments: [" + "{name: *a, prompts: *a}, " * 50 + "]",
    ],
    ids=["unknown keys", "unproven names", "repeated aliases"],
)
@pytest.mark.timeout(60)
def test_many_mistakes_do_not_hang(text: str) -> None:
    _, findings = parse_manifest(text.encode(), path="x.yml")
    assert findings


@pytest.mark.parametrize(
    ("rest", "rules"),
    [
        ("pilotUsers: [a]", ["canary/not-rolled-out"]),
        ("canary: {interval: 1h}", ["canary/not-rolled-out"]),
        ("rollout: all-at-once, pilotUsers: [a], canary: {interval: 1h}", []),
    ],
)
def test_the_settings_of_a_canary_may_stay_once_its_last_step_is_taken(rest: str, rules: list[str]) -> None:
    text = f"release: r\nenvironments: [{{name: production, prompts: [p], {rest}}}]\n"
    _, findings = parse_manifest(text.encode(), path="release.yml")
    assert [each.rule for each in findings if each.severity is Severity.ERROR] == rules
