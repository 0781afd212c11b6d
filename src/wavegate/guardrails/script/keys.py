"""Keys that stand twice in a block: inside of a block the compiler keeps the first, at the left margin the last."""

from collections.abc import Iterable, Iterator, Sequence

from wavegate.guardrails.script.found import Scope
from wavegate.guardrails.script.lines import Entry, entry, place
from wavegate.guardrails.script.tree import ScriptLine

_FIX = "Keep one of the two."


def first_of_each(nodes: Iterable[ScriptLine], scope: Scope) -> Iterator[tuple[ScriptLine, Entry | None]]:
    """The lines of a block, each with its key or None, without those whose key was there before."""
    seen: set[str] = set()
    for node in nodes:
        found = entry(node)
        if found and not found.name and found.key in seen:
            drop_key(node, found.key, scope)
            continue
        if found:
            seen.add(found.key)
        yield node, found


def with_strays(nodes: Sequence[ScriptLine], blocks: frozenset[str]) -> list[ScriptLine]:
    """The lines of a topic, with the keys that stand too far out moved into the block that the compiler puts them in.

    It counts characters there, not columns, so that with tabs a key may belong to a block that it is not indented
    beneath. blocks: keys of the blocks that take such lines.
    """
    found: list[ScriptLine] = []
    owner: ScriptLine | None = None
    for node in nodes:
        line = entry(node)
        if line and owner and node.column > owner.column:
            taker = owner.children if node.column >= owner.children[0].column else found
            taker.append(node)
            continue
        if line:
            owner = node if line.key in blocks and node.children else None
        found.append(node)
    return found


def drop_key(node: ScriptLine, key: str, scope: Scope) -> None:
    """Notes a key that was there before."""
    message = f"`{key}` stands twice in this block: the compiler keeps the first and drops this one."
    scope.lose("key/duplicate", place(node, scope.path), message, _FIX)


def last_of_each(nodes: Sequence[ScriptLine], scope: Scope) -> Iterator[tuple[ScriptLine, Entry | None]]:
    """The blocks at the left margin, without those that come again below."""
    entries = [(node, entry(node)) for node in nodes]
    last = {(found.key, found.name): node for node, found in entries if found}
    for node, found in entries:
        if found and last[found.key, found.name] is not node:
            block = f"{found.key} {found.name}".strip()
            message = f"The block `{block}` stands twice: the compiler keeps the later one and drops this one."
            scope.lose("block/duplicate", place(node, scope.path), message, _FIX)
            continue
        yield node, found
