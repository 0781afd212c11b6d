"""Names of environments in the ledger. GitHub does not distinguish them by case, but keeps each as it was written."""


def is_environment(name: str, other: str) -> bool:
    """Whether two names are of the same environment."""
    return name.casefold() == other.casefold()


def spellings(name: str) -> list[str]:
    """The usual spellings of an environment's name, the given one first: GitHub's filter may distinguish them."""
    return list(dict.fromkeys((name, name.lower(), name.upper(), name.capitalize(), name.title())))
