"""Which version an Agent Script stands for in an org, and when it has to be published there."""

import pytest

from wavegate.errors import InputError
from wavegate.ledger.publication import Publication, parse_publications, publication_lines, publication_of
from wavegate.plan.scripts import ReleaseScript
from wavegate.publication.script_versions import ScriptVersion, script_version
from wavegate.salesforce.org_values import AgentState, AgentVersion

OURS, OTHER = "a" * 32, "b" * 32
PUBLISH = ScriptVersion(version=None)


def script(*, changed: bool = True) -> ReleaseScript:
    return ReleaseScript(agent="A", path="A.agent", digest=OURS, changed=changed)


def state(*numbers: int, live: int | None = None) -> AgentState:
    versions = tuple(AgentVersion(id=f"0X9{each}", number=each, active=each == live) for each in numbers)
    return AgentState(id="0Xx1", name="A", versions=versions)


def about(after: int | None, *, version: int | None = None, digest: str = OURS, agent: str = "A") -> Publication:
    return Publication(agent=agent, digest=digest, after=after, version=version)


@pytest.mark.parametrize(
    ("changed", "org", "noted", "published", "expected"),
    [
        # never published here
        (True, None, (), (), PUBLISH),
        (True, state(1, 2, live=2), (), (), PUBLISH),
        # an earlier release published another script, and a draft that somebody made is newer than all
        (True, state(1, 2, 9, live=2), (), (about(None, version=2, digest=OTHER),), PUBLISH),
        # published before, as after a rollback: that very version, whatever is newer or active
        (True, state(1, 2, 9, live=9), (), (about(None, version=1),), ScriptVersion(version=1)),
        (True, state(1, 2, 3), (), (about(None, version=1), about(1, version=2)), ScriptVersion(version=2)),
        (True, state(1, 2), (), (about(None, version=1, agent="a"),), ScriptVersion(version=1)),
        (True, state(1, 2), (), (about(None, version=1, agent="B"),), PUBLISH),
        # the org no longer has the version that the ledger names
        (True, state(2), (), (about(None, version=1),), PUBLISH),
        # an unchanged script stays what is active
        (False, state(1, 9, live=1), (), (), ScriptVersion(version=1)),
        (False, state(1, 2, live=1), (), (about(None, version=2),), ScriptVersion(version=2)),
        # interrupted before, while and after it was published
        (True, state(1, 2), (about(2),), (), PUBLISH),
        (True, state(1, 2, 3), (about(2),), (), ScriptVersion(version=3, found=True)),
        (True, None, (about(None),), (), PUBLISH),
        (True, state(1), (about(None),), (), ScriptVersion(version=1, found=True)),
        (True, state(1, 2, 3), (about(2, version=3),), (), ScriptVersion(version=3)),
        # the note is about another script
        (True, state(1, 2, 3), (about(2, digest=OTHER),), (), PUBLISH),
        # a note outranks what the ledger says of an earlier publication
        (True, state(1, 2, 3), (about(2),), (about(None, version=1),), ScriptVersion(version=3, found=True)),
    ],
)
def test_the_version_of_a_script(
    changed: bool,
    org: AgentState | None,
    noted: tuple[Publication, ...],
    published: tuple[Publication, ...],
    expected: ScriptVersion,
) -> None:
    live = org.live if org else None
    assert script_version(script(changed=changed), org, live=live, noted=noted, published=published) == expected


def test_two_new_versions_are_not_guessed_at() -> None:
    with pytest.raises(InputError, match=r"several new versions \(3, 4\)"):
        script_version(script(), state(1, 2, 3, 4), live=2, noted=(about(2),), published=())


def test_without_a_record_and_an_active_version_nobody_knows_which_one_is_meant() -> None:
    with pytest.raises(InputError, match="No version of A is active") as caught:
        script_version(script(changed=False), state(1, 2), live=None, noted=(), published=())
    assert "Pin its version" in caught.value.fix


LONGEST = "A" * 80


@pytest.mark.parametrize("after", [None, 0, 7, 999_999_999])
@pytest.mark.parametrize("version", [None, 0, 8, 999_999_999])
def test_a_publication_survives_the_ledger(after: int | None, version: int | None) -> None:
    first = about(after, agent=LONGEST)
    last = about(after, version=version, agent=LONGEST)
    lines = [*publication_lines([first]), *publication_lines([last])]
    assert all(len(line) <= 140 for line in lines)
    assert parse_publications(["Deploying", *lines, "live: A v8"]) == (last,)


def test_a_later_line_replaces_an_earlier_one_and_hostile_lines_are_ignored() -> None:
    known = parse_publications(
        [
            f"script: A v3 {OURS}",
            f"script: A v4 {OURS}",
            f"script: A v9 {OURS[:-1]}",
            f"script: A B v9 {OURS}",
            f"script: A v٣ {OURS}",
            f"publish: B after v2 {OTHER}, {OURS}",
        ]
    )
    assert known == (about(None, version=4),)
    assert publication_of(known, "a", OURS) == known[0]
    assert publication_of(known, "A", OTHER) is None
