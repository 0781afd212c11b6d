"""The shards of a plan, as the workflow hands them from one job to the next."""

import re
from collections.abc import Sequence

import msgspec

from wavegate.errors import InputError
from wavegate.plan.values import Shard
from wavegate.release.pack import Pack
from wavegate.text import one_line

_FIX = "Give the output `shards` of the plan, unchanged."
_PART = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")


class _Shard(msgspec.Struct):
    environment: str
    suite: str
    shard: str
    runs: int


def read_shards(text: str, packs: Sequence[Pack]) -> tuple[Shard, ...]:
    """The shards that a plan listed; none for no text. packs: those that are judged. Raises InputError."""
    if not text:
        return ()
    try:
        listed = msgspec.json.decode(text, type=list[_Shard])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(f"The shards cannot be read: {one_line(str(error), 200)}.", fix=_FIX) from None
    by_suite = {pack.suite: pack for pack in packs}
    return tuple(_shard(each, by_suite.get(each.suite)) for each in listed)


def _shard(listed: _Shard, pack: Pack | None) -> Shard:
    if pack is None:
        raise InputError(f"A shard is of the pack {one_line(listed.suite, 100)}, which is not judged.", fix=_FIX)
    match = _PART.fullmatch(listed.shard)
    if not match or int(match[1]) > int(match[2]):
        raise InputError(f"A shard is called {one_line(listed.shard, 100)}, not PART/OF.", fix=_FIX)
    return Shard(environment=listed.environment, pack=pack, part=int(match[1]), of=int(match[2]), runs=listed.runs)
