"""`wavegate telemetry discover` reads the catalogue and the words, and writes a file that needs only decisions."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.doubles.salesforce.data_cloud import DataCloud
from tests.support.deploying import Desk, Run
from tests.support.telemetry_world import LIVE, TEXT, TIME, TracedSession, parse, seed, seed_messaging

from wavegate.release.reading import load_manifest
from wavegate.telemetry.mapping.file import load_mapping
from wavegate.telemetry.mapping.values import SessionEnd

FILE = "agentforce/telemetry/uat.yml"
YESTERDAY = datetime.now(UTC) - timedelta(days=1)
WORDS = ("resolved", "USER_ENDED", "Transfer", None, 'it\'s: "odd" # ::error::owned')
SESSIONS = [TracedSession(key=f"s{n}", start=YESTERDAY, end_type=word) for n, word in enumerate(WORDS)]
STD = {
    "ssot__AIAgentSession__dlm": "std__AiAgentSessionDmo__dlm",
    "ssot__AiAgentSessionParticipant__dlm": "std__AiAgentSessionParticipantDmo__dlm",
    "ssot__Id__c": "std__Id__c",
    "ssot__StartTimestamp__c": "std__StartTimestamp__c",
    "ssot__EndTimestamp__c": "std__EndTimestamp__c",
    "ssot__AiAgentSessionEndType__c": "std__AiAgentSessionEndType__c",
    "ssot__AiAgentChannelType__c": "std__AiAgentChannelType__c",
    "ssot__AiAgentSessionId__c": "std__AiAgentSessionId__c",
}


@pytest.fixture
def cloud(desk: Desk) -> DataCloud:
    desk.org.data_cloud = DataCloud()
    return desk.org.data_cloud


def written(desk: Desk) -> str:
    return (desk.checkout / FILE).read_text("utf-8")


def test_a_new_file_has_the_decided_words_and_lists_the_others(desk: Desk, run: Run, cloud: DataCloud) -> None:
    seed(cloud, SESSIONS)
    done = run("telemetry-discover", "uat", "--write")
    assert done.code == 0, done.log
    assert done.outputs == {"path": FILE, "undecided": "2", "changed": "true"}
    mapping, document = parse(written(desk))
    assert mapping, document.findings
    assert mapping.outcomes == {
        "resolved": SessionEnd.GOOD,
        "Transfer": SessionEnd.ESCALATED,
        "NOT_SET": SessionEnd.OTHER,
    }
    assert "#   USER_ENDED  # 1\n" in written(desk)
    assert f"#   {LIVE}, version v3: 5 sessions" in written(desk)
    assert "tables:" not in written(desk)


def test_without_write_nothing_is_written(desk: Desk, run: Run, cloud: DataCloud) -> None:
    seed(cloud, SESSIONS)
    done = run("telemetry-discover", "uat")
    assert "With --write, this would be written to agentforce/telemetry/uat.yml. 2 words to be decided." in done.log
    assert not (desk.checkout / FILE).exists()


def test_a_second_run_changes_nothing(desk: Desk, run: Run, cloud: DataCloud) -> None:
    seed(cloud, SESSIONS)
    run("telemetry-discover", "uat", "--write")
    before = written(desk)
    done = run("telemetry-discover", "uat", "--write")
    assert (done.outputs["changed"], written(desk)) == ("false", before)


@pytest.mark.parametrize("names", [STD, {"ssot__AIAgentSession__dlm": "ssot__AiAgentSession__dlm"}])
def test_other_spellings_are_found_and_written(desk: Desk, run: Run, cloud: DataCloud, names: dict[str, str]) -> None:
    seed(cloud, SESSIONS, names=names)
    done = run("telemetry-discover", "uat", "--write")
    assert "is another spelling of `ssot__AIAgentSession__dlm`" in done.log
    mapping, document = parse(written(desk))
    assert mapping, document.findings
    assert mapping.tables["session"].name == names["ssot__AIAgentSession__dlm"]
    assert mapping.tables["session"].columns["id"] == names.get("ssot__Id__c", "ssot__Id__c")


def test_two_spellings_at_once_are_said(run: Run, cloud: DataCloud) -> None:
    seed(cloud, SESSIONS)
    cloud.seed("std__AiAgentSessionDmo__dlm", {"std__Id__c": TEXT, "std__StartTimestamp__c": TIME})
    done = run("telemetry-discover", "uat")
    assert "The catalogue also has `std__AiAgentSessionDmo__dlm` beside `ssot__AIAgentSession__dlm`" in done.log


def test_tables_that_the_org_lacks_are_set_to_none(desk: Desk, run: Run, cloud: DataCloud) -> None:
    seed(cloud, SESSIONS)
    del cloud.columns["GenAIContentQuality__dlm"]
    done = run("telemetry-discover", "uat", "--write")
    assert "There is no table for `violation`" in done.log
    mapping, document = parse(written(desk))
    assert mapping, document.findings
    assert "violation" not in mapping.tables


EXISTING = """\
# Ours.
source: data-cloud   # tracing
endTypes:
  good: [USER_ENDED, resolved]  # decided on 2 November
  other:
    - Transfer    # we call it so
