"""How passages change, and which one was renamed to which."""

from wavegate.findings.finding import Location
from wavegate.notes.passages import AGENT, PROMPT, Passage, PassageId
from wavegate.notes.text_changes import TextChangeKind, text_changes

LONG = "Summarize the case in three sentences. Name the order, the promise and the next step."


def passages(**texts: str) -> dict[PassageId, Passage]:
    """Passages by name: `prompt__Name` or `agent__Name__place`."""
    found = {}
    for name, text in texts.items():
        kind, owner, *place = name.split("__")
        key = PassageId(
            kind=PROMPT if kind == "prompt" else AGENT, owner=owner, place=place[0].replace("_", " ") if place else ""
        )
        found[key] = Passage(id=key, text=text, location=Location(file=f"{owner}.xml"))
    return found


def kinds(before: dict[PassageId, Passage], after: dict[PassageId, Passage]) -> list[tuple[str, str, str]]:
    return [
        (each.kind.value, each.passage.id.owner, each.before.owner if each.before else "")
        for each in text_changes(before, after)
    ]


def test_what_is_equal_is_no_change() -> None:
    assert text_changes(passages(prompt__A=LONG), passages(prompt__A=LONG)) == ()


def test_each_passage_is_added_changed_or_removed() -> None:
    before, after = passages(prompt__A="One.", prompt__B="Two."), passages(prompt__B="Two, three.", prompt__C="Four.")
    assert kinds(before, after) == [("changed", "B", ""), ("added", "C", ""), ("removed", "A", "")]


def test_a_renamed_template_is_followed_with_its_words() -> None:
    (change,) = text_changes(passages(prompt__Case_Summary=LONG), passages(prompt__Summary=f"{LONG} Be kind."))
    assert change.kind is TextChangeKind.RENAMED
    assert change.before == PassageId(kind=PROMPT, owner="Case_Summary")
    assert "".join(each.text for each in change.pieces if each.edit == "added").strip() == "Be kind."


def test_the_most_similar_one_is_the_renamed_one_and_each_only_once() -> None:
    before = passages(prompt__A=LONG, prompt__B=f"{LONG} And say goodbye to the customer at the very end.")
    after = passages(prompt__X=f"{LONG} And say goodbye to the customer at the very end.", prompt__Y=LONG)
    assert kinds(before, after) == [("renamed", "X", "B"), ("renamed", "Y", "A")]


def test_an_agents_instructions_are_never_a_renamed_template() -> None:
    found = kinds(passages(prompt__A=LONG), passages(agent__Desk__instructions=LONG))
    assert found == [("added", "Desk", ""), ("removed", "A", "")]


def test_a_description_is_never_renamed_instructions() -> None:
    before = {PassageId(kind=AGENT, owner="Desk", place="topic fines: description"): "d"}
    after = {PassageId(kind=AGENT, owner="Desk", place="topic loans: instructions"): "i"}
    made = [
        {key: Passage(id=key, text=LONG, location=Location(file="x")) for key in side} for side in (before, after)
    ]
    assert [each.kind.value for each in text_changes(*made)] == ["added", "removed"]


def test_a_renamed_topic_is_followed() -> None:
    old = PassageId(kind=AGENT, owner="Desk", place="topic fines: instructions")
    new = PassageId(kind=AGENT, owner="Desk", place="topic fees: instructions")
    before, after = ({key: Passage(id=key, text=LONG, location=Location(file="x"))} for key in (old, new))
    (change,) = text_changes(before, after)
    assert (change.kind, change.before) == (TextChangeKind.RENAMED, old)
