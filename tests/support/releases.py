"""Values of a manifest, as reading one makes them."""

from typing import Any

from wavegate.release.manifest import Environment, PackGate


def environment(name: str, *, gate: PackGate | None = None, **fields: Any) -> Environment:
    """An environment that says no more than this: its org has its name, and it is verified by the gate's packs."""
    gate = gate or PackGate()
    given: dict[str, Any] = {"name": name, "org": name, "gate": gate, "verify": gate}
    return Environment(**given | fields)
