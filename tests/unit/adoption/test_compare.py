"""What counts as a difference between a commit's files and those that an org returns."""

import io
import zipfile
from xml.etree import ElementTree

import pytest
from tests.doubles.salesforce.retrieves import as_returned
from tests.doubles.salesforce.sf_convert import converted
from tests.support.projects import PROJECT
from tests.support.staging import component, metadata

from wavegate.adoption.compare import unit_difference
from wavegate.adoption.units import Files, files_of, units_of
from wavegate.adoption.values import Difference, DifferenceKind
from wavegate.components.package_xml import package_xml
from wavegate.components.project import read_project
from wavegate.files.folder import FolderSource

PATH = "flows/F.flow"


def difference(
    committed: str | bytes, found: str | bytes, path: str = PATH, *, placeholders: tuple[str, ...] = ()
) -> Difference | None:
    ours, theirs = (each.encode() if isinstance(each, str) else each for each in (committed, found))
    return unit_difference("Flow:F", {path: ours}, {path: theirs}, placeholders=placeholders)


def flow(body: str) -> str:
    return metadata("Flow", body)


EQUAL = {
    "layout": (flow("<a><b>1</b></a>"), flow("\n    <a>\n        <b>1</b>\n    </a>\n")),
    "order of elements": (flow("<a>1</a><b>2</b>"), flow("<b>2</b><a>1</a>")),
    "order of the root's lists": (flow("<a><n>1</n></a><a><n>2</n></a>"), flow("<a><n>2</n></a><a><n>1</n></a>")),
    "comments": (flow("<!-- ours --><a>1</a>"), flow("<a>1</a>")),
    "encoding": (
        '<?xml version="1.0" encoding="ISO-8859-1"?><Flow xmlns="http://soap.sforce.com/2006/04/metadata"><a>\xe4</a></Flow>'.encode(
            "latin-1"
        ),
        flow("<a>ä</a>"),
    ),
    "entities": (flow("<a>&quot;x&#39;</a>"), flow("<a>\"x'</a>")),
    "line endings in a text": (flow("<a>1&#13;\n2</a>"), flow("<a>1\n2</a>")),
    "status of a flow": (flow("<status>Draft</status>"), flow("<status>Active</status>")),
    "full name of the root": (flow("<fullName>F</fullName><a>1</a>"), flow("<a>1</a>")),
    "target of a bundle": (metadata("AiAuthoringBundle", ""), metadata("AiAuthoringBundle", "<target>A.v4</target>")),
    "an id of the org": (
        metadata("GenAiPlannerBundle", "<a>Refund_16jKa000000PAzR</a>"),
        metadata("GenAiPlannerBundle", "<a>Refund_16jXX000000BCdE</a>"),
    ),
    "order in a permission set": (
        metadata("PermissionSet", "<x><a>1</a><a>2</a></x>"),
        metadata("PermissionSet", "<x><a>2</a><a>1</a></x>"),
    ),
    "versions that do not ship": (
        metadata("Bot", "<botVersions><fullName>v2</fullName><a>1</a></botVersions>"),
        metadata(
            "Bot",
            "<botVersions><fullName>v1</fullName><a>0</a></botVersions>"
            "<botVersions><fullName>v2</fullName><a>1</a></botVersions>",
        ),
    ),
    "fields that do not ship": (
        metadata("CustomObject", "<fields><fullName>A__c</fullName><a>1</a></fields>"),
        metadata(
            "CustomObject",
            "<fields><fullName>A__c</fullName><a>1</a></fields><fields><fullName>B__c</fullName></fields>",
        ),
    ),
}


@pytest.mark.parametrize(("committed", "found"), EQUAL.values(), ids=EQUAL)
def test_an_orgs_own_form_is_equal(committed: str | bytes, found: str) -> None:
    assert difference(committed, found) is None


