"""Nothing that people said, and nothing personal, gets anywhere but redacted; and hostile text stays text."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.doubles.double import Double
from tests.doubles.server import Request
from tests.support.capture_world import PACK, CaptureWorld, recorded
from tests.support.places import TESTS
from tests.support.planted import planted
from tests.support.tools import node_bin, npm_package

FORBID = ("--forbid-action", "Issue_Refund")
PERSONAL = ("jane.roe@roe.example", "Jane Roe", "4111 1111 1111 1111", "DE89370400440532013000", "+49 171 5551234")
HOSTILE = (
    "please refund\n::error::owned\n##[error]owned ${{ secrets.TOKEN }} @acme/all #1 `x` <!-- --> </details> [a](http://e.example)"
    "\r\n--- %YAML !!python/object: {a: &b *c} \"quoted\" 'single' \\u0000 \u202e\u200b\x00 | > # key: - value\n...\n"
)


@pytest.fixture
def requests() -> Iterator[list[bytes]]:
    """What is sent to the double, as it arrives."""
    sent: list[bytes] = []
    serve = Double._serve

    def listen(self: Double, request: Request) -> object:
        sent.append(request.path.encode() + request.query_string.encode() + request.body)
        return serve(self, request)

    with patch.object(Double, "_serve", listen):
        yield sent


@pytest.fixture
def world(tmp_path: Path, requests: list[bytes]) -> Iterator[CaptureWorld]:
    made = CaptureWorld(tmp_path)
    assert requests == []
    yield made
    made.close()


def everywhere(world: CaptureWorld, log: str, requests: list[bytes]) -> str:
    """All that was written, logged and sent, as one text."""
    files = [text for branch in world.branches() for text in world.files(branch).values()]
    pulls = [f"{each.title}\n{each.body}\n{each.head}" for each in world.github.pulls]
    steps = [(world.folder / name).read_text() for name in ("output", "summary")]
    sent = [each.decode("utf-8", "replace").encode().decode("unicode_escape", "replace") for each in requests]
    assert len(sent) > 5
    return "\n".join([log, *files, *pulls, *steps, *world.branches(), *sent])


def test_nothing_of_the_corpus_of_personal_data_is_written_logged_or_sent(
    world: CaptureWorld, requests: list[bytes]
) -> None:
    sentences = list(planted("planted"))
    values = {text[start:end] for text, items in sentences for _, start, end in items}
    lines = []
    for number in range(0, len(sentences), 12):
        texts = [each.text for each in sentences[number : number + 12]]
        lines.append(
            recorded(*texts[: len(texts) // 2 * 2], session=f"{PERSONAL[0]}-{number}", actions=["Issue_Refund"])
        )
    arguments = (*FORBID, "--reason", f"{PERSONAL[1]} ({PERSONAL[0]}) got money")
    done = world.run(*arguments, conversations="\n".join(lines))
    assert done.returncode == 0, done.stdout
    assert int(world.outputs()["captured"]) > 5
    text = everywhere(world, done.stdout, requests)
    # of a value that is a usual word elsewhere, an occurrence proves nothing
    long = {each for each in values if len(re.sub(r"\W", "", each)) >= 6}
    assert len(long) > 150
    assert sorted(each for each in {*long, PERSONAL[0]} if each in text) == []


def test_personal_data_that_an_answer_disclosed_is_shown_by_published_examples(
    world: CaptureWorld, requests: list[bytes]
) -> None:
    leaks = recorded(
        f"I am {PERSONAL[1]}. Who pays?", f"{PERSONAL[1]}, {PERSONAL[0]}, card {PERSONAL[2]}, {PERSONAL[3]}."
    )
    leaks = leaks.replace("4111 1111 1111 1111", "5500 0000 0000 0004")
    done = world.run("--condition", "personal-data", conversations=leaks)
    assert done.returncode == 0, done.stdout
    files = world.files(world.branches()[0])
    (policy,) = json.loads(files[PACK])["policies"].values()
    assert policy == {"pii": ["credit-card", "email", "iban"]}
    (transcript,) = (text for path, text in files.items() if path.endswith(".jsonl"))
    said = json.loads(transcript)["turns"][-1]["text"]
    assert all(
        each in said for each in ("4111 1111 1111 1111", "customer@example.com", "DE89 3704 0044 0532 0130 00")
    )
    text = everywhere(world, done.stdout, requests)
    assert [each for each in (PERSONAL[0], "Roe", "5500 0000", PERSONAL[3]) if each in text] == []
    assert "published example values" in (world.github.pulls[0].body or "")


def test_a_pattern_with_a_value_of_the_conversation_is_refused(world: CaptureWorld) -> None:
    said = recorded(f"My mail is {PERSONAL[0]}", f"I wrote to {PERSONAL[0]}.")
    done = world.run("--must-not-say", re.escape(PERSONAL[0]), conversations=said)
    assert done.returncode == 2, done.stdout
    assert "contains personal data" in done.stdout
    assert PERSONAL[0] not in done.stdout
    assert world.branches() == []


def test_hostile_text_stays_text(world: CaptureWorld) -> None:
    npm_package("@salesforce/agents/package.json")
    said = recorded("So " + HOSTILE, "No " + HOSTILE, HOSTILE, "Done " + HOSTILE, actions=["Issue_Refund", HOSTILE])
    done = world.run(*FORBID, "--reason", HOSTILE, conversations=said)
    assert done.returncode == 0, done.stdout
    assert not [each for each in done.stdout.splitlines() if each.lstrip().startswith(("::error", "##["))]
    files = world.files(world.branches()[0])
    (spec,) = (text for path, text in files.items() if path.startswith("specs/"))
    assert "\\u0000" not in spec.replace("\\\\u0000", "")
    file = world.folder / "spec.yaml"
    file.write_text(spec, encoding="utf-8")
    command = [str(node_bin() / "node"), str(TESTS / "tools" / "convert_spec.mjs"), str(file)]
    made = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)
    (case,) = made["testCase"]
    assert case["inputs"]["utterance"].startswith(
        "please refund\n::error::owned\n##[error]owned ${{ secrets.TOKEN }} @"
    )
    history = case["inputs"]["conversationHistory"]
    assert [each["role"] for each in history] == ["user", "agent"]
    assert history[0]["message"].startswith("So please refund\n::error::owned")
    body = world.github.pulls[0].body or ""
    outside = re.sub(r"(?s)```.*?```", "", body)
    assert "@acme/all" not in outside
    assert "<!-- -->" not in outside
    assert "secrets" not in world.branches()[0]
    assert HOSTILE not in json.loads(next(text for path, text in files.items() if path.endswith(".jsonl")))["actions"]


def test_the_test_starts_with_the_variables_that_are_nobodys(world: CaptureWorld) -> None:
    npm_package("@salesforce/agents/package.json")
    state = {"Language": "de", "ContactName": PERSONAL[1], "tier": "Gold", "note": "he said: call me, later, please"}
    done = world.run(*FORBID, conversations=session(state, {**state, "tier": "Silver", "order": "7"}))
    assert done.returncode == 0, done.stdout
    files = world.files(world.branches()[0])
    (spec,) = (text for path, text in files.items() if path.startswith("specs/"))
    file = world.folder / "spec.yaml"
    file.write_text(spec, encoding="utf-8")
    command = [str(node_bin() / "node"), str(TESTS / "tools" / "convert_spec.mjs"), str(file)]
    made = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)
    (case,) = made["testCase"]
    assert case["inputs"]["contextVariable"] == [{"variableName": "Language", "variableValue": "de"}]
    body = world.github.pulls[0].body or ""
    assert "starts with the session's variables <code>Language</code> = <code>de</code>" in body
    assert "Variables with a person's value are left out: <code>ContactName</code>" in body
    assert PERSONAL[1] not in body + "".join(files.values())


def session(before: dict[str, str], after: dict[str, str]) -> str:
    """A session trace with a forbidden refund, and its variables before and after it."""

    def row(key: str, **more: str) -> dict[str, str]:
        ids = {"Id": key, "AiAgentSessionId": "s", "AiAgentInteractionId": "i"}
        return {f"ssot__{name}__c": value for name, value in (ids | more).items()}

    def sent(key: str, kind: str, text: str) -> dict[str, str]:
        time = f"2026-06-17T02:25:4{key}.000Z"
        return row(key, AiAgentInteractionMessageType=kind, ContentText=text, MessageSentTimestamp=time)

    step = row(
        "9",
        AiAgentInteractionStepType="ACTION_STEP",
        Name="Issue_Refund",
        StartTimestamp="2026-06-17T02:25:42.000Z",
        PreStepVariableText=json.dumps(before),
        PostStepVariableText=json.dumps(after),
    )
    return json.dumps(
        {
            "ssot__AIAgentSession__dlm": [row("s", StartTimestamp="2026-06-17T02:25:40.000Z")],
            "ssot__AIAgentInteraction__dlm": [row("i", AiAgentInteractionType="TURN", TopicApiName="Refunds")],
            "ssot__AIAgentInteractionStep__dlm": [step],
            "ssot__AiAgentInteractionMessage__dlm": [sent("1", "Input", "Pay me"), sent("3", "Output", "Paid.")],
        }
    )


def test_an_utterance_of_five_megabytes_is_cut(world: CaptureWorld) -> None:
    huge = recorded("refund " * 750_000, "Refunded. " + "x" * 50_000, actions=["Issue_Refund"])
    outputs = world.capture(*FORBID, conversations=huge)
    assert outputs["captured"] == "1"
    files = world.files(world.branches()[0])
    assert all(len(text) < 20_000 for text in files.values())
    assert "Texts were cut" in (world.github.pulls[0].body or "")


def test_files_that_cannot_be_read_are_named_without_what_they_hold(world: CaptureWorld) -> None:
    broken = (
        f'{recorded("x", "y", actions=["Issue_Refund"])}\n{{"who": "{PERSONAL[0]}", "turns": 1, "test": "a"}}\n{{oops'
    )
    done = world.run(*FORBID, conversations=broken)
    assert done.returncode == 0, done.stdout
    assert "conversations.jsonl:2: error" in done.stdout
    assert PERSONAL[0] not in done.stdout
    assert "2 problems" in (world.github.pulls[0].body or "")
    done = world.run(*FORBID, conversations="{oops")
    assert (done.returncode, "There is no conversation to read" in done.stdout) == (2, True)


@pytest.mark.parametrize("name", [PERSONAL[0], PERSONAL[1], "Jane_Roe", "jane.roe", PERSONAL[4], PERSONAL[3]])
def test_names_that_the_project_does_not_have_are_written_nowhere(
    world: CaptureWorld, requests: list[bytes], name: str
) -> None:
    said = recorded("pay me", "done", session=name, actions=["Issue_Refund", name], topic=name)
    done = world.run(*FORBID, conversations=said)
    assert done.returncode == 0, done.stdout
    assert "The project does not have 1 topic and 1 action of the conversations" in done.stdout
    assert name not in everywhere(world, done.stdout, requests)
    failed = {"name": name, "error": "timeout"}
    done = world.run("--condition", "action-error", conversations=json.dumps(trace(failed)))
    assert (done.returncode, "an action that the project does not have" in done.stdout) == (2, True)
    assert name not in done.stdout


def trace(call: dict[str, str]) -> dict[str, object]:
    """A session of OpenTelemetry with a call that failed."""

    def text(key: str, value: str) -> dict[str, object]:
        return {"key": key, "value": {"stringValue": value}}

    def span(key: str, name: str, *attributes: dict[str, object], parent: str = "", error: str = "") -> object:
        more = {"status": {"code": 2, "message": error}} if error else {}
        times = {"startTimeUnixNano": "1780000000000000000", "endTimeUnixNano": "1780000001000000000"}
        return {"traceId": "a" * 32, "spanId": key * 16, "parentSpanId": parent, "name": name, **times, **more} | {
            "attributes": list(attributes)
        }

    said = [
        text("gen_ai.operation.name", "invoke_agent"),
        text("gen_ai.input.messages", json.dumps([{"role": "user", "parts": [{"type": "text", "content": "pay"}]}])),
        text(
            "gen_ai.output.messages",
            json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": "I cannot."}]}]),
        ),
    ]
    tool = [text("gen_ai.operation.name", "execute_tool"), text("gen_ai.tool.name", call["name"])]
    spans = [
        span("1", "invoke_agent Support_Agent", *said),
        span("2", "execute_tool", *tool, parent="1" * 16, error=call["error"]),
    ]
    return {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"spans": spans}]}]}
