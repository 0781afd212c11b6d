"""Whom GitHub asks to review a change of a file, by the file CODEOWNERS."""

from collections.abc import Iterator

from wavegate.github.patterns.filter_patterns import selects


def owners_of(path: str, code_owners: str) -> tuple[str, ...]:
    """The owners of a file, as written; empty without any. code_owners: the text of CODEOWNERS.

    The last pattern that matches counts, also if it names nobody.
    """
    owners: tuple[str, ...] = ()
    for line in code_owners.splitlines():
        pattern, *names = line.partition("#")[0].split() or [""]
        if pattern and selects(list(_filters(pattern)), path):
            owners = tuple(names)
    return owners


def _filters(pattern: str) -> Iterator[str]:
    """The filters that match what a pattern does: those of a .gitignore, without `!`, `[]` and escapes."""
    anchored = "/" in pattern.rstrip("/")
    plain = pattern.strip("/").replace("\\", "\\\\")
    for special in "?+[]!":
        plain = plain.replace(special, f"\\{special}")
    base = plain if anchored else f"**/{plain}"
    if not pattern.endswith("/"):
        yield base
    if not plain.endswith("/*"):
        yield f"{base}/**"
