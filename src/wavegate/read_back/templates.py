"""Whether the org uses the version of each prompt template that git says is active.

Not verified in a real org: that the identifiers of versions stay the same from org to org. So a version that git's
file has but does not call active is a mismatch, and one that the file does not have is only said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wavegate.components.component import ComponentId, Project
from wavegate.read_back.values import TemplateState


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseTemplate:
    """A shipped template. active: identifier of its active version in git. known: of all published ones."""

    name: str
    active: str
    known: frozenset[str]


def release_templates(members: Iterable[ComponentId], project: Project) -> tuple[ReleaseTemplate, ...]:
    """The templates that a package deploys and that name an active version, by name."""
    found = [each for each in sorted(members) if each.type == "GenAiPromptTemplate"]
    components = [component for each in found if (component := project.find(each))]
    contents = project.read(components)
    return tuple(
        ReleaseTemplate(name=each.id.name, active=active, known=frozenset(contents[each.id].prompt_versions))
        for each in components
        if (active := contents[each.id].active_version)
    )


def template_states(templates: Iterable[ReleaseTemplate], live: Mapping[str, str]) -> tuple[TemplateState, ...]:
    """The templates as read back. live: identifier of the active version in the org, where it shows one."""
    return tuple(
        TemplateState(name=each.name, expected=each.active, live=live.get(each.name), detail=_detail(each, live))
        for each in templates
    )


def wrong_templates(templates: Iterable[ReleaseTemplate], live: Mapping[str, str]) -> list[str]:
    """The templates that have another version of git's file active, one sentence each."""
    return [
        f"Prompt template {each.name} has version {live[each.name]} active, but git says {each.active}."
        for each in templates
        if each.name in live and live[each.name] in each.known - {each.active}
    ]


def _detail(template: ReleaseTemplate, live: Mapping[str, str]) -> str:
    if template.name not in live:
        return "not read back: the org does not show its active version"
    if live[template.name] == template.active:
        return ""
    return f"the org's active version is {live[template.name]}, which is not in git: compare it in Prompt Builder"
