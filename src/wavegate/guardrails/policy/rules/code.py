"""Rules about the code behind the actions, and about the permissions beside it."""

from collections.abc import Iterable, Mapping, Sequence

from wavegate.guardrails.model import Action, Code, Effect, Guardrails, PermissionGrants
from wavegate.guardrails.policy.context import AgentContext, ModelCall
from wavegate.guardrails.policy.scoped import RuleScope, ScopedFinding, ScopedFindings
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


def unshared_code(contexts: Iterable[AgentContext]) -> ScopedFindings:
    """Code that ignores sharing, reached from agents that customers talk to: once for all of them."""
    found: dict[str, list[tuple[AgentContext, ModelCall]]] = {}
    codes: dict[str, Code] = {}
    for context in contexts:
        for call in context.calls if context.customer_facing is not False else ():
            for code in _unshared(context, call.action):
                codes[code.id] = code
                found.setdefault(code.id, []).append((context, call))
    for id_, reached in found.items():
        yield _unshared_finding(codes[id_], reached)


def _unshared(context: AgentContext, action: Action) -> tuple[Code, ...]:
    """The code of an action that ignores sharing; without what only such code runs, if the action's own does."""
    codes = tuple(each for each in context.code_of(action) if each.mode.casefold() in _UNSHARED)
    own = tuple(each for each in codes if each.id.casefold() == action.target.casefold())
    return own or codes


def _unshared_finding(code: Code, reached: Sequence[tuple[AgentContext, ModelCall]]) -> ScopedFinding:
    names = tuple(dict.fromkeys(context.name for context, _ in reached))
    context, call = reached[0]
    message = (
        f"`{code.id}` runs as `{code.mode}` and sees every record, and {join_names(names)} can run it, for example "
        f"through `{call.action.name}` in topic `{call.topic.name}`."
    )
    fix = "Run it with sharing, or have it check whose records it reads, and accept this with an exception."
    scope = context.scope(call.topic, call.action.name) if len(names) == 1 else RuleScope()
    if any(each.customer_facing for each, _ in reached):
        return scope.warning("code/without-sharing", code.location, message, fix)
    unsure = f"{message} Whether customers talk to the agent is not said."
    return scope.notice("code/without-sharing", code.location, unsure, fix)


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
    if extra:
        objects = list(dict.fromkeys(each.name for each in extra))
        levels = ", ".join(f"`{each.level}`" for each in extra if each.name == objects[0])
        rest = f"; the same goes for {join_names(objects[1:])}" if objects[1:] else ""
        message = f"{subject}, and grants {levels} on `{objects[0]}`, which none of them needs{rest}."
        fix = "Remove the grants, or move them to a permission set for the people who need them."
        place = grants.grants[extra[0]]
        if _is_the_agents(grants, agents):
            yield scope.warning("permission/wider-than-actions", place, message, fix)
        else:
            unsure = f"{message} Whether the agent's user has this permission set is not said."
            yield scope.notice("permission/wider-than-actions", place, unsure, fix)


def _is_the_agents(grants: PermissionGrants, agents: Iterable[str]) -> bool:
    """Whether the name of a permission set says that it is an agent's."""
    name = grants.name.casefold().replace("_", "")
    return "agentuser" in name or any(each.casefold().replace("_", "") in name for each in agents)


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
