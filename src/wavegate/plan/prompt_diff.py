"""How a release changes the text of its prompts."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from html import unescape

from wavegate.components.changes import ComponentChange
from wavegate.components.component import Component, ComponentId
from wavegate.components.scope import ReleaseScope
from wavegate.plan.values import Plan, PromptChange
from wavegate.release.manifest import Kind

MAX_LINES = 1000
"""Maximum lines compared per prompt file: comparing takes quadratic time."""
SHOWN = 24
"""Maximum lines of a diff that are shown."""

Files = Mapping[str, bytes]


def prompt_changes(
    plan: Plan, before: ReleaseScope | None, *, now: Files, earlier: Files
) -> tuple[PromptChange, ...]:
    """The prompts that change.

    before: the scope of the live release. now, earlier: content by path, of this release and of the live one.
    """
    live = {each.id: each for each in before.components} if before else {}
    prompts = (each for each in plan.changes if each.component.kind is Kind.PROMPTS)
    return tuple(_change(each, live, now, earlier) for each in prompts)


def _change(
    change: ComponentChange, live: Mapping[ComponentId, Component], now: Files, earlier: Files
) -> PromptChange:
    component = change.component
    old = list(_lines(live.get(component.id), earlier))
    new = list(_lines(component, now))
    # without the two header lines
    lines = list(unified_diff(old, new, n=1, lineterm=""))[2:]
    return PromptChange(
        name=component.id.name,
        kind=change.kind,
        added=sum(line.startswith("+") for line in lines),
        removed=sum(line.startswith("-") for line in lines),
        lines=tuple(lines[:SHOWN]),
        more=max(0, len(lines) - SHOWN),
    )


def _lines(component: Component | None, files: Files) -> Iterator[str]:
    """The lines of a template's files, with XML references decoded for reading."""
    for path in component.paths if component else ():
        # one element per line, so that the diff shows only what changed
        text = files.get(path, b"").decode("utf-8", "replace").replace("><", ">\n<")
        yield from (unescape(line).expandtabs(4).rstrip() for line in text.splitlines()[:MAX_LINES])
