"""Package manifests: the components that a deployment sends or deletes.

Source: the package.xml and destructiveChanges format of Salesforce's Metadata API guide.
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from wavegate.components.component import Component


def stage_file(number: int) -> str:
    """The name of the manifest of one stage of a deployment, beside the package.xml of all. number: from 1."""
    return f"package-{number}.xml"


def package_xml(components: Iterable[Component], api_version: str) -> str:
    """The manifest that lists these components, sorted by type and name, without those inside another's file."""
    members: dict[str, set[str]] = {}
    for component in components:
        if component.parent is None:
            members.setdefault(component.id.type, set()).add(component.id.name)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<Package xmlns="http://soap.sforce.com/2006/04/metadata">']
    for type_ in sorted(members):
        lines += [
            "    <types>",
            *(f"        <members>{escape(name)}</members>" for name in sorted(members[type_])),
            f"        <name>{escape(type_)}</name>",
            "    </types>",
        ]
    return "\n".join([*lines, f"    <version>{escape(api_version)}</version>", "</Package>", ""])
