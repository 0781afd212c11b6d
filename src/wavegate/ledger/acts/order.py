"""The order in which acts were created, although GitHub's clock counts in seconds."""

from collections.abc import Iterable

from wavegate.ledger.acts.act import Act


def newest_first(acts: Iterable[Act]) -> tuple[Act, ...]:
    """Acts in the order of their creation, newest first.

    acts: newest first, but for those of the same second, which GitHub may list in any order. Every act names the one
    that was the newest when it was written: it comes after that one.
    """
    listed = tuple(acts)
    places = {act.id: place for place, act in enumerate(listed) if act.id}
    oldest_first: dict[int, Act] = {}
    for place in reversed(range(len(listed))):
        chain: dict[int, Act] = {}
        # a payload may be forged: the links may form a circle
        while place not in oldest_first and place not in chain:
            chain[place] = listed[place]
            before = places.get(listed[place].after, place)
            place = before if listed[before].recorded == listed[place].recorded else place
        oldest_first |= dict(reversed(chain.items()))
    return tuple(reversed(oldest_first.values()))
