"""What permission sets, groups, muting sets and profiles grant, with the place of each grant."""

from tests.support.rails import rails_of
from tests.support.sources import xml

from wavegate.guardrails.model import Grant

PATH = "permissionsets/Desk.permissionset-meta.xml"
OBJECT = (
    "<objectPermissions><allowCreate>false</allowCreate><allowDelete>true</allowDelete><allowEdit>false</allowEdit>"
    "<allowRead>true</allowRead><modifyAllRecords>false</modifyAllRecords><object>Fine__c</object>"
    "<viewAllRecords>true</viewAllRecords></objectPermissions>"
)


def granted(body: str, path: str = PATH, type_: str = "PermissionSet", key: str = "Desk") -> set[Grant]:
    return set(rails_of({path: xml(type_, body)}).permissions[key].grants)


def test_only_what_is_allowed_is_granted() -> None:
    assert granted(OBJECT) == {
        Grant(kind="object", name="Fine__c", level="delete"),
        Grant(kind="object", name="Fine__c", level="read"),
        Grant(kind="object", name="Fine__c", level="view all"),
    }


def test_a_switched_off_access_is_not_granted() -> None:
    body = "".join(
        f"<agentAccesses><agentName>{name}</agentName><enabled>{on}</enabled></agentAccesses>"
        for name, on in (("Desk", "true"), ("Clinic", "false"))
    )
    assert granted(body) == {Grant(kind="agent", name="Desk", level="granted")}


def test_each_kind_of_access_is_a_grant() -> None:
    body = (
        "<classAccesses><apexClass>Fines</apexClass><enabled>true</enabled></classAccesses>"
        "<flowAccesses><flow>Waive</flow><enabled>true</enabled></flowAccesses>"
        "<userPermissions><name>ViewAllData</name><enabled>true</enabled></userPermissions>"
        "<fieldPermissions><field>Fine__c.Paid__c</field><readable>true</readable><editable>true</editable>"
        "</fieldPermissions><externalCredentialPrincipalAccesses><enabled>true</enabled>"
        "<externalCredentialPrincipal>Bank-User</externalCredentialPrincipal></externalCredentialPrincipalAccesses>"
    )
    assert {(each.kind, each.name, each.level) for each in granted(body)} == {
        ("class", "Fines", "granted"),
        ("flow", "Waive", "granted"),
        ("user", "ViewAllData", "granted"),
        ("field", "Fine__c.Paid__c", "read"),
        ("field", "Fine__c.Paid__c", "edit"),
        ("credential", "Bank-User", "granted"),
    }


def test_a_muting_set_says_that_its_grants_are_taken_away() -> None:
    rails = rails_of(
        {
            PATH: xml("PermissionSet", OBJECT),
            "mutingpermissionsets/Less.mutingpermissionset-meta.xml": xml("MutingPermissionSet", OBJECT),
            "permissionsetgroups/All.permissionsetgroup-meta.xml": xml(
                "PermissionSetGroup",
                "<permissionSets>Desk</permissionSets><mutingPermissionSets>Less</mutingPermissionSets>",
            ),
        }
    )
    assert rails.permissions["MutingPermissionSet:Less"].muting
    assert not rails.permissions["Desk"].muting
    assert {(each.kind, each.name) for each in rails.permissions["PermissionSetGroup:All"].grants} == {
        ("permission set", "Desk"),
        ("muting permission set", "Less"),
    }


def test_a_profile_of_the_same_name_is_kept_apart() -> None:
    files = {
        PATH: xml("PermissionSet", OBJECT),
        "profiles/Desk.profile-meta.xml": xml(
            "Profile", "<userPermissions><enabled>true</enabled><name>Api</name></userPermissions>"
        ),
    }
    assert set(rails_of(files).permissions) == {"Desk", "Profile:Desk"}


def test_a_grant_has_the_place_of_its_element() -> None:
    grants = rails_of({PATH: xml("PermissionSet", f"\n{OBJECT}")}).permissions["Desk"].grants
    assert {(each.file, each.line) for each in grants.values()} == {(f"force-app/{PATH}", 2)}
