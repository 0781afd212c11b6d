"""Moves the commits to which workflows pin wavegate."""

import re
from collections.abc import Collection, Mapping

from wavegate.setup.local.generated import ACTIONS, REPOSITORY_NAME, ActionsPin

_PIN = r"@[0-9a-f]{40}(?P<comment>[ \t]+# v\S+)?(?=\s|$)"
_USES = r"(?m)^(?P<before>[ ]*(?:-[ ]+)?uses:[ ]*"
_MIRROR = re.compile(rf"{_USES}(?P<repository>{REPOSITORY_NAME})/\.github/workflows/(?P<name>[a-z-]+)\.yml){_PIN}")


def move_pins(text: str, pin: ActionsPin) -> str:
    """The text, with every full commit of the pin's repository replaced by the pin's, and its version's comment."""
    ours = re.compile(rf"{_USES}{re.escape(pin.repository)}(?:/[^@\s#]*)?){_PIN}")
    return ours.sub(lambda match: _moved(match, pin), text)


def move_calls(text: str, pin: ActionsPin, names: Collection[str], mirror: str) -> str:
    """The text, with the pins of wavegate and of the calls of a mirror's reusable workflows moved.

    names: of those workflows. mirror: its `OWNER/REPO`; another repository's workflow of the same name is its own.
    """
    text = move_pins(text, ActionsPin(commit=pin.commit, version=pin.version, repository=ACTIONS))
    return _MIRROR.sub(
        lambda match: _moved(match, pin) if match["name"] in names and match["repository"] == mirror else match[0],
        text,
    )


def mirror_of(workflows: Mapping[str, str], names: Collection[str]) -> str:
    """The `OWNER/REPO` whose reusable workflows these call; wavegate's own if they call none.

    workflows: by name. names: of the reusable workflows.
    """
    texts = (text for file, text in sorted(workflows.items()) if file.startswith("wavegate-"))
    calls = (call["repository"] for text in texts for call in _MIRROR.finditer(text) if call["name"] in names)
    return next(calls, ACTIONS)


def _moved(match: re.Match[str], pin: ActionsPin) -> str:
    comment = f" # v{pin.version}" if match["comment"] else ""
    return f"{match['before']}@{pin.commit}{comment}"
