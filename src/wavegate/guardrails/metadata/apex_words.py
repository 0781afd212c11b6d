"""Words of Apex that have effects: statements, and methods of the platform's own classes.

All are in lower case. Source: Salesforce's Apex Developer Guide and Apex Reference.
"""

from collections.abc import Mapping

from wavegate.guardrails.model import Effect

DML: Mapping[str, tuple[Effect, ...]] = {
    "insert": (Effect.WRITES,),
    "update": (Effect.WRITES,),
    "upsert": (Effect.WRITES,),
    "undelete": (Effect.WRITES,),
    "delete": (Effect.DELETES,),
    "merge": (Effect.WRITES, Effect.DELETES),
}
DATABASE: Mapping[str, tuple[Effect, ...]] = {
    **DML,
    **{f"{word}{when}": effects for word, effects in DML.items() for when in ("async", "immediate")},
    "convertlead": (Effect.WRITES,),
    "emptyrecyclebin": (Effect.DELETES,),
}
QUERIES = frozenset({
    "query", "countquery", "getquerylocator", "querywithbinds", "countquerywithbinds", "getquerylocatorwithbinds",
})  # fmt: skip
METHODS: Mapping[str, Mapping[str, Effect]] = {
    "eventbus": {"publish": Effect.WRITES},
    "approval": dict.fromkeys(("process", "lock", "unlock"), Effect.WRITES),
    "messaging": dict.fromkeys(
        ("sendemail", "sendemailmessage", "customnotification", "pushnotification"), Effect.SENDS
    ),
    "system": dict.fromkeys(("setpassword", "resetpassword"), Effect.WRITES),
    "site": dict.fromkeys(
        ("createexternaluser", "createportaluser", "createpersonaccountportaluser", "forgotpassword"), Effect.WRITES
    ),
    "webservicecallout": {"invoke": Effect.CALLS_OUT},
}
"""Effects of the platform's own methods, by class and method."""
CALLOUTS = frozenset({"httprequest", "continuation", "externalservice"})
NO_OBJECT = frozenset(
    {"sobject", "object", "string", "id", "integer", "long", "boolean", "decimal", "date", "datetime"}
)
"""Types that do not say which object a record is of."""
READING = ("get", "search", "query", "list", "find", "describe", "generate", "is", "has")
