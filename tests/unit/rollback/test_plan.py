"""The rollback plan: every combination of bad, good and base, and random trees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.git.tree import FOLDER_MODE, Tree, TreeChange, TreeEntry, parents
from wavegate.rollback.plan import (
    branch_name,
    commit_message,
    keep_edits,
    made_by_us,
    plan_rollback,
    splice,
    trailer,
)


def entry(name: str) -> TreeEntry:
    """An entry by a short name: `x` a file, `x+` executable, `x@` a link, `x#` a submodule."""
    mode = {"+": "100755", "@": "120000", "#": "160000"}.get(name[-1], "100644")
    return TreeEntry(mode=mode, sha=name[0] * 40)


def tree(files: dict[str, str]) -> Tree:
    """A tree whose folders have ids of what is in them, as git's have."""
    entries = {path: entry(name) for path, name in files.items()}
    return of_entries(entries)


def of_entries(entries: dict[str, TreeEntry]) -> Tree:
    folders = {
        folder: TreeEntry(
            mode=FOLDER_MODE,
            sha=str(
                sorted(
                    (path.removeprefix(folder), str(entries[path]))
                    for path in entries
                    if path.startswith(f"{folder}/")
                )
            ),
        )
        for folder in {up for path in entries for up in parents(path)}
    }
    return Tree(sha=str(sorted(entries.items(), key=str)), files=entries, folders=folders)


@pytest.mark.parametrize(
    ("bad", "good", "base", "outcome"),
    [
        ("b", "g", "b", "restored"),
        ("g+", "g", "g+", "restored"),
        ("b@", "g", "b@", "restored"),
        ("b#", "g#", "b#", "restored"),
        ("", "g", "", "restored"),
        ("b", "", "b", "deleted"),
        ("b", "g", "g", "unchanged"),
        ("b", "", "", "unchanged"),
        ("g", "g", "g", "unchanged"),
        ("b", "g", "x", "conflict"),
        ("b", "g", "", "conflict"),
        ("b", "", "x", "conflict"),
        ("", "g", "x", "conflict"),
        ("g", "g", "x", "conflict"),
        ("g", "g", "", "conflict"),
        ("b", "g", "b+", "conflict"),
    ],
)
def test_one_path(bad: str, good: str, base: str, outcome: str) -> None:
    sides = [tree({"a/p": name} if name else {}) for name in (bad, good, base)]
    plan = plan_rollback(bad=sides[0], good=sides[1], base=sides[2], scope={"a/p"})
    found = {"restored": plan.restored, "deleted": plan.deleted, "conflict": plan.conflicts}
    assert {name: paths for name, paths in found.items() if paths} == (
        {} if outcome == "unchanged" else {outcome: ("a/p",)}
    )
    assert plan.unchanged == (outcome == "unchanged")
    assert plan.same_release == (bad == good)


@pytest.mark.parametrize(
    ("bad", "good", "base", "conflicts"),
    [
        # a folder takes the file's place in the bad release, and the base has put a file of its own into it
        ({"a/f/x": "b"}, {"a/f": "g"}, {"a/f/x": "b"}, ()),
        ({"a/f/x": "b"}, {"a/f": "g"}, {"a/f/x": "b", "a/f/own": "o"}, ("a/f",)),
        # a file takes the folder's place, in the bad release or on the base alone
        ({"a/f": "b"}, {"a/f/x": "g"}, {"a/f": "b"}, ()),
        ({}, {"a/f/x": "g"}, {"a": "o"}, ("a/f/x",)),
        ({"a/f": "b"}, {"a/f/x": "g"}, {"a/f": "changed"}, ("a/f", "a/f/x")),
    ],
)
def test_a_file_or_folder_of_the_base_in_the_way_is_a_conflict(
    bad: dict[str, str], good: dict[str, str], base: dict[str, str], conflicts: tuple[str, ...]
) -> None:
    scope = bad.keys() | good.keys()
    plan = plan_rollback(bad=tree(bad), good=tree(good), base=tree(base), scope=scope)
    assert plan.conflicts == conflicts


def test_paths_out_of_scope_stay() -> None:
    plan = plan_rollback(
        bad=tree({"a": "b", "c": "b"}), good=tree({"a": "g"}), base=tree({"a": "b", "c": "b"}), scope={"a"}
    )
    assert plan.changes == (TreeChange(path="a", entry=entry("g")),)


def test_every_list_is_sorted_so_that_the_same_rollback_has_the_same_text() -> None:
    names = [f"{kind}{number:02}" for kind in ("conflict", "deleted", "restored") for number in range(20)]
    bad = tree(dict.fromkeys(names, "b"))
    good = tree({name: "g" for name in names if not name.startswith("deleted")})
    base = tree({name: "x" if name.startswith("conflict") else "b" for name in names})
    plan = plan_rollback(bad=bad, good=good, base=base, scope=dict.fromkeys(reversed(names)).keys())
    assert [*plan.conflicts, *plan.deleted, *plan.restored] == names
    assert [each.path for each in plan.changes] == [*plan.deleted, *plan.restored]


