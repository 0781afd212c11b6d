"""Why a promotion is blocked, as a step summary."""

from collections.abc import Sequence

from wavegate.promotion.values import Refusal
from wavegate.text import code, markdown


def refusals_markdown(environment: str, refusals: Sequence[Refusal]) -> str:
    """The step summary."""
    lines = [f"## ⛔ Promotion to {markdown(environment, 100)} blocked", ""]
    lines += [f"- {markdown(each.message)} {code(each.rule)}<br>→ {markdown(each.fix)}" for each in refusals]
    return "\n".join(lines) + "\n"
