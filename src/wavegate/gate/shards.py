"""Read the shards of a plan, which the workflow passes from job to job."""

import re
from collections.abc import Sequence

import msgspec

from wavegate.errors import InputError
from wavegate.plan.values import Shard
from wavegate.release.pack import Pack
from wavegate.text import one_line

_FIX = "Pass the plan's `shards` output unchanged."
_PART = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")


class _Shard(msgspec.Struct):
    environment: str
    suite: str
    shard: str
    runs: int


def read_shards(text: str, packs: Sequence[Pack]) -> tuple[Shard, ...]:
    """Parse a plan's `shards` output. text: JSON, '' for no shards. packs: those judged. Raises InputError."""
    if not text:
        return ()
    try:
        listed = msgspec.json.decode(text, type=list[_Shard])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(f"Cannot read the shards: {one_line(str(error), 200)}.", fix=_FIX) from None
    by_suite = {pack.suite: pack for pack in packs}
    return tuple(_shard(each, by_suite.get(each.suite)) for each in listed)


def _shard(listed: _Shard, pack: Pack | None) -> Shard:
    if pack is None:
        raise InputError(
            f"A shard belongs to pack {one_line(listed.suite, 100)}, which this gate does not judge.", fix=_FIX
        )
    match = _PART.fullmatch(listed.shard)
    if not match or int(match[1]) > int(match[2]):
        raise InputError(f"Invalid shard {one_line(listed.shard, 100)}: expected PART/OF, such as 1/3.", fix=_FIX)
    return Shard(environment=listed.environment, pack=pack, part=int(match[1]), of=int(match[2]), runs=listed.runs)