PATHS = st.sampled_from(["a", "a/b", "a/b/c", "a/d", "a/b/e", "f/g", "f/g/h", "f/i", "j k", "j\nk/l", "ü"])
NAMES = st.sampled_from(["g", "b", "x", "g+", "b@"])


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Any tree; a path that another one needs as its folder is left out."""
    files: dict[str, str] = {}
    for path, name in draw(st.dictionaries(PATHS, NAMES, max_size=8)).items():
        if not any(up in files for up in parents(path)) and not any(other.startswith(f"{path}/") for other in files):
            files[path] = name
    return tree(files)


def apply(base: Tree, changes: tuple[TreeChange, ...], known: tuple[Tree, ...] = ()) -> dict[str, TreeEntry]:
    """What GitHub makes of tree entries over a base: each takes the place of whatever is there."""
    files = dict(base.files)
    for change in changes:
        for path in [path for path in files if path == change.path or path.startswith(f"{change.path}/")]:
            del files[path]
        for up in parents(change.path):
            files.pop(up, None)
        if change.entry and change.entry.mode == FOLDER_MODE:
            source, folder = next(
                (each, path) for each in known for path, found in each.folders.items() if found == change.entry
            )
            for path, found in source.files.items():
                if path.startswith(f"{folder}/"):
                    files[change.path + path.removeprefix(folder)] = found
        elif change.entry:
            files[change.path] = change.entry
    return files


@given(bad=trees(), good=trees(), base=trees(), scope=st.sets(PATHS))
def test_the_scope_matches_the_good_release_except_conflicts_and_the_rest_matches_the_base(
    bad: Tree, good: Tree, base: Tree, scope: set[str]
) -> None:
    plan = plan_rollback(bad=bad, good=good, base=base, scope=scope)
    deletions_first = tuple(sorted(plan.changes, key=lambda change: change.entry is not None))
    after = apply(base, deletions_first)
    for path in {*bad.files, *good.files, *base.files, *scope}:
        wanted = good if path in scope and path not in plan.conflicts else base
        assert after.get(path) == wanted.files.get(path), path
    assert len(plan.restored) + len(plan.deleted) == len(plan.changes)


@given(before=trees(), after=trees(), known=trees())
def test_spliced_entries_turn_one_tree_into_the_other(before: Tree, after: Tree, known: Tree) -> None:
    entries = splice(before, after, (known, before))
    assert apply(before, entries, (known, before)) == after.files
    paths = [change.path for change in entries]
    assert len(set(paths)) == len(paths)
    assert not [path for path in paths for up in parents(path) if up in paths and after.folders.get(up)]


def test_a_fully_restored_folder_is_one_entry() -> None:
    good = {f"f/x/{number}": "g" for number in range(50)}
    bad = {f"f/x/{number}": "b" for number in range(60)}
    before, after = tree({**bad, "f/other": "o"}), tree({**good, "f/other": "o"})
    (change,) = splice(before, after, (tree(good),))
    assert (change.path, change.entry and change.entry.type) == ("f/x", "tree")


def test_edits_of_others_are_kept() -> None:
    made = tree({"a": "g", "b": "g", "c": "g", "out": "o"})
    head = tree({"a": "edited", "b": "g", "c": "g", "out": "theirs"})
    plan = tree({"a": "g", "b": "now", "c": "g", "out": "o"})
    changes, kept = keep_edits(plan, head=head, made=made, scope={"a", "b", "c"})
    assert kept == ("a",)
    assert changes == (TreeChange(path="b", entry=entry("now")),)


def test_two_environments_never_share_a_branch() -> None:
    names = [
        "prod",
        "Prod",
        "prod eu",
        "prod-eu",
        "prod/eu",
        "prod\neu",
        "größe",
        "日本",
        "",
        "..",
        "a" * 100,
        "a" * 101,
    ]
    branches = {branch_name(name, bad="b" * 40, good="c" * 40) for name in names}
    assert len(branches) == len(names)
    bases = {branch_name("prod", bad="b" * 40, good="c" * 40, onto=name) for name in (*names, "release/1.x")}
    assert len(bases) == len(names) + 1
    assert "wavegate/rollback/prod/bbbbbbbbbbbb-to-cccccccccccc" in branches
    assert all(branch.isascii() and ".." not in branch and " " not in branch for branch in branches)


def test_only_commits_of_this_rollback_are_our_own() -> None:
    mark = trailer(bad="b" * 40, good="c" * 40)
    ours = commit_message("prod @octocat fixes #1", bad="b" * 40, good="c" * 40)
    other = commit_message("prod", bad="d" * 40, good="c" * 40)
    assert "@" not in ours
    assert "#" not in ours
    assert made_by_us([("1", "Edit"), ("2", f"quoting {mark}"), ("3", other), ("4", ours)], mark) == "4"
    assert made_by_us([("1", "Edit")], mark) is None
