"""Why a release may not enter an environment, for the people who wait for it."""

from collections.abc import Sequence

from wavegate.promotion.values import Refusal
from wavegate.text import code, markdown


def refusals_markdown(environment: str, refusals: Sequence[Refusal]) -> str:
    """The step's summary."""
    lines = [f"## ⛔ Not let into {markdown(environment, 100)}", ""]
    lines += [f"- {markdown(each.message)} {code(each.rule)}<br>→ {markdown(each.fix)}" for each in refusals]
    return "\n".join(lines) + "\n"
