"""Test definitions that test another version of an agent than the manifest pins."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wavegate.census.values import Census
from wavegate.findings.finding import Finding, Location, error
from wavegate.release.pack import Pack
from wavegate.text import one_line

FIX = "Set its subjectVersion to the pinned version, or pin the version that it tests."


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherVersion:
    """A test whose definition tests another version than the manifest pins. source: path of the definition."""

    suite: str
    test: str
    source: str
    message: str


def other_versions(
    census: Census, packs: Sequence[Pack], pinned: Mapping[str, int], *, environment: str
) -> Iterator[OtherVersion]:
    """The tests of the packs whose definitions test another version than the pinned one.

    pinned: versions by agent, as the manifest pins them in the environment that the packs run in.
    """
    versions = {name.casefold(): version for name, version in pinned.items()}
    for (suite, test), cases in census.tests.items():
        pin = versions.get(cases.subject.casefold())
        known = pin is not None and cases.subject_version is not None
        if known and pin != cases.subject_version and any(pack.suite == suite for pack in packs):
            message = (
                f"It tests version {cases.subject_version} of {one_line(cases.subject, 100)}, but the manifest pins "
                f"version {pin} in {one_line(environment, 100)}."
            )
            yield OtherVersion(suite=suite, test=test, source=cases.source, message=message)


def pin_findings(
    census: Census, packs: Sequence[Pack], pinned: Mapping[str, int], *, environment: str
) -> Iterator[Finding]:
    """A finding for each definition that tests another version than the pinned one."""
    for each in other_versions(census, packs, pinned, environment=environment):
        yield error("census/other-version", Location(file=each.source), each.message, FIX)
