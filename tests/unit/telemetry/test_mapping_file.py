"""A telemetry file and what it leaves out, its rules, and those over it and the manifest."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.support.telemetry_world import DATA_CLOUD, SOQL, mapping, parse

from wavegate.check.checks import check_release
from wavegate.errors import InputError
from wavegate.release.manifest import Environment, PackGate
from wavegate.telemetry.mapping.file import load_mapping
from wavegate.telemetry.mapping.rules import violation_chain
from wavegate.telemetry.mapping.values import IGNORED, CohortBy, SessionEnd, SourceKind
from wavegate.telemetry.values import Lane

FILES = """
source: files
files: [exports/*.csv]
tables: {session: {columns: {id: session, start: started, agent: agent}}}
"""
MANIFEST = """
release: wave-3
cohorts: {tier2-support: {permissionSet: Tier2}}
environments:
  - {name: uat, prompts: [greeting], telemetry: agentforce/telemetry/uat.yml}
  - {name: production, prompts: [greeting], rollout: canary, pilotUsers: [tier2-support, supervisors]}
"""


def rules(text: str) -> list[tuple[str, int]]:
    """Rule and line of each finding."""
    return [(each.rule, each.location.line) for each in parse(text.lstrip("\n"))[1].findings]


def test_a_short_file_is_enough_for_data_cloud() -> None:
    found = mapping(DATA_CLOUD)
    assert found.source is SourceKind.DATA_CLOUD
    assert found.tables["session"].name == "ssot__AIAgentSession__dlm"
    assert found.tables["participant"].columns["agent"] == "ssot__AiAgentApiName__c"
    assert found.severities == {"true": "high", "false": IGNORED}
    assert found.excluded_channels[0] == "Builder"
    assert found.lag == {Lane.FAST: timedelta(hours=1), Lane.SLOW: timedelta(hours=48)}
    assert found.cohort is None
    assert found.digest


def test_a_daily_export_is_not_late_by_default() -> None:
    assert mapping(FILES.lstrip("\n")).lag == {Lane.FAST: timedelta(hours=36), Lane.SLOW: timedelta(hours=48)}


def test_what_the_file_says_replaces_what_is_usual_column_by_column() -> None:
    found = mapping(
        f"{DATA_CLOUD}lag: {{slow: 72h}}\nexcludedChannels: [Test]\nagents: {{Desk: [a, b]}}\n"
        "tables:\n  session: {columns: {channel: none, end: ends__c}}\n  interaction: none\n  step: none\n"
        "  violation: none\n"
    )
    assert "channel" not in found.tables["session"].columns
    assert found.tables["session"].columns["end"] == "ends__c"
    assert found.tables["session"].columns["id"] == "ssot__Id__c"
    assert set(found.tables) == {"session", "participant"}
    assert found.lag[Lane.FAST] == timedelta(hours=1)
    assert found.excluded_channels == ("Test",)
    assert found.agents == {"a": "Desk", "b": "Desk"}


def test_words_are_kept_as_they_are_written() -> None:
    found = mapping(DATA_CLOUD.replace("[resolved]", '["yes", RESOLVED, "1.0"]'))
    assert [word for word, end in found.outcomes.items() if end is SessionEnd.GOOD] == ["yes", "RESOLVED", "1.0"]


def test_soql_knows_its_own_words_and_none_of_them_is_good() -> None:
    assert SessionEnd.GOOD not in mapping("source: soql\n").outcomes.values()
    assert mapping(f"{SOQL}cohort: {{by: channel}}\n").cohort.by is CohortBy.CHANNEL  # type: ignore[union-attr]


def test_the_chain_from_violations_ends_at_the_first_table_with_a_session() -> None:
    usual = violation_chain(mapping(DATA_CLOUD))
    assert [each.name for each in usual] == [
        "GenAIContentQuality__dlm",
        "ssot__AIAgentInteractionStep__dlm",
        "ssot__AIAgentInteraction__dlm",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("source: files\ntables: {session: {columns: {id: a, start: b, agent: c}}}", ("telemetry/no-files", 1)),
        (FILES.replace("agent: agent", "version: v"), ("telemetry/missing-column", 3)),
        (f"{FILES}cohort: {{by: column}}", ("telemetry/missing-column", 3)),
        (f"{FILES}cohort: {{by: user}}", ("telemetry/missing-column", 3)),
        (f"{FILES}cohort: {{by: channel}}", ("telemetry/missing-column", 3)),
        (f"{DATA_CLOUD}tables: {{interaction: none}}", ("telemetry/missing-column", 3)),
        (f"{DATA_CLOUD}tables: {{step: {{columns: {{id: none}}}}}}", ("telemetry/missing-column", 3)),
        (f"{DATA_CLOUD}tables: {{participant: {{columns: {{session: none}}}}}}", ("telemetry/missing-column", 3)),
        (DATA_CLOUD.replace("[other,", "[resolved,"), ("telemetry/repeated-word", 2)),
        (f"{DATA_CLOUD}severities: {{high: [a], low: [a]}}", ("telemetry/repeated-word", 3)),
        (f"{DATA_CLOUD}agents: {{A: [x], B: [x]}}", ("telemetry/repeated-word", 3)),
        (f"{DATA_CLOUD}cohort: {{by: channel, values: {{a: [x], b: [x]}}}}", ("telemetry/repeated-word", 3)),
        ("source: data-cloud", ("telemetry/no-meaning", 1)),
        (FILES.replace("agent: agent", "agent: a, severity: s"), ("telemetry/no-meaning", 3)),
        (f"{DATA_CLOUD}files: [a.csv]", ("telemetry/unused-setting", 3)),
        (f"{FILES}endTypes: {{good: [x]}}", ("telemetry/unused-setting", 4)),
        (f"{SOQL}tables: {{interaction: {{name: A}}}}", ("telemetry/unused-setting", 4)),
        (f"{SOQL}tables: {{session: {{columns: {{latency: L__c}}}}}}", ("telemetry/unused-setting", 4)),
        (f"{DATA_CLOUD}cohort: {{by: user, values: {{a: [x]}}}}", ("telemetry/unused-setting", 3)),
        (f"{DATA_CLOUD}tables: {{session: {{columns: {{id: a.b}}}}}}", ("telemetry/invalid-name", 3)),
        (f"{SOQL}tables: {{session: {{columns: {{agent: 'a) OR (b'}}}}}}", ("telemetry/invalid-name", 4)),
        (f"{DATA_CLOUD}metrics: {{m: {{query: DROP TABLE x}}}}", ("telemetry/metric-query", 3)),
        (f"{FILES}metrics: {{m: {{query: SELECT 1}}}}", ("telemetry/metric-query", 4)),
        ("source: files\nfile: [a.csv]", ("schema/unknown-key", 2)),
    ],
)
def test_a_mistake_is_found_where_it_is(text: str, expected: tuple[str, int]) -> None:
    assert expected in rules(text)


def test_a_relationship_is_a_field_of_soql() -> None:
    mapping(f"{SOQL}tables: {{session: {{columns: {{agent: MessagingChannel.DeveloperName}}}}}}\n")


def checked(root: Path, files: dict[str, str]) -> list[tuple[str, str, str]]:
    for path, text in {"release.yml": MANIFEST, **files}.items():
        place = root / "agentforce" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    found = check_release(root, (), today=date(2026, 11, 2)).findings
    return [(each.rule, each.location.file, f"{each.message} {each.fix}") for each in found
            if each.rule.startswith(("telemetry/", "file/"))]  # fmt: skip


def test_a_file_that_the_manifest_names_must_exist(tmp_path: Path) -> None:
    ((rule, file, text),) = checked(tmp_path, {})
    assert (rule, file) == ("telemetry/no-file", "agentforce/release.yml")
    assert "telemetry discover uat --write" in text
    assert checked(tmp_path, {"telemetry/uat.yml": DATA_CLOUD}) == []


def test_cohorts_are_those_of_the_manifest(tmp_path: Path) -> None:
    cohort = "cohort: {by: channel, values: {tier2-suport: [Tier2], supervisors: [S]}}\n"
    found = checked(tmp_path, {"telemetry/uat.yml": DATA_CLOUD, "telemetry/production.yml": DATA_CLOUD + cohort})
    assert [(rule, file) for rule, file, _ in found] == [
        ("telemetry/unknown-cohort", "agentforce/telemetry/production.yml"),
        ("telemetry/cohort-without-values", "agentforce/telemetry/production.yml"),
    ]
    assert "Did you mean `tier2-support`?" in found[0][2]
    assert "`tier2-support`" in found[1][2]


def test_a_file_of_no_environment_is_said(tmp_path: Path) -> None:
    found = checked(tmp_path, {"telemetry/uat.yml": DATA_CLOUD, "telemetry/prodution.yml": DATA_CLOUD})
    assert [rule for rule, _, _ in found] == ["telemetry/not-read"]
    assert "Did you mean `production`?" in found[0][2]


def test_a_telemetry_file_in_the_wrong_place_is_said(tmp_path: Path) -> None:
    found = checked(tmp_path, {"telemetry/uat.yml": DATA_CLOUD, "sessions.yml": DATA_CLOUD})
    assert [rule for rule, _, _ in found] == ["file/misplaced"]
    assert "a folder named `telemetry`" in found[0][2]


def test_loading_names_the_command_that_writes_the_file(tmp_path: Path) -> None:
    environment = Environment(name="production", org="production", verify=PackGate())
    with pytest.raises(InputError, match=r"no file or folder `agentforce/telemetry/production.yml`") as missing:
        load_mapping(tmp_path, environment)
    assert missing.value.fix.startswith("Run `wavegate telemetry discover production --write`")
    place = tmp_path / "agentforce/telemetry/production.yml"
    place.parent.mkdir(parents=True)
    place.write_text("source: data-cloud\n", encoding="utf-8")
    with pytest.raises(InputError, match="does not say what the words") as unclear:
        load_mapping(tmp_path, environment)
    assert (unclear.value.file, unclear.value.line) == ("agentforce/telemetry/production.yml", 1)
