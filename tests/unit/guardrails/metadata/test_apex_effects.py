"""What an Apex class does, found by its words and never in comments or strings."""

import pytest

from wavegate.components.component import ComponentId
from wavegate.components.references.known_names import known_names
from wavegate.guardrails.metadata.apex import read_class
from wavegate.guardrails.model import Code, Effect

KNOWN = known_names(
    [ComponentId(type="ApexClass", name="Ledger"), ComponentId(type="Flow", name="Log_It")],
)


def code_of(body: str, head: str = "public with sharing class Fines") -> Code:
    return read_class(f"{head} {{\n{body}\n}}", "Fines", "classes/Fines.cls", KNOWN).code


def changed(code: Code) -> set[tuple[str, str]]:
    return {(effect.value, name) for effect, name in code.objects}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("void f(Fine__c fine) { update fine; }", {("writes", "Fine__c")}),
        ("void f(List<Fine__c> fines) { delete fines; }", {("deletes", "Fine__c")}),
        ("void f(Fine__c[] fines) { upsert fines Key__c; }", {("writes", "Fine__c")}),
        ("Map<Id, Fine__c> m = new Map<Id, Fine__c>(); void f() { update m.values(); }", {("writes", "Fine__c")}),
        ("void f() { insert new Task(Subject = 'x'); }", {("writes", "Task")}),
        ("void f() { insert new List<Task>{ new Task() }; }", {("writes", "Task")}),
        ("void f() { delete [SELECT Id FROM Hold__c]; }", {("deletes", "Hold__c"), ("reads", "Hold__c")}),
        ("void f(Fine__c a, Fine__c b) { merge a b; }", {("writes", "Fine__c"), ("deletes", "Fine__c")}),
        ("Fine__c fine; void f() { Database.update(this.fine, false); }", {("writes", "Fine__c")}),
        ("void f(Fine__c x) { if (true) undelete x; else INSERT x; }", {("writes", "Fine__c")}),
        ("void f(Fine__c x) { for (Integer i = 0; i < 1; i++) update x; }", {("writes", "Fine__c")}),
        ("void f(Note__e event) { EventBus.publish(event); }", {("writes", "Note__e")}),
        ("void f() { for (Loan__c l : [SELECT Id, (SELECT Id FROM A__r) FROM Loan__c]) {} }", {("reads", "Loan__c")}),
        ("void f() { List<List<SObject>> r = [FIND 'x' RETURNING Book__c(Id), Loan__c]; }",
         {("reads", "Book__c"), ("reads", "Loan__c")}),
    ],
)  # fmt: skip
def test_statements_have_effects_on_objects(body: str, expected: set[tuple[str, str]]) -> None:
    code = code_of(body)
    assert changed(code) == expected
    assert {effect.value for effect in code.effects} == {effect for effect, _ in expected}


@pytest.mark.parametrize(
    "body",
    [
        "// insert fine;",
        "/* delete fine; */ void f() {}",
        "String s = 'update fine;';",
        "String s = '''\ninsert fine;\n''';",
        "void f() { x.update(y); }",
        "void f() { List<X> l = [SELECT Id FROM Loan__c FOR UPDATE]; }",
    ],
)
def test_comments_strings_methods_and_queries_are_not_statements(body: str) -> None:
    assert code_of(body).effects <= {Effect.READS}


@pytest.mark.parametrize(
    ("body", "effect"),
    [
        ("void f() { new Http().send(new HttpRequest()); }", Effect.CALLS_OUT),
        ("void f() { r.setEndpoint('callout:Bank/pay'); }", Effect.CALLS_OUT),
        ("void f() { ExternalService.Bank.pay(); }", Effect.CALLS_OUT),
        ("void f() { Messaging.sendEmail(mails); }", Effect.SENDS),
        ("void f() { new Messaging.CustomNotification().send(ids); }", Effect.SENDS),
        ("void f() { Approval.process(request); }", Effect.WRITES),
        ("void f() { ConnectApi.ChatterFeeds.postFeedElement('x', y); }", Effect.WRITES),
        ("void f() { ConnectApi.ChatterFeeds.getFeedElement('x', y); }", Effect.READS),
        ("void f() { System.setPassword(id, 'x'); }", Effect.WRITES),
    ],
)
def test_the_platforms_own_methods_have_effects(body: str, effect: Effect) -> None:
    assert effect in code_of(body).effects


