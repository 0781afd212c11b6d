"""Apex classes with other names: what is renamed, what stays, and what is a doubt."""

import pytest

from wavegate.pilot.sites.apex import ApexNames, copied_apex

NAMES = ApexNames(
    classes={"Foo": "Foo_Pilot", "FooBar": "FooBar_Pilot"},
    flows={"My_Flow": "My_Flow_Pilot"},
    templates={"Words": "Words_Pilot"},
    namespace="acme",
)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("class Foo {}", "class Foo_Pilot {}"),
        ("class A extends Foo {}", "class A extends Foo_Pilot {}"),
        ("class A implements B, Foo {}", "class A implements B, Foo_Pilot {}"),
        ("class A implements B, Foo, C {}", "class A implements B, Foo_Pilot, C {}"),
        ("public Foo() {}", "public Foo_Pilot() {}"),
        ("Foo foo1 = new Foo();", "Foo_Pilot foo1 = new Foo_Pilot();"),
        ("Foo.run();", "Foo_Pilot.run();"),
        ("Foo.class", "Foo_Pilot.class"),
        ("x = Foo\n  .run();", "x = Foo_Pilot\n  .run();"),
        ("Foo[] many;", "Foo_Pilot[] many;"),
        ("List<Foo> many;", "List<Foo_Pilot> many;"),
        ("Map<Foo, FooBar> m;", "Map<Foo_Pilot, FooBar_Pilot> m;"),
        ("Map<Id, List<Foo>> m;", "Map<Id, List<Foo_Pilot>> m;"),
        ("Map<Id, Foo> m;", "Map<Id, Foo_Pilot> m;"),
        ("x = (Foo) y;", "x = (Foo_Pilot) y;"),
        ("return (Foo) y;", "return (Foo_Pilot) y;"),
        ("x instanceof Foo;", "x instanceof Foo_Pilot;"),
        ("for (Foo each : all) {}", "for (Foo_Pilot each : all) {}"),
        ("catch (Foo e) {}", "catch (Foo_Pilot e) {}"),
        ("acme.Foo.run();", "acme.Foo_Pilot.run();"),
        ("x = [SELECT Id FROM A WHERE B = :Foo.C];", "x = [SELECT Id FROM A WHERE B = :Foo_Pilot.C];"),
        ("x = many[Foo.FIRST];", "x = many[Foo_Pilot.FIRST];"),
        ("FooBar fb; FooBarBaz other; MyFoo m;", "FooBar_Pilot fb; FooBarBaz other; MyFoo m;"),
        ("// Foo\n/* Foo */ x = 'Foo bar';", "// Foo\n/* Foo */ x = 'Foo bar';"),
        ("String s = '''\nFoo\n''' + 'it\\'s Foo';", "String s = '''\nFoo\n''' + 'it\\'s Foo';"),
        ("new Flow.Interview.My_Flow(m);", "new Flow.Interview.My_Flow_Pilot(m);"),
        ("new Flow.Interview.acme.My_Flow(m);", "new Flow.Interview.acme.My_Flow_Pilot(m);"),
        ("Flow.Interview.createInterview('My_Flow', m)", "Flow.Interview.createInterview('My_Flow_Pilot', m)"),
        ("x = 'My_Flow';", "x = 'My_Flow';"),
        ("My_Flow = 1;", "My_Flow = 1;"),
        ("@X(capabilityType='FlexTemplate://Words')", "@X(capabilityType='FlexTemplate://Words_Pilot')"),
        ("@X(capabilityType='FlexTemplate://WordsToo')", "@X(capabilityType='FlexTemplate://WordsToo')"),
        ("\ufeffclass Foo {}\r\n", "\ufeffclass Foo_Pilot {}\r\n"),
        ("String é = 'ü'; Foo f;", "String é = 'ü'; Foo_Pilot f;"),
    ],
)
def test_a_class_is_renamed_where_only_the_type_can_stand(code: str, expected: str) -> None:
    copied = copied_apex(code, NAMES)
    assert copied.text == expected
    assert copied.doubts == ()


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("result.Foo = 1;", "is also the name of a member"),
        ("Outer.Foo x;", "is also the name of a member"),
        ("acme.Outer.Foo x;", "is also the name of a member"),
        ("String foo;", "is also written `foo`"),
        ("FOO.run();", "is also written `FOO`"),
        ("String Foo;", "may also be the name of a variable or method"),
        ("Foo Foo = null;", "may also be the name of a variable or method"),
        ("public void Foo() {}", "may also be the name of a variable or method"),
        ("public Integer Foo { get; set; }", "may also be the name of a variable or method"),
        ("run(a, Foo);", "may also be the name of a variable or method"),
        ("if (Foo) return;", "may also be the name of a variable or method"),
        ("run(Foo) + x;", "may also be the name of a variable or method"),
        ("if (a < Foo && b > 1) {}", "may also be the name of a variable or method"),
        ("x = [SELECT Id FROM Foo WHERE a = 1];", "may also be the name of a variable or method"),
        ("x = [SELECT Id, Foo FROM A];", "may also be the name of a variable or method"),
        ("x = [SELECT Foo.Name FROM A];", "may also be the name of a variable or method"),
        ("x = [SELECT Id FROM A ORDER BY Foo DESC];", "may also be the name of a variable or method"),
        ("x = 'Foo';", "is named in a string"),
        ("Type.forName('foo');", "is named in a string"),
        ("x = 'acme.Foo.Inner';", "is named in a string"),
    ],
)
def test_a_class_is_doubtful_where_its_name_may_mean_something_else(code: str, why: str) -> None:
    (doubt,) = copied_apex(f"\n{code}", NAMES).doubts
    assert (doubt.name, doubt.line, doubt.why) == ("Foo", 2, why)


def test_a_test_may_assert_the_name_of_a_class() -> None:
    assert copied_apex("assertEquals('Foo', x);", NAMES, is_test=True).doubts == ()


@pytest.mark.parametrize("code", ["Map<Id, Foo> m; run(Foo, b);", "Foo, ", "x.Foo ", "(Foo) "])
def test_a_class_of_megabytes_is_read_in_one_pass(code: str) -> None:
    copied_apex(code * 20_000, NAMES)
