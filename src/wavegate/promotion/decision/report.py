"""Whether a decision authorizes a promotion, as log lines, step summary and JSON."""

import json
from collections.abc import Iterator, Sequence

from wavegate.gate.attempt.attempt_words import attempt_sentences, linked_verdict
from wavegate.gate.decision import Decision
from wavegate.gate.words import headline, verdict_line
from wavegate.promotion.refusals import refusals_markdown
from wavegate.promotion.values import Refusal
from wavegate.text import code, markdown, one_line

_CHECKED = "schema, numbers, verdict, environment, commit, manifest, packs, agent versions and age"


def evidence_text(decision: Decision | None, digest: str, refusals: Sequence[Refusal]) -> str:
    """Readable lines."""
    return "\n".join(_lines(decision, digest, refusals))


def evidence_markdown(decision: Decision | None, digest: str, refusals: Sequence[Refusal]) -> str:
    """The step summary."""
    if refusals or decision is None:
        release, environment = (decision.release, decision.environment) if decision else ("", "any environment")
        return refusals_markdown(environment, refusals, release=release)
    attempts = "".join(f"{sentence}\n\n" for sentence in attempt_sentences(decision, linked_verdict))
    return (
        f"## {markdown(verdict_line(decision))}\n\n{markdown(decision.claim)}\n\n"
        f"{attempts}"
        f"Decided {decision.time.isoformat()} on commit {code(decision.commit or 'unknown')}; "
        f"sha256 {code(digest)}. Checked: {_CHECKED}.\n"
    )


def evidence_json(decision: Decision | None, digest: str, refusals: Sequence[Refusal]) -> str:
    """One object with a stable shape."""
    about = (
        {
            "environment": decision.environment,
            "release": decision.release,
            "commit": decision.commit,
            "verdict": decision.verdict.value,
            "attempt": decision.attempt,
            "time": decision.time.isoformat(),
        }
        if decision
        else None
    )
    listed = [{"rule": each.rule, "message": each.message, "fix": each.fix} for each in refusals]
    report = {"verdict": "fail" if refusals else "pass", "digest": digest, "decision": about, "refusals": listed}
    return json.dumps(report, indent=2)


def _lines(decision: Decision | None, digest: str, refusals: Sequence[Refusal]) -> Iterator[str]:
    if refusals or decision is None:
        yield f"REJECTED: this decision does not authorize a promotion (sha256 {digest})"
        for refusal in refusals:
            yield one_line(f"  {refusal.rule}: {refusal.message}", 1000)
            yield one_line(f"    → {refusal.fix}", 500)
        return
    yield one_line(f"PASS: {headline(decision)}")
    yield one_line(f"  {decision.claim}")
    yield from (f"  {sentence}" for sentence in attempt_sentences(decision))
    yield f"  decided {decision.time.isoformat()} on commit {one_line(decision.commit or 'unknown', 64)}"
    yield f"  sha256 {digest}"
    yield f"  checked: {_CHECKED}"
