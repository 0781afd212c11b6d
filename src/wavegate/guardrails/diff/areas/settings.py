"""Settings that bound behaviour: model, grounding, the user that an agent runs as, and what is not known better."""

from collections.abc import Iterator, Sequence

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.areas.instructions import reworded
from wavegate.guardrails.diff.change import ChangeSubject, GuardrailChange, Sides, changed
from wavegate.guardrails.diff.rules import Direction
from wavegate.guardrails.metadata.prompts import DATA
from wavegate.guardrails.model import Setting
from wavegate.text import clip

_GROUNDING = ("citation", "groundedness")
_OFF = frozenset({"false", "none", "off", "no", "0", "", "disabled", "opt_out"})
_FAMILIES = {
    "model/changed": ("model", "primarymodel", "temperature", "model_config", "params"),
    "grounding/source": ("rag_feature", "retriever", "dataprovider", "data_provider", "knowledge", "library"),
    "runas/changed": ("default_agent_user", "botuser", "sharing_policy", "record_access"),
    "runtime/reset": ("reset_to_initial_node",),
    "escalate/route": ("outbound", "canescalate", "delegate_escalation", "escalation"),
}
_TEXTS = {"description": "description/changed", "label": "description/changed", "masterlabel": "description/changed"}
"""Settings that are only text, by the last part of their names."""
_MESSAGES = "messages."
"""How the settings begin that people read as they are."""


def setting_changes(
    before: Sequence[Setting],
    after: Sequence[Setting],
    subject: ChangeSubject,
    places: tuple[Location, Location],
    owner: str,
) -> Iterator[GuardrailChange]:
    """How settings changed. places: of what has them. owner: what has them, for people."""
    old, new = _by_name(before), _by_name(after)
    for name in {**old, **new}:
        was, now = old.get(name, ()), new.get(name, ())
        values = (_joined(was), _joined(now))
        if values[0] != values[1]:
            sides = Sides(
                before=was[0].location if was else places[0],
                after=now[0].location if now else places[1],
                texts=values,
            )
            yield _setting_change(name, subject, sides, owner)


def _by_name(settings: Sequence[Setting]) -> dict[str, list[Setting]]:
    found: dict[str, list[Setting]] = {}
    for each in settings:
        found.setdefault(each.name, []).append(each)
    return found


def _joined(settings: Sequence[Setting]) -> str:
    return ", ".join(sorted(each.value for each in settings))


def _setting_change(name: str, subject: ChangeSubject, sides: Sides, owner: str) -> GuardrailChange:
    was, now = (clip(text, 100) or "not set" for text in sides.texts)
    message = f"`{name}` of {owner} is `{now}`; it was `{was}`."
    lower = name.casefold()
    if lower == "available when":
        return changed(_guard(sides.texts), subject, sides, message)
    if lower.startswith("connected_subagent") and lower.endswith(".target"):
        return changed("topic/connected", subject, sides, message, direction=Direction.UNKNOWN)
    if lower.startswith(f"{DATA}."):
        return changed("grounding/source", subject, sides, message)
    if any(each in lower for each in _GROUNDING):
        rule = _grounding(lower, sides.texts)
        return changed(rule, subject, sides, message)
    if rule := _text_rule(lower):
        return reworded(rule, subject, sides, message, said=lower.startswith(_MESSAGES))
    rule = next(
        (rule for rule, parts in _FAMILIES.items() if any(each in lower for each in parts)), "setting/changed"
    )
    return changed(rule, subject, sides, message)


def _text_rule(name: str) -> str:
    if name.startswith(_MESSAGES):
        return "instruction/reworded"
    return _TEXTS.get(name.rpartition(".")[2], "")


def _guard(texts: tuple[str, str]) -> str:
    """A condition that opens a topic; that of its tools is compared by truth, with them."""
    return "guard/removed" if not texts[1] else "guard/added" if not texts[0] else "guard/unreadable"


def _grounding(name: str, texts: tuple[str, str]) -> str:
    was, now = (text.casefold() not in _OFF for text in texts)
    if "disable" in name:
        was, now = not was, not now
    return "grounding/source" if was == now else "grounding/on" if now else "grounding/off"
