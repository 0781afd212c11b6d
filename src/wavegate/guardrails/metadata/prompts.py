"""Prompt templates: the live version's text, model and data.

Source: GenAiPromptTemplate in Salesforce's Metadata API guide.
"""

import re
from collections.abc import Iterator

from wavegate.components.metadata import Element
from wavegate.findings.finding import Location
from wavegate.guardrails.metadata.settings import location, nested, settings, text_location
from wavegate.guardrails.model import Prompt, Setting
from wavegate.guardrails.sentences import sentences

_VERSION = ("content", "versionIdentifier", "status")
_IN_TEXT = re.compile(r"\{!\$(Apex|Flow):([A-Za-z]\w{0,200}(?:\.\w{1,200})*)", re.ASCII)
"""Data that the text inserts by itself."""

DATA = "data"
"""Start of the names of the settings that say where a prompt's data come from."""


def read_prompt(root: Element, name: str, path: str) -> Prompt:
    """The version that is live: the active one, else the last published one, else the last one."""
    version = _live(root)
    found = [*settings(root, path, without=("description", "activeVersionIdentifier"))]
    text = ""
    if version:
        text = version.value("content")
        found += settings(version, path, without=_VERSION)
        found += _inputs(version, path)
        found += _data(version, path, text)
        if version.value("status") != "Published":
            found.append(Setting(name="status", value=version.value("status"), location=location(version, path)))
    place = text_location(version, "content", path) if version else location(root, path)
    return Prompt(
        name=name,
        sentences=tuple(sentences(text, place)) if text else (),
        settings=tuple(found),
        location=location(version or root, path),
    )


def _live(root: Element) -> Element | None:
    versions = list(root.all("templateVersions"))
    active = root.value("activeVersionIdentifier")
    published = [each for each in versions if each.value("status") == "Published"]
    named = [each for each in versions if active and each.value("versionIdentifier") == active]
    return next(iter((*named, *reversed(published), *reversed(versions))), None)


def _inputs(version: Element, path: str) -> Iterator[Setting]:
    for each in version.all("inputs"):
        required = " required" if each.value("required") == "true" else ""
        value = each.value("definition") + required
        yield Setting(name=f"input.{each.value('apiName')}", value=value, location=location(each, path))


def _data(version: Element, path: str, text: str) -> Iterator[Setting]:
    """The data providers, with their parameters, and the classes and flows that the text calls."""
    for each in version.all("templateDataProviders"):
        name = f"{DATA}.{each.value('referenceName') or each.value('definition')}"
        yield Setting(name=name, value=each.value("definition"), location=location(each, path))
        for parameter in each.all("parameters"):
            value = parameter.value("valueExpression")
            place = location(parameter, path)
            yield Setting(name=f"{name}.{parameter.value('parameterName')}", value=value, location=place)
    start = text_location(version, "content", path)
    for match in _IN_TEXT.finditer(text):
        kind, called = match[1], match[2]
        line = start.line + text.count("\n", 0, match.start())
        yield Setting(
            name=f"{DATA}.{kind}:{called}", value=f"{kind.lower()}://{called}", location=Location(path, line)
        )
    for tag in ("generationTemplateConfigs", "relatedEntities"):
        for each in version.all(tag):
            yield from nested(each, path, prefix=tag)
