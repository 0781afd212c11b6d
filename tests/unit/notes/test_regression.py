"""Between which two decisions a test began to fail."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.decisions import decision

from wavegate.errors import InputError
from wavegate.gate.decision import Decision, Verdict
from wavegate.notes.regression import since_good

LETTERS = {"p": Verdict.PASS, "f": Verdict.FAIL, "i": Verdict.INCONCLUSIVE}


def decisions(verdicts: str, test: str = "pii") -> list[Decision]:
    """One decision a day for each letter; `-` for one without the test."""
    made = []
    for number, letter in enumerate(verdicts):
        base = decision("readiness", time=datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=number), commit="a" * 40)
        row = base.tests[0]
        rows: Sequence[object] = ()
        if letter != "-":
            rows = (_with(row, test=test, verdict=LETTERS[letter]),)
        made.append(_with(base, release=f"r{number}", tests=tuple(rows)))
    return made


def _with(value: object, **changes: object) -> Decision:
    import msgspec

    return msgspec.structs.replace(value, **changes)  # type: ignore[type-var, return-value]


@pytest.mark.parametrize(
    ("verdicts", "good", "bad"),
    [
        ("pf", "r0", "r1"),
        ("ppff", "r1", "r2"),
        ("pif", "r0", "r2"),
        ("p--f", "r0", "r3"),
        ("pfpf", "r2", "r3"),
        ("pfp", "r0", "r1"),
        ("fpf", "r1", "r2"),
        ("pffpi", "r0", "r1"),
    ],
)
def test_the_last_pass_before_the_first_failure(verdicts: str, good: str, bad: str) -> None:
    made = decisions(verdicts)
    found = since_good(made[::-1], "pii")
    assert tuple(each.release for each in found) == (good, bad)
    assert since_good(made, "readiness/pii") == found


@pytest.mark.parametrize("verdicts", ["p", "f", "fp", "pi", "ffp"])
def test_a_test_that_never_began_to_fail_is_an_error(verdicts: str) -> None:
    with pytest.raises(InputError, match="did not fail after it had passed"):
        since_good(decisions(verdicts), "pii")


def test_an_unknown_test_is_an_error_that_suggests_one() -> None:
    with pytest.raises(InputError, match="No decision has the test") as caught:
        since_good(decisions("pf"), "readiness/pi")
    assert "readiness/pii" in caught.value.fix
