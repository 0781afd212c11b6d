"""The tasks of a review's issue: what people do to a list of Markdown, and hostile words in it."""

from datetime import UTC, date, datetime

import pytest

from wavegate.github.reviews.issues import updated
from wavegate.github.reviews.marker import ReviewIssue, ReviewMarker, read_marker, review_section
from wavegate.github.reviews.open_items import done_keys, open_items
from wavegate.github.reviews.tasks import plain_text, read_tasks, task_key, task_line, with_done

KEY = task_key("waiver", "quality")
DUE = date(2026, 3, 12)
LINE = task_line(r"Fix <code>quality</code>\.", key=KEY, due=DUE)
MARKER = ReviewMarker(
    manifest="0123abcd",
    environment="production-0123abcd",
    since=datetime(2026, 3, 2, tzinfo=UTC),
    until=datetime(2026, 3, 9, tzinfo=UTC),
)


def issue(number: int, body: str) -> ReviewIssue:
    return ReviewIssue(number=number, url=f"https://x/{number}", body=body, is_open=True, marker=MARKER)


def test_a_task_is_read_as_it_was_written() -> None:
    (found,) = read_tasks(f"text\n{LINE}\n")
    assert (found.key, found.text, found.done, found.due) == (KEY, "Fix quality.", False, DUE)


@pytest.mark.parametrize(
    ("line", "done"),
    [
        (LINE.replace("[ ]", "[x]"), True),
        (LINE.replace("- [ ]", "  * [X]"), True),
        (LINE + " @bob does this", False),
        (LINE.replace(DUE.isoformat(), "2026-99-99"), False),
    ],
)
def test_a_task_that_people_changed_is_still_the_same(line: str, done: bool) -> None:
    (found,) = read_tasks(line)
    assert (found.key, found.done) == (KEY, done)


@pytest.mark.parametrize(
    "text",
    [
        f"```\n{LINE}\n```",
        f"~~~~\n```\n{LINE}\n~~~~",
        f"````\n```\n{LINE}\n````",
        f"```\n{LINE}",
        f"> {LINE}",
        "- [ ]",
        "- [ ]   ",
        "-[ ] x",
        "- [y] x",
    ],
)
def test_what_is_not_a_task_is_not_read(text: str) -> None:
    assert read_tasks(text) == ()


def test_a_fence_that_somebody_never_closes_hides_no_task_of_the_section() -> None:
    section = f"<!-- wavegate:review:0123 sha256:0 -->\n{LINE}\n```\n- [ ] said\n```\n<!-- /wavegate:review:0123 -->"
    body = f"```\nnotes\n{section}\n- [ ] own\n"
    assert [each.text for each in read_tasks(body)] == [read_tasks(LINE)[0].text, "own"]


def test_a_task_of_their_own_has_a_key_that_follows_from_its_words() -> None:
    first, again, other = (
        read_tasks(f"- [{mark}] {words}")[0] for mark, words in ((" ", "Ask"), ("x", "Ask"), (" ", "B"))
    )
    assert first.key == again.key != other.key
    assert (first.due, again.done) == (None, True)


def test_only_the_tasks_of_these_keys_are_ticked_and_line_breaks_stay() -> None:
    other = task_line("Other", key="0" * 12, due=DUE)
    body = f"a\r\n{LINE}\r\n{other}\n- [ ] own"
    assert with_done(body, {KEY}) == body.replace(LINE, LINE.replace("[ ]", "[x]"))
    assert with_done(body, ()) == body


def test_the_words_of_a_task_have_no_marks() -> None:
    assert (
        plain_text(r"[rollback of a\-b](<http://x/1>) **now** <code>&#64;x</code> &lt;b&gt;")
        == "rollback of a-b now @x <b>"
    )
    assert len(plain_text("x" * 10_000)) == 400


def test_a_task_that_is_ticked_anywhere_is_done_and_the_oldest_due_comes_first() -> None:
    later, own = task_line("Later", key="1" * 12, due=date(2026, 4, 1)), "- [ ] Own"
    old = issue(3, f"{later}\n{LINE}\n{own}")
    assert [(each.task.text, each.number) for each in open_items([old])] == [
        ("Fix quality.", 3),
        ("Later", 3),
        ("Own", 3),
    ]
    new = issue(9, f"{LINE.replace('[ ]', '[x]')}\n{later}")
    assert [(each.task.text, each.number) for each in open_items([old, new])] == [("Later", 3), ("Own", 3)]
    assert done_keys([old, new]) == {KEY}
    item = open_items([old])[0]
    assert [item.is_overdue(day) for day in (date(2026, 3, 12), date(2026, 3, 13))] == [False, True]


def test_a_marker_is_read_as_it_was_written() -> None:
    assert read_marker(f"Hello\n\n{review_section(MARKER, 'text').render()}") == MARKER


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", None),
        ("<!-- wavegate:review:0123abcd:p:20269902T000000Z sha256:0 -->", None),
        ("<!-- wavegate:review:0123abcd:p:20260302T000000Z sha256:0 -->", None),
        ("<!-- wavegate:reviewed 20260309T000000Z -->", None),
    ],
)
def test_a_broken_marker_has_no_period_or_no_end(body: str, expected: None) -> None:
    found = read_marker(body)
    assert (found.until if found else found) is expected


def test_an_update_replaces_the_section_alone_and_keeps_ticks() -> None:
    before = review_section(MARKER, f"old\n{LINE}")
    body = f"Ours\n{before.render().replace('[ ]', '[x]')}\n- [ ] own"
    fresh = updated(body, review_section(MARKER, f"new\n{LINE}"))
    assert fresh.startswith("Ours\n<!-- wavegate:review:")
    assert fresh.endswith("\n- [ ] own")
    assert "old" not in fresh
    assert LINE.replace("[ ]", "[x]") in fresh
    assert updated(fresh, review_section(MARKER, f"new\n{LINE}")) == fresh
    windows = body.replace("\n", "\r\n")
    assert updated(windows, before) == windows


def test_a_section_without_its_end_is_written_once_more() -> None:
    section = review_section(MARKER, f"new\n{LINE}")
    cut = section.render().replace(section.end, "and our notes")
    fresh = updated(cut, section)
    assert fresh.startswith(section.render())
    assert fresh.count(section.start) == 1
    assert fresh.endswith("and our notes")
    assert updated(fresh, section) == fresh
