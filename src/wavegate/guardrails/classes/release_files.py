"""The class of a change of the release's own files, by what changes in them."""

from dataclasses import fields, replace

from wavegate.guardrails.classes.values import ClassReason
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.release.folder import FOLDER
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Pack
from wavegate.release.reading import parse_manifest, parse_pack
from wavegate.text import join_names

_TUNABLE = frozenset({"release", "price_per_conversation", "review_cadence", "review_owner", "support"})
"""Parts of a manifest that change neither what ships nor what it must prove."""
_WHAT_SHIPS = frozenset({"agents", "details", "include", "notify", "capabilities", "journeys"})


def release_file_reason(path: str, before: bytes | None, after: bytes | None) -> ClassReason | None:
    """Why a manifest or pack has its class; None for another file. before, after: None if a side does not have it."""
    if not path.startswith(f"{FOLDER}/") or before is None or after is None:
        return None
    if "/packs/" in path:
        packs = (parse_pack(before, path=path)[0], parse_pack(after, path=path)[0])
        return _pack(*packs)
    if not path.endswith((".yml", ".yaml")) or "guardrails.y" in path:
        return None
    return _manifest(parse_manifest(before, path=path)[0], parse_manifest(after, path=path)[0])


def _manifest(before: Manifest | None, after: Manifest | None) -> ClassReason | None:
    if before is None or after is None:
        return None
    changed = [
        each.name
        for each in fields(Manifest)
        if each.compare and getattr(before, each.name) != getattr(after, each.name)
    ]
    names = join_names(changed) or "nothing but comments or layout"
    if set(changed) <= _TUNABLE:
        return ClassReason(change_class=ChangeClass.TUNABLE, message=f"Of the manifest, {names} changes.")
    if set(changed) <= _TUNABLE | _WHAT_SHIPS:
        message = f"Of the manifest, {names} changes: it decides what ships, or who hears of it."
        return ClassReason(change_class=ChangeClass.CODE_REVIEW, message=message)
    message = (
        f"Of the manifest, {names} changes: it decides where releases go, who may act, and what they must prove."
    )
    return ClassReason(change_class=ChangeClass.SECURITY_REVIEW, message=message)


def _pack(before: Pack | None, after: Pack | None) -> ClassReason | None:
    if before is None or after is None:
        return None
    if before == after:
        return ClassReason(change_class=ChangeClass.TUNABLE, message="Of the pack, nothing but layout changes.")
    if replace(after, tests=before.tests) == before and set(before.tests) <= set(after.tests):
        message = "Tests are added to the pack. Its rate is over all tests, so that easy ones can hide a hard one."
        return ClassReason(change_class=ChangeClass.CODE_REVIEW, message=message)
    return None
