"""Which packs a gate judges, and which environment their evidence comes from."""

from collections.abc import Sequence

from wavegate.errors import InputError
from wavegate.release.manifest import Environment, Manifest, PackGate
from wavegate.release.pack import Pack


def distinct_packs(packs: Sequence[Pack]) -> tuple[Pack, ...]:
    """The packs, unchanged. InputError: two have the same name, by which evidence refers to a pack."""
    first: dict[str, Pack] = {}
    for pack in packs:
        if first.setdefault(pack.suite, pack) is not pack:
            raise InputError(
                f"Two packs are named {pack.suite}: {first[pack.suite].path} and {pack.path}.",
                fix="Give every pack a unique name, and pass every file only once.",
                file=pack.path,
            )
    return tuple(packs)


def named_packs(gate: PackGate, packs: Sequence[Pack], *, manifest: Manifest) -> tuple[Pack, ...]:
    """The packs that a gate names, in its order; all packs if it names none. InputError: one does not exist."""
    if gate.packs is None:
        return tuple(packs)
    by_suite = {pack.suite: pack for pack in packs}
    for name in gate.packs:
        if name not in by_suite:
            raise InputError(
                f"The manifest requires pack {name}, which does not exist.",
                fix=f"Known packs: {', '.join(by_suite) or 'none'}.",
                file=manifest.path,
            )
    return tuple(by_suite[name] for name in gate.packs)


def required_packs(
    manifest: Manifest, environment: Environment, packs: Sequence[Pack], *, verify: bool, has_evidence: bool
) -> tuple[Pack, ...]:
    """The packs that must pass before a promotion or, with verify, after the deployment.

    No pack applies to the first environment, which needs only validation, unless its gate names one or evidence is
    passed anyway. InputError: a pack is required, but none applies.
    """
    gate = environment.verify if verify else environment.gate
    first = not verify and manifest.before(environment.name) is None
    if first and gate.packs is None and not has_evidence:
        return ()
    required = named_packs(gate, packs, manifest=manifest)
    if not required:
        raise InputError(
            f"No pack applies to {environment.name}, so its gate cannot pass.",
            fix="Write a smoke pack in agentforce/packs/, or name one with --pack.",
        )
    return required


def observed_in(manifest: Manifest, environment: Environment, *, verify: bool) -> str | None:
    """The environment that the evidence must come from; None before the first environment."""
    if verify:
        return environment.name
    before = manifest.before(environment.name)
    return before.name if before else None
