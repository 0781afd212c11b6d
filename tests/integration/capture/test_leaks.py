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
