"""Files of metadata as lines that are equal if the files say the same.

An org returns its own form of what was deployed: another order of elements, other indentation, its own defaults.
Sources of what is left out: ids in names are of one org (`components.component.without_org_suffix`); publishing a
script sets its bundle's `target`; a flow's status and a definition's number say which version is active, and that is
read from the org itself (Metadata API, Flow and FlowDefinition).
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from io import BytesIO

from wavegate.components.component import without_org_suffix
from wavegate.components.metadata import Element, parse_xml
from wavegate.errors import InputError

_OF_ORG: frozenset[tuple[str, str]] = frozenset(
    {
        ("AiAuthoringBundle", "target"),
        ("Flow", "status"),
        ("FlowDefinition", "activeVersionNumber"),
    }
)
"""Root element and child that an org sets by itself."""
_SETS = frozenset({"PermissionSet", "MutingPermissionSet", "PermissionSetGroup", "Profile", "CustomLabels"})
"""Root elements of files in which no order means anything."""
_PARTS = {"Bot": ("botVersions",), "CustomLabels": ("labels",)}
"""The elements that are components of their own. Of an object, each one with a name is."""
_EMPTY = frozenset({"", "false"})


def metadata_of(path: str, data: bytes) -> Element | None:
    """The root element of a file of metadata; None for any other file."""
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return None
    try:
        return parse_xml(data, path=path)
    except InputError:
        return None


def part_names(root: Element) -> frozenset[tuple[str, str]]:
    """The components that the file has as parts: element and name."""
    return frozenset((child.tag, child.value("fullName")) for child in root.children if _is_part(root, child))


def metadata_lines(root: Element, parts: AbstractSet[tuple[str, str]], *, bare: bool = False) -> tuple[str, ...]:
    """A file of metadata as lines. parts: those that count. bare: leave out elements that are empty or `false`."""
    kept = (
        child
        for child in _meaningful(root, bare=bare)
        if (root.tag, child.tag) not in _OF_ORG
        and child.tag != "fullName"
        and (not _is_part(root, child) or (child.tag, child.value("fullName")) in parts)
    )
    written = [_written(child, root.tag, bare=bare) for child in kept]
    return (root.tag, *(line for lines in sorted(written) for line in lines))


def _is_part(root: Element, child: Element) -> bool:
    if root.tag == "CustomObject":
        return bool(child.value("fullName"))
    return child.tag in _PARTS.get(root.tag, ())


def _written(element: Element, root: str, *, bare: bool, depth: int = 1) -> list[str]:
    indent = "  " * depth
    if not element.children:
        first, *more = _text(element.text, root).split("\n")
        return [f"{indent}{element.tag}: {first}", *(f"{indent}  | {line}" for line in more)]
    children = _meaningful(element, bare=bare)
    written = [(each.tag, _written(each, root, bare=bare, depth=depth + 1)) for each in children]
    # of elements with the same name, most have an order that means something
    ordered = sorted(written) if root in _SETS else sorted(written, key=lambda pair: pair[0])
    return [f"{indent}{element.tag}:", *(line for _, lines in ordered for line in lines)]


def _meaningful(element: Element, *, bare: bool) -> Iterator[Element]:
    return (each for each in element.children if not bare or each.children or each.text not in _EMPTY)


def _text(text: str, root: str) -> str:
    text = text.replace("\r\n", "\n")
    return without_org_suffix(text) if root.startswith("GenAi") and "\n" not in text else text


def other_lines(path: str, data: bytes) -> tuple[str, ...]:
    """Any other file as lines: JSON by its values, an archive by its entries, text without trailing white space."""
    if path.endswith(".json"):
        try:
            return tuple(json.dumps(json.loads(data), indent=1, sort_keys=True, ensure_ascii=False).split("\n"))
        except (ValueError, RecursionError):
            pass
    if data.startswith(b"PK"):
        return tuple(_entries(data))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return (f"{len(data):,} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}",)
    return tuple(_stripped(text.replace("\r\n", "\n").split("\n")))


def _stripped(lines: Iterable[str]) -> Iterator[str]:
    blank = 0
    for line in lines:
        stripped = line.rstrip()
        if not stripped:
            blank += 1
            continue
        yield from [""] * blank
        blank = 0
        yield stripped


def _entries(data: bytes) -> Iterator[str]:
    """The files of an archive: a folder is packed anew, with the current time, each time that it is sent."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            yield from sorted(
                f"{each.filename} {each.CRC:08x}" for each in archive.infolist() if not each.filename.endswith("/")
            )
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        yield f"{len(data):,} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}"