@pytest.mark.parametrize(
    ("body", "dynamic", "unknown"),
    [
        ("void f(String q) { Database.query(q); }", True, False),
        ("void f() { Database.getQueryLocator([SELECT Id FROM Loan__c]); }", False, False),
        ("void f(String q) { Search.query(q); }", True, False),
        ("void f(String n) { Type.forName(n).newInstance(); }", True, True),
        ("void f() { Type.forName('Ledger').newInstance(); }", False, False),
        ("void f(String n) { Flow.Interview.createInterview(n, m); }", True, True),
        ("void f(String n) { Invocable.Action.createCustomAction('flow', n); }", True, True),
    ],
)
def test_what_is_built_at_run_time_is_dynamic_and_unknown_where_it_runs(
    body: str, *, dynamic: bool, unknown: bool
) -> None:
    code = code_of(body)
    assert (code.dynamic, Effect.UNKNOWN in code.effects) == (dynamic, unknown)


@pytest.mark.parametrize(
    ("body", "call"),
    [
        ("void f() { Ledger.book(); }", "apex://Ledger"),
        ("void f() { Type.forName('Ledger'); }", "apex://Ledger"),
        ("void f() { new Flow.Interview.Log_It(m).start(); }", "flow://Log_It"),
        ("void f() { Flow.Interview.Elsewhere f = null; }", "flow://Elsewhere"),
        ("void f() { Flow.Interview.createInterview('Log_It', m); }", "flow://Log_It"),
        (
            "void f() { Invocable.Action.createStandardAction('emailSimple'); }",
            "standardInvocableAction://emailSimple",
        ),
        ("void f() { Invocable.Action.createCustomAction('apex', 'Ledger'); }", "apex://Ledger"),
    ],
)
def test_calls_are_addresses(body: str, call: str) -> None:
    assert code_of(body).calls == {call}


@pytest.mark.parametrize(
    ("head", "body", "mode"),
    [
        ("public with sharing class Fines", "", "with sharing"),
        ("public inherited sharing class Fines", "", "inherited sharing"),
        ("global without sharing virtual class Fines", "", "without sharing"),
        ("public class Fines", "", ""),
        ("public with sharing class Fines", "private without sharing class Inner {}", "without sharing"),
        ("public with sharing class Fines", "class Inner {}", "with sharing"),
        ("/* without sharing class X */ public with sharing class Fines", "", "with sharing"),
    ],
)
def test_the_mode_is_the_sharing_and_a_class_inside_can_only_weaken_it(head: str, body: str, mode: str) -> None:
    assert code_of(body, head).mode == mode


@pytest.mark.parametrize(
    "body",
    [
        "void f(Fine__c x) { insert as system x; }",
        "void f() { Database.insert(x, AccessLevel.SYSTEM_MODE); }",
        "void f() { x = [SELECT Id FROM Loan__c WITH SYSTEM_MODE]; }",
    ],
)
def test_system_mode_by_its_own_words(body: str) -> None:
    assert code_of(body).system_mode
    assert not code_of("void f(Fine__c x) { insert as user x; }").system_mode


def test_the_place_is_that_of_the_class() -> None:
    code = read_class("// a comment\npublic class Fines {}", "Fines", "p", KNOWN).code
    assert (code.location.line, code.location.column) == (2, 8)


@pytest.mark.parametrize(
    "text", ["", "'", "/*", "[SELECT", "insert", "class", "((((" * 50_000, "[" * 50_000, "List<" * 50_000]
)
def test_broken_or_huge_text_is_read_to_its_end(text: str) -> None:
    assert read_class(text, "Fines", "p", KNOWN).code.id == "apex://Fines"
