"""Documents as plain values, for comparing."""

from wavegate.files.document import Node


def plain(node: Node | None) -> object:
    """The value of a node with all that is in it, places left out."""
    match node.value if node else None:
        case dict() as entries:
            return {key: plain(entry.node) for key, entry in entries.items()}
        case list() as items:
            return [plain(item) for item in items]
        case value:
            return value
