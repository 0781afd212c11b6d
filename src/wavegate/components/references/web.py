"""References in the JSON files of actions and lightning types, and in the modules of Lightning web components.

The text is searched, not parsed: a broken or very long file gives what its first part says.
Source: Salesforce's Lightning Web Components guide, and the lightning types of trailheadapps/agent-script-recipes.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LIMIT = 1024 * 1024
"""Characters of a file that are searched. Imports are at the top of a module; no schema is as long."""

_DATA_TYPE = re.compile(r'"lightning:type"\s{0,20}:\s{0,20}"([^"\\\n]{1,300})"')
_DEFINITION = re.compile(r'"definition"\s{0,20}:\s{0,20}"(\w{1,80})/(\w{1,80})"', re.ASCII)
_IMPORT = re.compile(r"""\b(?:from|import)\s{0,20}\(?\s{0,20}['"]([@\w][\w@./-]{0,300})['"]""", re.ASCII)
_COMMENT_LINE = re.compile(r"^[ \t]*(?://|/?\*).*", re.MULTILINE)
_TAG = re.compile(r"<([a-z]\w*)-([a-z][\w-]*)", re.ASCII)
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_RESOURCES: Mapping[str, str] = {
    "label": "CustomLabels",
    "customPermission": "CustomPermission",
    "resourceUrl": "StaticResource",
    "messageChannel": "LightningMessageChannel",
    "contentAssetUrl": "ContentAsset",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class WebReference:
    """One reference. namespace: as written, '' without one. offset: in characters, from 0.

    type: `data-type` for the data type of an action or lightning type; its name is the whole value.
    """

    type: str
    name: str
    offset: int
    namespace: str = ""

    @property
    def is_shared(self) -> bool:
        """Whether other features share such a component, so that it is only reported."""
        return self.type in _RESOURCES.values()


def read_json(text: str) -> Iterator[WebReference]:
    """The data types of a schema, and the components that render or edit a lightning type."""
    text = text[:LIMIT]
    for match in _DATA_TYPE.finditer(text):
        yield WebReference(type="data-type", name=match[1], offset=match.start(1))
    for match in _DEFINITION.finditer(text):
        yield _component(match[1], match[2], match.start(1))


def read_module(text: str) -> Iterator[WebReference]:
    """What a JavaScript or TypeScript module imports: classes, other components, labels and other resources."""
    for match in _IMPORT.finditer(_COMMENT_LINE.sub(_blank, text[:LIMIT])):
        parts = match[1].split("/")
        if parts[0] == "@salesforce" and len(parts) > 2:
            yield from _resource(parts[1], parts[2], match.start(1))
        elif not parts[0].startswith(("@", ".")) and len(parts) == 2:
            yield _component(parts[0], parts[1], match.start(1))


def read_template(text: str) -> Iterator[WebReference]:
    """The components in an HTML template: `<c-other-thing>` is `otherThing`."""
    for match in _TAG.finditer(_HTML_COMMENT.sub(_blank, text[:LIMIT])):
        name = re.sub(r"-(\w)", lambda part: part[1].upper(), match[2])
        yield _component(match[1], name, match.start())


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _component(namespace: str, name: str, offset: int) -> WebReference:
    return WebReference(type="LightningComponentBundle", name=name, offset=offset, namespace=namespace)


def _resource(kind: str, name: str, offset: int) -> Iterator[WebReference]:
    parts = name.split(".")
    if kind in ("apex", "apexContinuation") and len(parts) > 1:
        namespace = parts[0] if len(parts) > 2 else ""
        yield WebReference(type="ApexClass", name=parts[-2], offset=offset, namespace=namespace)
    elif kind in _RESOURCES:
        # all labels are in one file
        own = "CustomLabels" if kind == "label" else parts[-1]
        yield WebReference(type=_RESOURCES[kind], name=own, offset=offset)
