"""Names of copies."""

import pytest
from tests.support.pilot_projects import MAIN, apex, component, copied, flow, pilot_world, xml

from wavegate.pilot.names import copy_name, local_copy_name


def test_a_name_that_is_too_long_is_cut_and_stays_unique() -> None:
    long = ["A" * 39 + "B", "A" * 39 + "C"]
    names = [copy_name(each, limit=40) for each in long]
    assert [len(each) for each in names] == [40, 40]
    assert all(each.endswith("_Pilot") for each in names)
    assert len(set(names)) == 2
    assert copy_name("A" * 34, limit=40) == "A" * 34 + "_Pilot"


def test_a_cut_name_has_no_double_underscore() -> None:
    assert "__" not in copy_name("A" * 28 + "_" + "B" * 11, limit=40)


@pytest.mark.parametrize("id_", ["16jKj0000004CqX", "179Kj0000004CqYIAU"])
def test_a_local_name_keeps_all_but_the_id(id_: str) -> None:
    new = local_copy_name(f"My_Topic_{id_}")
    assert new != f"My_Topic_{id_}"
    assert new.startswith("My_Topic_" + id_[:11])
    assert len(new) == len(f"My_Topic_{id_}")
    assert local_copy_name(f"Another_{id_}").endswith(new.removeprefix("My_Topic"))


def test_a_local_name_without_an_id_gets_the_suffix() -> None:
    assert local_copy_name("Topic") == "Topic_Pilot"


def test_an_id_of_18_characters_has_its_check_characters() -> None:
    # 001A0000006Vm9r is 001A0000006Vm9rIAC: the last three say which characters are upper case
    new = local_copy_name("Topic_16jA0000006Vm9rIAC").rpartition("_")[2]
    upper = [sum(char.isupper() << at for at, char in enumerate(new[start : start + 5])) for start in (0, 5, 10)]
    assert new[15:] == "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[each] for each in upper)


def test_a_name_that_the_project_has_is_not_taken() -> None:
    world = pilot_world("script", flow("book_berth_pilot", ""))
    new = world.copy("Flow:Book_Berth").names[component("Flow:Book_Berth")].name
    assert new.casefold() != "book_berth_pilot"
    assert new.startswith("Book_Berth_")
    assert new.endswith("_Pilot")


def test_a_name_that_a_copied_file_says_already_is_not_taken() -> None:
    text = "public class TideTable {\n    // see TideTable_Pilot\n}\n"
    world = pilot_world("script", apex("TideTable", text))
    copy = world.copy("ApexClass:TideTable")
    assert copy.not_separable == ()
    assert copy.names[component("ApexClass:TideTable")].name not in ("TideTable", "TideTable_Pilot")


def test_names_that_begin_alike_do_not_meet() -> None:
    more = {
        **apex("TideTab", "public class TideTab { TideTable t; TideTableToo u; }\n"),
        **apex("TideTableToo", "public class TideTableToo {}\n"),
        f"{MAIN}/genAiPromptTemplates/Harbor_Notes.genAiPromptTemplate-meta.xml": xml(
            "GenAiPromptTemplate",
            "    <developerName>Harbor_Notes</developerName>\n    <templateVersions>\n"
            "        <content>{!$Apex:TideTab.Prompt} {!$Apex:TideTable.Prompt}</content>\n    </templateVersions>",
        ),
    }
    world = pilot_world("script", more)
    copy = world.copy("ApexClass:TideTable")
    assert copy.not_separable == ()
    assert {"ApexClass:TideTab", "ApexClass:TideTable"} <= copied(copy)
    code = copy.files[f"{MAIN}/classes/TideTab_Pilot.cls"].decode()
    assert code == "public class TideTab_Pilot { TideTable_Pilot t; TideTableToo u; }\n"
