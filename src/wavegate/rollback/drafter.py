"""Drafts the commits of a branch that wavegate proposes, and leaves alone what others changed on it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from wavegate.errors import InputError
from wavegate.git.repository import Git
from wavegate.git.tree import Tree
from wavegate.github.proposed import Branch, Draft
from wavegate.rollback.plan import keep_edits, made_by_us, splice


@dataclass(kw_only=True)
class BranchDrafter:
    """Drafts the next commit of a branch.

    base: the base branch's tree, base_sha: its commit. target: that tree with the proposed change. scope: the paths
    that may change. known: trees that GitHub has. mark: the trailer of wavegate's own commits. doing: a noun, for an
    error. contents: files that GitHub does not have, by the id of their blob. follows_base: whether the branch is
    renewed whenever anything on the base changed, else only if something in scope did. kept: paths where somebody
    else's edit was kept.
    """

    git: Git
    base: Tree
    base_sha: str
    target: Tree
    scope: AbstractSet[str]
    known: tuple[Tree, ...]
    mark: str
    message: str
    doing: str
    contents: Mapping[str, bytes] = field(default_factory=dict)
    follows_base: bool = True
    kept: tuple[str, ...] = field(default=(), init=False)

    def __call__(self, branch: Branch, *, renew: bool = False) -> Draft | None:
        """The commit to make, or None if the branch is up to date.

        The base branch is the last parent, so that a merge results in the branch's tree. A branch that others
        committed to keeps its history, and changes only where they did not change it.
        """
        if branch.head is None:
            return self._draft(self.target, over=self.base, parents=(self.base_sha,))
        made = made_by_us(branch.commits, self.mark)
        if made is None:
            raise InputError(
                f"Branch {branch.name} exists, but wavegate did not create it.",
                fix=f"Rename or delete it, then run the {self.doing} again.",
            )
        self.git.ensure([branch.head, made])
        head = self.git.tree(branch.head)
        in_use = branch.pull is not None or not branch.had_pulls
        if branch.head != made and in_use and not renew:
            return self._beside_edits(head, made=self.git.tree(made), parent=branch.head)
        if self._is_current(head) and not renew:
            return None
        return self._draft(self.target, over=self.base, parents=(branch.head, self.base_sha))

    def write_locally(self, name: str) -> bool:
        """Make or move the local branch of that name; False if it is up to date."""
        git = self.git
        branch = Branch(name=name, head=git.branch_head(name), commits=git.history(name))
        draft = self(branch)
        if draft is None:
            return False
        commit = git.commit_tree(draft.tree, parents=draft.parents, message=draft.message)
        git.move_branch(name, commit, expected=branch.head)
        return True

    def _is_current(self, head: Tree) -> bool:
        if self.follows_base:
            return head.sha == self.target.sha
        return all(head.files.get(path) == self.target.files.get(path) for path in self.scope)

    def _beside_edits(self, head: Tree, *, made: Tree, parent: str) -> Draft | None:
        changes, self.kept = keep_edits(self.target, head=head, made=made, scope=self.scope)
        return self._draft(self.git.write_tree(head.sha, changes), over=head, parents=(parent,)) if changes else None

    def _draft(self, tree: Tree, *, over: Tree, parents: tuple[str, ...]) -> Draft:
        return Draft(
            tree=tree.sha,
            base_tree=over.sha,
            changes=splice(over, tree, self.known),
            parents=parents,
            message=self.message,
            contents=self.contents,
        )
