"""Documents as plain values, for comparison."""

from wavegate.files.document import Node


def plain(node: Node | None) -> object:
    """The value of a node and everything in it, without positions."""
    match node.value if node else None:
        case dict() as entries:
            return {key: plain(entry.node) for key, entry in entries.items()}
        case list() as items:
            return [plain(item) for item in items]
        case value:
            return value