"""


def test_decisions_of_an_existing_file_are_kept_and_what_is_new_is_added(
    desk: Desk, run: Run, cloud: DataCloud
) -> None:
    seed(cloud, SESSIONS, names={"ssot__AIAgentSession__dlm": "ssot__AiAgentSession__dlm"})
    (desk.checkout / FILE).parent.mkdir(parents=True)
    (desk.checkout / FILE).write_text(EXISTING, encoding="utf-8")
    shown = run("telemetry-discover", "uat")
    assert written(desk) == EXISTING
    assert "+    name: ssot__AiAgentSession__dlm" in shown.log
    run("telemetry-discover", "uat", "--write")
    for line in EXISTING.splitlines():
        assert line.strip() in written(desk)
    assert "- NOT_SET" in written(desk)
    mapping, document = parse(written(desk))
    assert mapping, document.findings
    assert mapping.outcomes["USER_ENDED"] is SessionEnd.GOOD
    assert mapping.outcomes["Transfer"] is SessionEnd.OTHER
    assert mapping.tables["session"].name == "ssot__AiAgentSession__dlm"


def test_a_table_that_the_file_names_and_the_org_lacks_is_said_and_kept(
    desk: Desk, run: Run, cloud: DataCloud
) -> None:
    seed(cloud, SESSIONS)
    (desk.checkout / FILE).parent.mkdir(parents=True)
    text = f"{EXISTING}tables: {{session: {{name: ssot__Wrong__dlm}}}}\n"
    (desk.checkout / FILE).write_text(text, encoding="utf-8")
    done = run("telemetry-discover", "uat", "--write")
    assert "The file names `ssot__Wrong__dlm` for `session`; `ssot__AIAgentSession__dlm` was found." in done.log
    assert "ssot__Wrong__dlm" in written(desk)


def test_a_file_that_is_not_valid_is_named_with_its_place(desk: Desk, run: Run, cloud: DataCloud) -> None:
    seed(cloud, SESSIONS)
    (desk.checkout / FILE).parent.mkdir(parents=True)
    (desk.checkout / FILE).write_text("source: warehouse\n", encoding="utf-8")
    done = run("telemetry-discover", "uat", "--write")
    assert done.code == 2
    assert f"{FILE}:1:9" in done.log


def test_without_data_cloud_the_orgs_own_objects_are_looked_at(desk: Desk, run: Run) -> None:
    seed_messaging(desk.org.objects, [
        TracedSession(key="a", start=YESTERDAY), TracedSession(key="b", start=YESTERDAY, end_type="escalated"),
    ])  # fmt: skip
    done = run("telemetry-discover", "uat", "--write")
    assert done.code == 0, done.log
    assert "Employee agents leave no session here" in done.log
    assert "Fields that could name the agent or the cohort: `EndUser__c` and `Pilot_Arm__c`." in done.log
    mapping, document = parse(written(desk))
    assert mapping, document.findings
    assert mapping.outcomes == {
        "Bot": SessionEnd.OTHER,
        "BotToAgent": SessionEnd.ESCALATED,
        "NOT_SET": SessionEnd.OTHER,
    }


def test_fields_that_the_user_may_not_read_are_named(desk: Desk, run: Run) -> None:
    desk.org.objects.seed("MessagingSession", {"Id": "id", "AgentType": "picklist", "ChannelName": "string"})
    done = run("telemetry-discover", "uat", "--source", "soql")
    assert done.code == 2
    assert "may not read `StartTime` of MessagingSession" in done.log


def test_nothing_is_written_outside_the_checkout(desk: Desk, run: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (desk.checkout / "agentforce/telemetry").symlink_to(tmp_path / "elsewhere")
    done = run("telemetry-discover", "uat", "--write")
    assert done.code == 2
    assert f"The telemetry file {FILE} is outside the checkout." in done.log
    assert not any((tmp_path / "elsewhere").iterdir())


def test_json_has_all_and_no_line_of_it_is_a_workflow_command(run: Run, cloud: DataCloud) -> None:
    seed(cloud, SESSIONS)
    done = run("telemetry-discover", "uat", "--format", "json")
    found = json.loads(done.log)
    assert {each["word"]: each["meaning"] for each in found["words"]["endTypes"]} == {
        "resolved": "good", "USER_ENDED": None, "Transfer": "escalated", "NOT_SET": "other", WORDS[-1]: None,
    }  # fmt: skip
    assert found["agents"] == [{"name": LIVE, "version": "v3", "sessions": 5}]
    markdown = run("telemetry-discover", "uat", "--format", "markdown")
    assert "**to be decided**" in markdown.log
    assert not [each for each in markdown.log.splitlines() if each.startswith("::error")]


def test_it_may_be_typed_as_two_words(run: Run, cloud: DataCloud) -> None:
    seed(cloud, SESSIONS)
    assert run("telemetry", "discover", "uat").code == 0


def test_what_it_writes_is_what_a_look_reads(desk: Desk, run: Run, cloud: DataCloud) -> None:
    seed(cloud, SESSIONS)
    run("telemetry-discover", "uat", "--write")
    root = Path(desk.checkout)
    assert load_mapping(root, load_manifest(root).environments[0]).path == FILE


EXPORT = """\
Session ID,started_at,outcome,agent_name,agent_version,channel,latency_ms,region
s1,2026-11-02T09:00:00Z,resolved,Library_Desk,v3,Web,1200,north
s2,2026-11-02T09:10:00Z,walked off,Library_Desk,v3,Builder,800,south
s3,2026-11-02T09:20:00Z,,Library_Desk_Pilot,v1,Web,,north
"""


def test_exported_files_need_no_org(desk: Desk, run: Run) -> None:
    (desk.checkout / "exports").mkdir()
    (desk.checkout / "exports/november.csv").write_text(EXPORT, encoding="utf-8")
    done = run("telemetry-discover", "uat", "--file", "exports/*.csv", "--write")
    assert done.code == 0, done.log
    assert desk.org.routes == []
    assert "Other columns: `region`." in done.log
    assert "`latency_ms` is taken for milliseconds." in done.log
    mapping, document = parse(written(desk))
    assert mapping, document.findings
    assert mapping.files == ("exports/*.csv",)
    assert mapping.tables["session"].columns == {
        "id": "Session ID", "start": "started_at", "endType": "outcome", "agent": "agent_name",
        "version": "agent_version", "channel": "channel", "latency": "latency_ms",
    }  # fmt: skip
    assert mapping.outcomes == {"resolved": SessionEnd.GOOD, "NOT_SET": SessionEnd.OTHER}
    assert mapping.excluded_channels == ("Builder",)
    assert "#   walked off  # 1\n" in written(desk)
    again = run("telemetry-discover", "uat", "--write")
    assert again.outputs["changed"] == "false"


def test_files_without_an_agent_or_a_match_are_said(desk: Desk, run: Run) -> None:
    done = run("telemetry-discover", "uat", "--file", "exports/*.csv")
    assert done.code == 2
    assert "No exported file matches `exports/*.csv`." in done.log
    (desk.checkout / "exports").mkdir()
    (desk.checkout / "exports/a.csv").write_text("id,start\na,2026-11-02\n", encoding="utf-8")
    assert "No column looks like the agent" in run("telemetry-discover", "uat", "--file", "exports/*.csv").log
    assert run("telemetry-discover", "uat", "--source", "files").code == 2
