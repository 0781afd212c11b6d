"""A constant of a flow is found and set by its place in the file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.components.flow_constants import constant_value, flow_constants, set_constant
from wavegate.components.metadata import NAMESPACE, parse_xml
from wavegate.errors import InputError

PATH = "flows/Route.flow-meta.xml"


def flow(share: str = "<numberValue>10.0</numberValue>") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Flow xmlns="{NAMESPACE}">
    <!-- <constants><name>Pilot_Share</name> is not this one -->
    <constants>
        <name>Region</name>
        <dataType>String</dataType>
        <value>
            <stringValue>süd &amp; west</stringValue>
        </value>
    </constants>
    <constants>
        <name>Pilot_Share</name>
        <dataType>Number</dataType>
        <value>
            {share}
        </value>
    </constants>
    <constants><name>Nothing</name><dataType>Boolean</dataType></constants>
    <decisions><name>Pilot_Share</name><rules><value><numberValue>3.0</numberValue></value></rules></decisions>
    <status>Active</status>
</Flow>
""".encode()


def test_a_flow_says_which_constants_it_has() -> None:
    found = dict(flow_constants(parse_xml(flow(), path=PATH)))
    assert found == {"Region": "text", "Pilot_Share": "number", "Nothing": ""}
    assert constant_value(flow(), path=PATH, constant="region") == "süd & west"
    assert constant_value(flow(), path=PATH, constant="Pilot_Share") == 10.0
    assert constant_value(flow(), path=PATH, constant="Nothing") is None


@pytest.mark.parametrize(("value", "written"), [(25, b"25.0"), (2.5, b"2.5"), (0, b"0.0"), (1e9, b"1000000000.0")])
def test_a_number_is_set_and_nothing_else(value: float, written: bytes) -> None:
    assert set_constant(flow(), path=PATH, constant="Pilot_Share", value=value) == flow().replace(b"10.0", written)


def test_a_text_is_set_escaped() -> None:
    new = set_constant(flow(), path=PATH, constant="Region", value='<a> & "b"')
    assert new == flow().replace("süd &amp; west".encode(), b'&lt;a&gt; &amp; "b"')
    assert constant_value(new, path=PATH, constant="Region") == '<a> & "b"'


@pytest.mark.parametrize("written", ["10", "10.0", " 10.00 ", "1e1"])
def test_the_same_number_changes_nothing(written: str) -> None:
    data = flow(f"<numberValue>{written}</numberValue>")
    assert set_constant(data, path=PATH, constant="Pilot_Share", value=10) == data


def test_an_empty_value_is_filled() -> None:
    empty = flow().replace("<stringValue>süd &amp; west</stringValue>".encode(), b"<stringValue/>")
    filled = flow().replace("süd &amp; west".encode(), b"north")
    assert set_constant(empty, path=PATH, constant="Region", value="north") == filled


@pytest.mark.parametrize(
    ("constant", "value", "message"),
    [
        ("Missing", 1.0, "no constant Missing"),
        ("Nothing", 1.0, "no constant Nothing"),
        ("Pilot_Share", "10", "has a number, but the manifest has a text"),
        ("Region", 10.0, "has a text, but the manifest has a number"),
    ],
)
def test_what_cannot_be_set_is_refused(constant: str, value: float | str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        set_constant(flow(), path=PATH, constant=constant, value=value)


def test_a_file_in_another_encoding_is_refused() -> None:
    other = flow().decode().replace("UTF-8", "ISO-8859-1").encode("latin-1")
    with pytest.raises(InputError, match="not in UTF-8"):
        set_constant(other, path=PATH, constant="Region", value="north")


@given(
    value=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=20),
    noise=st.text(
        st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="-<&>]"), max_size=20
    ),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_every_other_byte_stays(value: str, noise: str, newline: str) -> None:
    text = flow().decode().replace("is not this one", noise).replace("\n", newline)
    before, after = text.encode().split("süd &amp; west".encode())
    new = set_constant(text.encode(), path=PATH, constant="Region", value=value)
    assert new.startswith(before)
    assert new.endswith(after)
    assert constant_value(new, path=PATH, constant="Region") == value
