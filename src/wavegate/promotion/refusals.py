"""Why a promotion is blocked, or admitted out of the ordinary, as a step summary."""

from collections.abc import Sequence

from wavegate.promotion.values import Refusal
from wavegate.text import code, markdown


def refusals_markdown(environment: str, refusals: Sequence[Refusal]) -> str:
    """The step summary of a blocked promotion."""
    lines = [f"## ⛔ Promotion to {markdown(environment, 100)} blocked", ""]
    lines += [f"- {markdown(each.message)} {code(each.rule)}<br>→ {markdown(each.fix)}" for each in refusals]
    return "\n".join(lines) + "\n"


def admitted_markdown(environment: str, overridden: Sequence[Refusal], lane: str) -> str:
    """The step summary of a promotion that is admitted by an override or in the fast lane. lane: why, or ''."""
    lines = [f"## Promotion to {markdown(environment, 100)} admitted", ""]
    if lane:
        lines.append(f"- ⏩ Fast lane: {markdown(lane)}")
    lines += [f"- ⚠️ Overridden: {markdown(each.message)} {code(each.rule)}" for each in overridden]
    return "\n".join(lines) + "\n"
