"""Which agents of a release no smoke test covers."""

from wavegate.census.values import Census, ExpectedCases
from wavegate.promotion.brief.coverage import Coverage, coverage_of

KEYS = (("s", "a"), ("s", "b"))


def census(**subjects: str) -> Census:
    """By test, the agent that its definition names."""
    return Census(
        tests={("s", name): ExpectedCases(count=1, source="x", subject=of) for name, of in subjects.items()}
    )


def test_an_agent_that_no_definition_names_is_uncovered() -> None:
    known = census(a="Support", b="SUPPORT")
    assert coverage_of(["support", "Returns"], KEYS, known) == Coverage(uncovered=("Returns",))
    assert coverage_of(["Support"], KEYS, known) == Coverage()


def test_a_test_about_an_unknown_agent_may_cover_any_of_several() -> None:
    found = coverage_of(["Support", "Returns"], KEYS, census(a="Support"))
    assert found == Coverage(uncovered=("Returns",), unclear=("b",))


def test_a_test_about_an_unknown_agent_covers_the_only_one() -> None:
    assert coverage_of(["Support"], KEYS, Census()) == Coverage()


def test_without_tests_nothing_is_covered() -> None:
    assert coverage_of(["Support"], (), Census()) == Coverage(uncovered=("Support",), has_tests=False)
    assert coverage_of((), (), Census()).uncovered == ()
