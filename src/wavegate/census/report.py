"""Says where the expected cases of packs come from."""

from collections.abc import Iterator, Sequence

from wavegate.census.values import Census
from wavegate.release.pack import Pack
from wavegate.text import join_names, pluralize

_SOURCES = 3
"""Files that a sentence names."""


def census_sentences(census: Census, packs: Sequence[Pack]) -> Iterator[str]:
    """Who declares the cases of every pack, one sentence per pack. Names are not escaped."""
    for pack in packs:
        parts = [*_declared(census, pack), *_unknown(census, pack)]
        if parts:
            yield f"{pack.suite}: {'; '.join(parts)}."


def census_values(census: Census) -> dict[str, dict[str, dict[str, object]]]:
    """The number and the source of the cases by suite and test, as a JSON object."""
    values: dict[str, dict[str, dict[str, object]]] = {}
    for (suite, test), cases in census.tests.items():
        values.setdefault(suite, {})[test] = {"cases": cases.count, "from": cases.source}
    return values


def unknown_cases(census: Census, pack: Pack) -> list[str]:
    """Names of the tests whose cases nothing declares. None while a problem may hide what declares them."""
    return [] if census.problems else [each.name for each in pack.tests if not census.of(pack.suite, each.name)]


def _declared(census: Census, pack: Pack) -> Iterator[str]:
    known = [cases for test in pack.tests if (cases := census.of(pack.suite, test.name))]
    if known:
        number = pluralize(sum(each.count for each in known), "case")
        sources = tuple(dict.fromkeys(each.source for each in known))
        yield f"{number} of {pluralize(len(known), 'test')}, declared in {join_names(sources, _SOURCES)}"


def _unknown(census: Census, pack: Pack) -> Iterator[str]:
    unknown = unknown_cases(census, pack)
    if unknown:
        yield f"nothing declares the cases of {join_names(unknown)}, which count as one case each"