OTHER = {
    "value": (flow("<a>1</a>"), flow("<a>2</a>"), ("- a: 1", "+ a: 2")),
    "more": (flow("<a>1</a>"), flow("<a>1</a><b>2</b>"), ("+ b: 2",)),
    "less": (flow("<a>1</a><b>2</b>"), flow("<a>1</a>"), ("- b: 2",)),
    "order in a list": (
        flow("<d><r>1</r><r>2</r></d>"),
        flow("<d><r>2</r><r>1</r></d>"),
        ("+ r: 2", "- r: 2"),
    ),
    "a version that ships": (
        metadata("Bot", "<botVersions><fullName>v2</fullName></botVersions>"),
        metadata("Bot", "<botVersions><fullName>v1</fullName></botVersions>"),
        ("- fullName: v2",),
    ),
    "not XML": (flow("<a>1</a>"), "<Flow", ("+ <Flow",)),
}


@pytest.mark.parametrize(("committed", "found", "shown"), OTHER.values(), ids=OTHER)
def test_a_change_is_shown(committed: str, found: str, shown: tuple[str, ...]) -> None:
    changed = difference(committed, found)
    assert changed
    assert (changed.kind, changed.of_form) == (DifferenceKind.CHANGED, False)
    assert set(shown) <= {line.strip() for line in changed.lines}


@pytest.mark.parametrize("more", ["<b>false</b>", "<b/>", "<b> </b>", "<c><d>false</d></c>"])
def test_an_element_that_is_empty_or_false_is_of_form(more: str) -> None:
    found = difference(flow("<c><e>1</e></c>"), flow(f"<c><e>1</e></c>{more}"))
    assert found
    # an element that has something inside counts, whatever that is
    assert found.of_form == ("<c>" not in more)
    both = difference(flow("<a>1</a>"), flow(f"<a>2</a>{more}"))
    assert both
    assert not both.of_form


@pytest.mark.parametrize(
    ("path", "committed", "found", "equal"),
    [
        ("classes/A.cls", b"class A {}\r\n", b"class A {}\n\n", True),
        ("classes/A.cls", b"class A {}", b"class A { }", False),
        ("classes/A.cls", b"\n a\n\n b\n", b"\n a\n\n b", True),
        ("classes/A.cls", b"a\n\nb", b"a\nb", False),
        ("genAiFunctions/A/input/schema.json", b'{"a": 1, "b": [1, 2]}', b'{\n"b":[1,2],"a":1}', True),
        ("genAiFunctions/A/input/schema.json", b'{"a": [1, 2]}', b'{"a": [2, 1]}', False),
        ("genAiFunctions/A/input/schema.json", b"no JSON", b"no JSON ", True),
        ("staticresources/A.resource", b"\xff\x00", b"\xff\x00", True),
        ("staticresources/A.resource", b"\xff\x00", b"\xff\x01", False),
        ("staticresources/A.resource", b"PK no archive", b"PK another", False),
    ],
)
def test_other_files_are_compared_by_what_they_say(path: str, committed: bytes, found: bytes, equal: bool) -> None:
    assert (difference(committed, found, path) is None) == equal


def test_an_archive_is_compared_by_its_entries() -> None:
    def archive(text: str, year: int) -> bytes:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as target:
            target.writestr(zipfile.ZipInfo("a.txt", (year, 1, 1, 0, 0, 0)), text)
        return data.getvalue()

    path = "staticresources/A.resource"
    assert difference(archive("one", 2020), archive("one", 2021), path) is None
    assert difference(archive("one", 2020), archive("two", 2020), path)


@pytest.mark.parametrize(
    ("committed", "found", "equal"),
    [
        ("%A%", "anything", True),
        ("%A%", "", True),
        ("to %A%.", "to me\nand you.", False),
        ("%A%", "me</z><zz>more</zz><z>", False),
        ("%A%", "me</z><zz>more", False),
        ("to %A%.", "at me.", False),
        ("%A% and %B%", "one and two and three", True),
        ("%A% and %B%!", "one and two", False),
        ("a%A%a", "a", False),
        ("%A%x%A%y%A%", "xy", True),
        ("%A%x%A%y%A%", "yx", False),
    ],
)
def test_any_text_may_be_where_a_placeholder_was(committed: str, found: str, *, equal: bool) -> None:
    pair = flow(f"<a>1</a><z>{committed}</z>"), flow(f"<a>1</a><z>{found}</z>")
    assert (difference(*pair, placeholders=("%A%", "%B%")) is None) == equal


