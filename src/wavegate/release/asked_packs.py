"""Which packs a gate judges, and where their evidence comes from."""

from collections.abc import Sequence

from wavegate.errors import InputError
from wavegate.release.manifest import Environment, Manifest, PackGate
from wavegate.release.pack import Pack


def distinct_packs(packs: Sequence[Pack]) -> tuple[Pack, ...]:
    """The packs. InputError: two share a name, by which evidence identifies a pack."""
    first: dict[str, Pack] = {}
    for pack in packs:
        if first.setdefault(pack.suite, pack) is not pack:
            raise InputError(
                f"Two packs are named {pack.suite}: {first[pack.suite].path} and {pack.path}.",
                fix="Pass each pack once, and give every pack a unique `suite`.",
                file=pack.path,
            )
    return tuple(packs)


def named_packs(gate: PackGate, packs: Sequence[Pack], *, manifest: Manifest) -> tuple[Pack, ...]:
    """The packs that a gate asks for, in its order; all where it names none. InputError: one does not exist."""
    if gate.packs is None:
        return tuple(packs)
    by_suite = {pack.suite: pack for pack in packs}
    for name in gate.packs:
        if name not in by_suite:
            raise InputError(
                f"The manifest asks for the pack {name}, which does not exist.",
                fix=f"Known packs: {', '.join(by_suite) or 'none'}.",
                file=manifest.path,
            )
    return tuple(by_suite[name] for name in gate.packs)


def asked_packs(
    manifest: Manifest, environment: Environment, packs: Sequence[Pack], *, verify: bool, has_evidence: bool
) -> tuple[Pack, ...]:
    """The packs that must pass before a release enters an environment, or with verify after it was deployed.

    Only validation precedes the first environment: no pack applies there, unless its gate names one or evidence was
    given anyway. InputError: there is no pack at all, which is never a pass.
    """
    gate = environment.verify if verify else environment.gate
    first = not verify and manifest.before(environment.name) is None
    if first and gate.packs is None and not has_evidence:
        return ()
    found = named_packs(gate, packs, manifest=manifest)
    if not found:
        raise InputError(
            f"No pack applies to {environment.name}, so nothing can show that the release may enter it.",
            fix="Write a smoke pack in agentforce/packs/, or name one with --pack.",
        )
    return found


def observed_in(manifest: Manifest, environment: Environment, *, verify: bool) -> str | None:
    """The environment that the evidence must come from; None for the gate of the first one."""
    if verify:
        return environment.name
    before = manifest.before(environment.name)
    return before.name if before else None
