"""Takes the copies' names out of their files again, which has to give the release's own bytes."""

from collections.abc import Mapping

from wavegate.pilot.values import PilotCopy


def undo(copy: PilotCopy) -> Mapping[str, bytes]:
    """The files that were copied, as the copies say they are: bytes by the original's path.

    The generated permission set is a copy of nothing, so it is left out.
    """
    raise NotImplementedError
