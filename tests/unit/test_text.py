"""Untrusted text stays text, wherever it is shown."""

import json
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.text import (
    JOINER,
    clip,
    code,
    link,
    logged_json,
    logged_lines,
    markdown,
    one_line,
    percent,
    pluralize,
    prose,
    slug,
    visible,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Zürich 日本 🚚", "Zürich 日本 🚚"),
        ("a\nb\tc\x00", r"a\nb\tc\x00"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("lone \ud800", r"lone \ud800"),
        ("line\u2028separator", r"line\u2028separator"),
    ],
)
def test_what_is_not_seen_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text", ["::set-output name=verdict::pass", "  ::add-mask::a", "##[error]no", "a\n::error::b"]
)
def test_a_log_line_cannot_carry_a_workflow_command(text: str) -> None:
    shown = one_line(text)
    assert "\n" not in shown
    assert not re.match(r"\s*::", shown)
    assert "##[" not in shown


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("@acme/everyone", r"@[A-Za-z0-9]"),
        ("see #12 and acme/app#3", r"#\d"),
        ("GH-12", r"GH\\?-\d"),
        ("https://evil.example", r"https?://"),
        ("www.evil.example", r"www\\?\."),
        ("<img src=x onerror=y>", r"<|>"),
        ("[text](target)", r"(?<!\\)[\[\]()]"),
        ("a | b", r"(?<!\\)\|"),
        ("`code` **bold** _it_ ~~s~~ $x$", r"(?<!\\)[`*_~$]"),
        ("# heading", r"^#"),
        ("1. item", r"^\d"),
        ("- [x] task", r"^-"),
        ("&amp;#64;", r"&(?!amp;)"),
        ("row\n| row |", r"\n"),
        ("    indented", r"^ {4}"),
    ],
)
def test_markdown_shows_words_only(text: str, never: str) -> None:
    assert not re.search(never, markdown(text))


def test_markdown_keeps_the_words() -> None:
    assert markdown("tier2-support answered 4 of 4").replace("\\", "") == "tier2-support answered 4 of 4"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (
            "https://github.com/acme/a/actions/runs/7/attempts/2",
            "https://github.com/acme/a/actions/runs/7/attempts/2",
        ),
        ("http://127.0.0.1:8080/acme/a/pull/1", "http://127.0.0.1:8080/acme/a/pull/1"),
        ("https://a.example/b?c=d&e=%20f#g-1", "https://a.example/b?c=d&e=%20f#g-1"),
        ("https://a.example/(x)|y`*[z]<w>", "https://a.example/%28x%29%7Cy%60%2A%5Bz%5D%3Cw%3E"),
        ("https://a.example/grün", "https://a.example/gr%C3%BCn"),
    ],
)
def test_the_target_of_a_link_is_the_address_itself(url: str, target: str) -> None:
    assert link("run 7", url) == f"[run 7](<{target}>)"


@pytest.mark.parametrize(
    "url",
    [
        *("", "javascript:alert(1)", "data:text/html,x", "//evil.example", "/pull/1", "pull/1", "https:///x"),
        *("https://github.com@evil.example/", "https://a.example/a b", "https://a.example/a\nb", "https://[x/"),
        *(
            "https://a.example/\u202ex",
            "https://a.example\\@evil.example",
            "https://a.example:0/",
            "ftp://a.example/",
        ),
        "https://a.example/" + "x" * 2000,
    ],
)
def test_what_is_not_a_web_address_is_not_linked(url: str) -> None:
    assert link("run 7", url) == "run 7"


@given(st.text(), st.text() | st.text().map(lambda text: f"https://a.example/{text}"))
def test_a_link_cannot_be_left(text: str, url: str) -> None:
    shown = link(text, url)
    if shown != markdown(text):
        target = shown.removeprefix(f"[{markdown(text)}](<").removesuffix(">)")
        assert shown == f"[{markdown(text)}](<{target}>)"
        assert not set(target) & set("<>()[]|`*\\\"' \n")
        assert JOINER not in target


@given(st.text())
def test_a_code_span_cannot_be_ended(text: str) -> None:
    inner = code(text).removeprefix("<code>").removesuffix("</code>")
    assert not set(inner) & set("<>`|@\n\r\\*_[]()!~$:.")
    assert unescape(inner) == visible(clip(text, 500))


@given(st.text() | st.sampled_from(["##[error]x", "a\n##[add-mask]b", "###[x"]))
def test_json_in_a_log_keeps_its_values_and_holds_no_command(text: str) -> None:
    shown = logged_json(json.dumps({text: text}, indent=2))
    assert "##[" not in shown
    assert json.loads(shown) == {text: text}


@given(
    st.lists(st.text() | st.sampled_from(["##[error]x", "::error::x", " ::stop-commands::x", "\r::a::", "\u2003::a"]))
)
def test_lines_in_a_log_hold_no_command_and_keep_their_words(lines: list[str]) -> None:
    shown = logged_lines("\n".join(lines))
    assert "##[" not in shown
    assert not [each for each in re.split(r"[\r\n]", shown) if each.strip(" \t").startswith("::")]
    assert shown.replace(JOINER, "") == "\n".join(lines).replace(JOINER, "")


@given(st.text())
def test_a_slug_is_one_safe_component(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,59}", slug(text))


@pytest.mark.parametrize(("text", "expected"), [("abc", "abc"), ("abcd", "ab…")])
def test_clip_says_that_it_cut(text: str, expected: str) -> None:
    assert clip(text, 3) == expected


def test_a_joiner_of_the_writer_is_not_taken_for_ours() -> None:
    assert JOINER not in visible(f"a{JOINER}b")


@pytest.mark.parametrize(
    ("rate", "beside", "text"),
    [
        (0.9497, 0.95, "94.97 %"),
        (0.94999, 0.95, "94.999 %"),
        (0.95, 0.95, "95 %"),
        (0.9501, 0.95, "95.01 %"),
        (0.472871, 0.95, "47.3 %"),
        (0.99999, 0.5, "99.999 %"),
    ],
)
def test_a_rate_is_never_shown_as_another(rate: float, beside: float, text: str) -> None:
    assert percent(rate, beside=beside) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs"), (1000, "1,000 runs")])
def test_counted(number: int, text: str) -> None:
    assert pluralize(number, "run") == text


@pytest.mark.parametrize(
    ("rate", "beside", "text"),
    [
        (0.47287, 0.95, "47.2 %"),
        (0.86089, 0.95, "86 %"),
        (0.94999, 0.95, "94.9 %"),
        (0.95, 0.95, "95 %"),
        (0.29, 0.95, "29 %"),
        (0.00001, 0.95, "0.001 %"),
    ],
)
def test_a_lower_bound_is_never_shown_as_more_than_it_is(rate: float, beside: float, text: str) -> None:
    assert percent(rate, beside=beside, down=True) == text


def test_names_between_backticks_are_code_and_everything_else_is_plain() -> None:
    assert prose("No test names `Ship_ment`, `B`.") == "No test names <code>Ship&#95;ment</code>, <code>B</code>\\."
    assert prose("odd `one") == "odd \\`one"
    assert prose("`a` b `c") == "<code>a</code> b \\`c"


@given(st.text())
def test_prose_is_never_more_than_code_spans(text: str) -> None:
    shown = prose(text, 200)
    assert not re.search(r"(?<!\\)[`*_\[\]|]|<(?!/?code>)|@\w", shown.replace("<code></code>", ""))
