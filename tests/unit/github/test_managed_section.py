"""A section of ours in a body that people edit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.github.managed_section import ManagedSection


def test_only_the_section_is_replaced() -> None:
    old, new = ManagedSection(key="k", text="old"), ManagedSection(key="k", text=r"new \1 \g<0>")
    body = f"Before\n{old.render()}\nAfter {ManagedSection(key='other', text='o').render()}"
    put = new.put_into(body)
    assert put == body.replace(old.render(), new.render())
    assert new.is_in(put)
    assert not old.is_in(put)


@pytest.mark.parametrize("edit", [("- [ ]", "- [x]"), ("\n", "\r\n")])
def test_ticks_and_line_ends_are_no_change(edit: tuple[str, str]) -> None:
    section = ManagedSection(key="k", text="- [ ] one\n- [ ] two")
    assert section.is_in(section.render().replace(*edit))


@pytest.mark.parametrize("body", ["", "theirs", "<!-- wavegate:k sha256:0 --> without an end"])
def test_a_body_whose_markers_are_gone_is_left_alone(body: str) -> None:
    section = ManagedSection(key="k", text="text")
    assert section.put_into(body) == body
    assert not section.is_in(body)


@given(st.text(), st.text())
def test_what_is_put_is_found(before: str, text: str) -> None:
    section = ManagedSection(key="k", text=text)
    body = before + section.render()
    assert section.is_in(body)
    assert section.start in body
