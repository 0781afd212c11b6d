"""What is read of an Apex class, and which tests ship and run with it."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.sources import apex, component_id, contents_of, names, scope_of_files

from wavegate.components import apex_tests
from wavegate.components.apex import read_apex, without_comments
from wavegate.components.component import ApexRole, ComponentId
from wavegate.components.known_names import known_names

KNOWN = known_names((component_id("ApexClass:Service"), component_id("ApexClass:Other")), "acme")


@pytest.mark.parametrize(
    ("code", "mentioned"),
    [
        ("Service s = new Service();", ["Service"]),
        ("SERVICE.run(other.x);", ["Service", "Other"]),
        ("List<Service> all;", ["Service"]),
        ("Service.Inner i = (other) x;", ["Service", "Other"]),
        ("acme.Service.run();", ["Service"]),
        ("acme . Service.run();", ["Service"]),
        ("zeta.Service.run();", []),
        ("record.Service = x?.Other;", []),
        ("MyService s; ServiceFactory f; Service2 g; x_Service h;", []),
        ("// Service\n/* Other\nService */ String s = 'Service';", []),
        ("String s = 'it\\'s Service'; Other o;", ["Other"]),
        ("String s = 'a\\\\'; Other o;", ["Other"]),
        ("String s = '// no comment'; Other o;", ["Other"]),
        ("String s = '/* no comment'; Other o; // */", ["Other"]),
        ("// it's one line\nOther o;", ["Other"]),
        ("/* it's */ Other o;", ["Other"]),
        ("String s = '''Service's\nother'''; Other o;", ["Other"]),
        ("class Service { } Service s;", []),
        ("Type t = Type.forName('Service');", ["Service"]),
        ("type.forname( 'acme', 'other' );", ["Other"]),
        ("System.Type.forName('acme.Service.Inner');", ["Service"]),
        ("Type.forName('zeta.Service');", []),
        ("Type.forName(name + 'Service2'); log('Service');", []),
        ("Type.forName(name); run('Service');", []),
        ("Self s;", []),
    ],
)
def test_the_classes_that_a_class_names(code: str, mentioned: list[str]) -> None:
    found = read_apex(f"public class Self {{ {code} }}", "Self", KNOWN)
    assert [each.name for each in found.mentions if each.type == "ApexClass"] == mentioned


@pytest.mark.parametrize(
    ("code", "mentioned"),
    [
        ("request.setEndpoint('callout:Shipment_API/v1');", ["NamedCredential:Shipment_API"]),
        ("request.setEndpoint('callout:acme__Cred/v1?x=1');", ["NamedCredential:acme__Cred"]),
        ("// 'callout:Old'\nString s = 'callout:{!x}';", []),
        (
            "@InvocableMethod(CapabilityType='FlexTemplate://Renewal') void a() {}",
            ["GenAiPromptTemplate:Renewal"],
        ),
        ("@InvocableMethod(capabilityType='PromptTemplateType://einstein_gpt__x') void a() {}", []),
    ],
)
def test_the_addresses_in_the_strings_of_a_class(code: str, mentioned: list[str]) -> None:
    found = read_apex(f"public class Self {{ {code} }}", "Self", KNOWN)
    assert [f"{each.type}:{each.name}" for each in found.mentions] == mentioned


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("@IsTest private class T {}", ApexRole.TEST),
        ("/** class */ @isTest(SeeAllData=false)\nprivate class T {}", ApexRole.TEST),
        ("// @IsTest\npublic class T {}", ApexRole.PLAIN),
        ("public class T { @TestVisible private Integer x; String s = '@IsTest'; }", ApexRole.PLAIN),
        ("public class T { @IsTest class Inner {} }", ApexRole.PLAIN),
        ("public class T { @InvocableMethod public static void run() {} }", ApexRole.ENTRY),
        ("global class T {}", ApexRole.ENTRY),
        ("public class T implements Queueable {}", ApexRole.ENTRY),
        ("public class T extends Base {}", ApexRole.ENTRY),
        ("public class T implements HttpCalloutMock {}", ApexRole.PLAIN),
        ("public interface T {}", ApexRole.TYPE),
        ("public enum T { A }", ApexRole.TYPE),
        ("", ApexRole.PLAIN),
    ],
)
def test_the_role_of_a_class(code: str, role: ApexRole) -> None:
    assert read_apex(code, "T", KNOWN).role is role


def test_a_mention_is_located_where_it_is_first_written() -> None:
    code = "public class A {\n  // Service\n  void run() {\n    é = 'Service'; Service.x(); Service.y();\n  }\n}\n"
    contents = contents_of(apex(A=code, Service="public class Service {}"), "ApexClass:A")
    (reference,) = contents.references
    assert (reference.location.line, reference.location.column) == (4, 20)


def test_comments_become_spaces_so_that_every_offset_stays() -> None:
    text = "a /* b\nc */ 'd // e' // f\ng"
    assert without_comments(text) == "a " + " " * 9 + " 'd // e' " + " " * 4 + "\ng"


@given(st.text(alphabet="aS'/*\\\n. {}()@", max_size=200))
def test_damaged_code_never_raises_and_keeps_its_length(text: str) -> None:
    assert len(without_comments(text)) == len(text)
    read_apex(text, "A", KNOWN)


@pytest.mark.parametrize("text", ["'" * 300_000, "/*" * 150_000, "a." * 150_000, "Type.forName(" * 30_000])
def test_hostile_code_is_read_in_linear_time(text: str) -> None:
    assert read_apex(text, "A", KNOWN).mentions == ()


FACADE = "@InvocableMethod public static void run() { Service.go(); }"
TESTS: Mapping[str, tuple[dict[str, str], set[str], set[str]]] = {
    # the other classes of the project; what ships with Facade and Service; what it uses outside
    "a class uses classes of classes": (
        {"Service": "Deep d;", "Deep": "Base b;", "Base": ""},
        {"Deep", "Base"},
        set(),
    ),
    "two classes use each other": ({"Service": "Facade f; Deep d;", "Deep": "Service s;"}, {"Deep"}, set()),
    "a test of a shipped class": ({"FacadeTest": "@IsTest class T { Facade f; }"}, {"FacadeTest"}, set()),
    "a test of a class that another class uses": (
        {"ServiceTest": "@IsTest class T { Service f; }"},
        {"ServiceTest"},
        set(),
    ),
    "a test of another class": ({"Far": "", "FarTest": "@IsTest class T { Far f; }"}, set(), set()),
    "a data factory for tests": (
        {"FacadeTest": "@IsTest class T { Facade f; Data d; }", "Data": "@IsTest class D { More m; }", "More": ""},
        {"FacadeTest", "Data", "More"},
        set(),
    ),
    "a factory that only tests use": (
        {"FacadeTest": "@IsTest class T { Facade f; Data d; }", "Data": "", "FarTest": "@IsTest class T { Data d; }"},
        {"FacadeTest", "Data"},
        set(),
    ),
    "a test that also tests something else": (
        {"FacadeTest": "@IsTest class T { Facade f; Far g; }", "Far": "", "User": "Far f;"},
        {"FacadeTest"},
        {"FacadeTest > Far"},
    ),
    "a class that the platform calls": (
        {"FacadeTest": "@IsTest class T { Facade f; Far g; }", "Far": "@AuraEnabled static void x() {}"},
        {"FacadeTest"},
        {"FacadeTest > Far"},
    ),
    "the test of another feature, where the release has its own": (
        {
            "OwnTest": "@IsTest class T { Facade f; Service s; }",
            "FarTest": "@IsTest class T { Far f; Service s; }",
            "Far": "@AuraEnabled static void x() {}",
        },
        {"OwnTest"},
        set(),
    ),
    "an assertion about a callout": (
        {"FacadeTest": "@IsTest class T { Facade f; String s = 'callout:Nowhere'; }"},
        {"FacadeTest"},
        set(),
    ),
}


@pytest.mark.parametrize("case", TESTS)
def test_the_classes_that_ship_with_an_action(case: str) -> None:
    others, shipped, outside = TESTS[case]
    scope = scope_of_files(apex(**{"Facade": FACADE, "Service": "", **others}), "ApexClass:Facade")
    assert names(scope.components) == {f"ApexClass:{name}" for name in {"Facade", "Service", *shipped}}
    assert {f"{each.source.name} > {each.target.name}" for each in scope.outside} == outside
    assert scope.findings == ()


CLASSES = {
    "Facade": FACADE,
    "Service": "Shape s;",
    "Shape": "public interface Shape { /* class */ }",
    "FacadeTest": "@IsTest class FacadeTest { Facade f; Data d; }",
    "Data": "@IsTest class Data {}",
}


@pytest.mark.parametrize(
    ("sent", "others", "run", "uncovered"),
    [
        (["Facade"], {}, ("FacadeTest",), []),
        (["Service"], {}, ("FacadeTest",), ["Service"]),
        (["Service"], {"ServiceTest": "@IsTest class T { Service s; }"}, ("ServiceTest",), []),
        (["Facade", "Service"], {"ServiceTest": "@IsTest class T { Service s; }"}, ("FacadeTest", "ServiceTest"), []),
        (["Shape"], {}, (), []),
        (["FacadeTest"], {}, ("FacadeTest",), []),
        (["Data"], {}, ("Data",), []),
        ([], {}, (), []),
    ],
)
def test_the_tests_that_run_for_what_is_sent(
    sent: list[str], others: dict[str, str], run: tuple[str, ...], uncovered: list[str]
) -> None:
    scope = scope_of_files(apex(**CLASSES, **others), "ApexClass:Facade")
    selection = apex_tests.tests_for(scope, [ComponentId(type="ApexClass", name=name) for name in sent])
    assert (selection.tests, [each.name for each in selection.uncovered]) == (run, uncovered)


def test_a_class_that_no_test_names_is_a_warning_when_it_is_sent() -> None:
    scope = scope_of_files(apex(**CLASSES), "ApexClass:Facade")
    (finding,) = apex_tests.untested_classes(scope, [each.id for each in scope.components])
    assert (finding.rule, finding.location.file, "`Service`" in finding.message) == (
        "apex/untested",
        "force-app/classes/Service.cls",
        True,
    )
    assert list(apex_tests.untested_classes(scope, [component_id("ApexClass:Facade")])) == []
