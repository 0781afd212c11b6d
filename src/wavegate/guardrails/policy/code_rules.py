"""Rules about the code behind the actions, and about the permissions beside it."""

from collections.abc import Iterable, Mapping

from wavegate.guardrails.model import Action, Code, Effect, Guardrails, PermissionGrants
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.scoped import RuleScope, ScopedFindings
from wavegate.text import join_names

_UNSHARED = ("without sharing", "systemmodewithoutsharing")
_ALL_DATA = ("ViewAllData", "ModifyAllData")
_LEVELS: Mapping[Effect, tuple[str, ...]] = {
    Effect.READS: ("read",),
    Effect.WRITES: ("read", "create", "edit"),
    Effect.DELETES: ("read", "delete"),
}
"""The levels of object permissions that an effect needs."""
_REPORTED = frozenset({"create", "edit", "delete", "view all", "modify all"})
"""The levels worth a finding."""


def unshared_code(context: AgentContext) -> ScopedFindings:
    """Code that ignores sharing, reached from an agent that customers talk to."""
    if context.customer_facing is False:
        return
    seen: set[str] = set()
    for call in context.calls:
        for code in context.code_of(call.action):
            if code.mode.casefold() not in _UNSHARED or code.id in seen:
                continue
            seen.add(code.id)
            message = (
                f"`{code.id}` runs as `{code.mode}` and sees every record, and the model of `{context.name}` can "
                f"have it executed by `{call.action.name}` in topic `{call.topic.name}`."
            )
            scope = context.scope(call.topic, call.action.name)
            fix = "Run it with sharing, or have it check whose records it reads; then accept this with an exception."
            if context.customer_facing:
                yield scope.warning("code/without-sharing", code.location, message, fix)
            else:
                unsure = f"{message} Whether customers talk to the agent is not said."
                yield scope.notice("code/without-sharing", code.location, unsure, fix)


def wide_permissions(contexts: Iterable[AgentContext], guardrails: Guardrails) -> ScopedFindings:
    """Permission sets that open an agent's code and grant more on objects than that code needs."""
    needed = _Needs(contexts)
    for grants in guardrails.permissions.values():
        agents = needed.agents_of(grants)
        if not agents or grants.muting:
            continue
        scope = RuleScope(agent=agents[0] if len(agents) == 1 else "")
        subject = f"Permission set `{grants.name}` opens actions of {join_names(agents)}"
        for grant in grants.grants:
            if grant.kind == "user" and grant.name in _ALL_DATA:
                message = f"{subject}, and grants `{grant.name}`: whoever holds it sees or changes every record."
                fix = "Grant the objects that the actions need."
                yield scope.warning("permission/all-data", grants.grants[grant], message, fix)
        yield from _wider(subject, grants, needed, agents, scope)


def _wider(
    subject: str, grants: PermissionGrants, needed: "_Needs", agents: tuple[str, ...], scope: RuleScope
) -> ScopedFindings:
    if needed.unsure(agents):
        return
    allowed = needed.objects(agents)
    extra = [each for each in grants.grants if each.kind == "object" and each.level in _REPORTED]
    extra = [each for each in extra if (each.name.casefold(), each.level) not in allowed]
    for object_ in dict.fromkeys(each.name for each in extra):
        own = [each for each in extra if each.name == object_]
        levels = join_names([each.level for each in own])
        message = f"{subject}, and grants {levels} on `{object_}`, which none of them needs."
        fix = "Remove the grant, or move it to a permission set for the people who need it."
        yield scope.warning("permission/wider-than-actions", grants.grants[own[0]], message, fix)


class _Needs:
    """What the actions of agents need, and which code they open."""

    def __init__(self, contexts: Iterable[AgentContext]) -> None:
        contexts = tuple(contexts)
        self.code = {each.name: _code(each) for each in contexts}
        self.incomplete = {
            context.name for context in contexts if any(_is_unsure(context, call.action) for call in context.calls)
        }

    def agents_of(self, grants: PermissionGrants) -> tuple[str, ...]:
        """The agents whose code a permission set opens."""
        opened = {(each.kind, each.name) for each in grants.grants if each.kind in ("class", "flow")}
        kinds = {"apex": "class", "flow": "flow"}
        return tuple(
            agent
            for agent, code in self.code.items()
            if any(
                (kinds.get(scheme, ""), name) in opened for scheme, _, name in (id_.partition("://") for id_ in code)
            )
        )

    def unsure(self, agents: Iterable[str]) -> bool:
        """Whether what the agents' actions need is not fully known."""
        codes = (code for agent in agents for code in self.code[agent].values())
        return not self.incomplete.isdisjoint(agents) or any(_is_dynamic(each) for each in codes)

    def objects(self, agents: Iterable[str]) -> frozenset[tuple[str, str]]:
        """Objects, in lower case, and the levels on them that the agents' code needs."""
        return frozenset(
            (object_.casefold(), level)
            for agent in agents
            for code in self.code[agent].values()
            for effect, object_ in code.objects
            for level in _LEVELS.get(effect, ())
        )


def _code(context: AgentContext) -> Mapping[str, Code]:
    """The code that an agent's actions run, by id."""
    return {code.id: code for call in context.calls for code in context.code_of(call.action)}


def _is_unsure(context: AgentContext, action: Action) -> bool:
    """Whether an action runs code that the project does not have, or that is not understood."""
    reach = context.reach(action)
    return not reach.certain or Effect.UNKNOWN in reach.effects


def _is_dynamic(code: Code) -> bool:
    """Whether the objects that code touches are only known at run time, or not to us."""
    touches = {effect for effect, _ in code.objects}
    return code.dynamic or not code.effects & _LEVELS.keys() <= touches
