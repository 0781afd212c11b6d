"""What a release changes in the words of its prompts."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from html import unescape

from wavegate.components.changes import ComponentChange
from wavegate.components.component import Component, ComponentId
from wavegate.components.scope import ReleaseScope
from wavegate.plan.values import Plan, PromptChange
from wavegate.release.manifest import Kind

MAX_LINES = 1000
"""Lines of a prompt that are compared: comparing costs the square of them."""
SHOWN = 24
"""Lines of a diff that are shown."""

Files = Mapping[str, bytes]


def prompt_changes(
    plan: Plan, before: ReleaseScope | None, *, now: Files, earlier: Files
) -> tuple[PromptChange, ...]:
    """The prompts that change. before: the scope of what is live. now, earlier: files by path, then and before."""
    then = {each.id: each for each in before.components} if before else {}
    prompts = (each for each in plan.changes if each.component.kind is Kind.PROMPTS)
    return tuple(_change(each, then, now, earlier) for each in prompts)


def _change(
    change: ComponentChange, then: Mapping[ComponentId, Component], now: Files, earlier: Files
) -> PromptChange:
    component = change.component
    old = list(_lines(then.get(component.id), earlier))
    new = list(_lines(component, now))
    # without the two lines that name files
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
    """The text of a template's files as people read it: without XML's references."""
    for path in component.paths if component else ():
        # an element a line, so that a change shows what it changes
        text = files.get(path, b"").decode("utf-8", "replace").replace("><", ">\n<")
        yield from (unescape(line).expandtabs(4).rstrip() for line in text.splitlines()[:MAX_LINES])