def test_a_placeholder_never_hides_another_change_or_costs_much() -> None:
    pair = flow("<a>1</a><z>%A%</z>"), flow("<a>2</a><z>me</z>")
    found = difference(*pair, placeholders=("%A%",))
    assert found
    assert (found.size, [line.strip() for line in found.lines]) == (2, [f"{PATH}:", "- a: 1", "+ a: 2"])
    hostile = flow(f"<z>{'%A%x' * 20_000}y</z>"), flow(f"<z>{'x' * 200_000}</z>")
    assert difference(*hostile, placeholders=("%A%",))


def test_a_line_like_one_with_a_placeholder_is_compared_as_it_is() -> None:
    ours, theirs = flow("<d><v>%A%</v><v>two</v></d>"), flow("<d><v>one</v><v>two</v></d>")
    assert difference(ours, theirs, placeholders=("%A%",)) is None
    changed = difference(ours, theirs.replace(">two<", ">three<"), placeholders=("%A%",))
    assert changed
    assert [line.strip() for line in changed.lines[1:]] == ["- v: two", "+ v: three"]


def test_a_long_line_is_shown_from_where_it_differs() -> None:
    found = difference(flow(f"<a>{'x' * 500}one</a>"), flow(f"<a>{'x' * 500}two</a>"))
    assert found
    assert [line.strip()[-3:] for line in found.lines[1:]] == ["one", "two"]
    assert all(len(line) < 170 for line in found.lines)


def test_a_file_on_one_side_only_is_named() -> None:
    committed, found = {"lwc/a/a.js": b"x", "lwc/a/a.css": b""}, {"lwc/a/a.js": b"x", "lwc/a/a.html": b""}
    changed = unit_difference("LightningComponentBundle:a", committed, found)
    assert changed
    assert changed.lines == ("- lwc/a/a.css", "+ lwc/a/a.html")
    missing = unit_difference("LightningComponentBundle:a", committed, {})
    assert missing
    assert missing.kind is DifferenceKind.MISSING


def test_an_agent_an_object_and_labels_are_one_unit_each() -> None:
    names = ("Bot:A", "BotVersion:A.v3", "CustomObject:O__c", "CustomField:O__c.F__c", "CustomField:P.G__c")
    parts = [
        component(each, f"force-app/{number}") for number, each in enumerate((*names, "CustomLabel:L", "Flow:A"))
    ]
    assert [each.name for each in units_of(parts)] == [
        "Bot:A", "CustomLabels:CustomLabels", "CustomObject:O__c", "CustomObject:P", "Flow:A",
    ]  # fmt: skip


def returned(files: Files) -> dict[str, bytes]:
    return {path: as_returned(data) for path, data in files.items()}


def test_of_a_whole_project_nothing_differs_as_an_org_returns_it_and_no_changed_value_is_missed() -> None:
    project = read_project(FolderSource(PROJECT))
    _, files = converted(package_xml(project.components.values(), project.api_version), PROJECT)
    units = [(unit, own) for unit in units_of(project.components.values()) if (own := files_of(unit, files))]
    assert len(units) > 30
    assert [name for unit, own in units if (name := unit_difference(unit.name, own, returned(own)))] == []
    unseen = [
        (path.partition("/")[0], tag)
        for unit, own in units
        for path, data in own.items()
        for tag, changed in _each_value_changed(data)
        if unit_difference(unit.name, own, {**own, path: changed}) is None
    ]
    of_org = {
        ("flows", "status"),
        ("aiAuthoringBundles", "target"),
        ("flowDefinitions", "activeVersionNumber"),
    }
    assert set(unseen) <= of_org


def _each_value_changed(data: bytes) -> list[tuple[str, bytes]]:
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return [("text", data + b"x")]
    found = []
    for element in root.iter():
        if len(element) == 0 and element.text and element.text.strip():
            before, element.text = element.text, element.text + "x"
            found.append((element.tag.rpartition("}")[2], ElementTree.tostring(root)))
            element.text = before
    return found
