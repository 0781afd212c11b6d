"""The product's texts use the field's words: phrases that were translated, and were replaced, do not come back."""

import re

import pytest
from tests.support.places import ROOT

TEXTS = sorted(
    path
    for pattern in (
        *("src/**/*.py", "launch.py", "*.md", "docs/**/*.md", "schemas/*.json", "action.yml"),
        *(".github/**/*.yml", ".github/**/*.md", "workflows-templates/*"),
    )
    for path in ROOT.glob(pattern)
    if path.is_file()
)

REPLACED = {
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\btold\b": "message, detail",
    r"\bdear\b": "expensive",
    r"\b(is|are|be) lacking\b": "is missing",
    r"\b(here|there) twice\b": "duplicate",
    r"\blet(s|ting)? (\w+ |nothing )?(in|into|out)\b": "admit, promote, add, remove",
    r"\bway (back|out)\b": "rollback",
    r"\bby hand\b": "manually",
    r"\bafresh\b": "again",
    r"(?<!there )\bis no (?!longer|more\b|such\b)": "is not a",
    r"\bis none (for|of)\b|, and is none\b": "is not one",
    r"\byet to come\b": "in the future",
    r"\bfrom the future\b": "dated in the future",
    r"\btakes? (it |the job )?up (again|where)\b": "resumes",
    r"\bhangs? together\b": "dependency graph",
    r"\b(makes?|made) (a missing one )?up\b": "creates",
    r"\bhow they come back\b": "rollback procedure",
    r"\bdoes in .{1,30} what its packs ask for\b": "meets its smoke packs",
    r"\bis not shown that\b": "not enough evidence",
    r"Another run came after it": "Superseded by another run",
    r"\bOff until then\b": "stays inactive until then",
    r"\bThe whole way\b": "Full setup",
    r"\bMost runs in progress\b": "Maximum concurrent runs",
    r"\basks? for first\b": "first stage",
    r"\bturn(s|ed|ing)? (\S+ ){0,3}off\b": "disable, deactivate",
    r"\bagents? (is|are) off\b": "inactive",
    r"\bnone twice\b": "never starts one twice",
    r"\bwhere (there|it) (is|was|has) (no|none|not)\b": "if",
    r"\bit is unknown what is live\b": "the live release is unknown",
    r"\ba try\b|\btries\b": "attempt",
}
"""A phrase to what this project says instead."""


@pytest.mark.parametrize("phrase", REPLACED)
def test_a_replaced_phrase_does_not_come_back(phrase: str) -> None:
    pattern = re.compile(phrase, re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:160]}"
        for path in TEXTS
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == [], f"say: {REPLACED[phrase]}"
