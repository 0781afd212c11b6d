"""Prompt templates: the version that counts, its sentences, its model and where its data come from."""

from tests.support.rails import rails_of
from tests.support.sources import xml

from wavegate.guardrails.model import Force, Prompt

PATH = "genAiPromptTemplates/Answer.genAiPromptTemplate-meta.xml"


def version(identifier: str, content: str, status: str = "Published", more: str = "") -> str:
    return (
        f"<templateVersions><content>{content}</content><primaryModel>sfdc_ai__Strong</primaryModel>{more}"
        f"<status>{status}</status><versionIdentifier>{identifier}</versionIdentifier></templateVersions>"
    )


def prompt_of(body: str) -> Prompt:
    return rails_of({PATH: xml("GenAiPromptTemplate", body)}).prompts["Answer"]


def settings(prompt: Prompt) -> dict[str, str]:
    return {each.name: each.value for each in prompt.settings}


def test_the_active_version_counts_before_a_newer_one() -> None:
    both = version("a=_1", "Never promise a date.") + version("a=_2", "Promise a date.")
    prompt = prompt_of(f"<activeVersionIdentifier>a=_1</activeVersionIdentifier>{both}")
    assert [(each.text, each.force) for each in prompt.sentences] == [("Never promise a date.", Force.PROHIBITION)]
    assert settings(prompt)["primaryModel"] == "sfdc_ai__Strong"


def test_without_an_active_version_the_last_published_one_counts() -> None:
    versions = version("1", "One.") + version("2", "Two.") + version("3", "Three.", status="Draft")
    assert [each.text for each in prompt_of(versions).sentences] == ["Two."]


def test_a_version_that_was_never_published_says_so() -> None:
    prompt = prompt_of(version("1", "One.", status="Draft"))
    assert [each.text for each in prompt.sentences] == ["One."]
    assert settings(prompt)["status"] == "Draft"


def test_data_providers_inputs_and_calls_in_the_text_are_settings() -> None:
    more = (
        "<templateDataProviders><definition>apex://Fines.load</definition><referenceName>Apex:Fines.load</referenceName>"
        "<parameters><parameterName>card</parameterName><valueExpression>{!$Input:card}</valueExpression></parameters>"
        "</templateDataProviders><inputs><apiName>card</apiName><definition>primitive://String</definition>"
        "<required>true</required></inputs>"
    )
    prompt = prompt_of(version("1", "Use {!$Flow:Loans}.", more=more) + "<visibility>Global</visibility>")
    found = settings(prompt)
    assert found["data.Apex:Fines.load"] == "apex://Fines.load"
    assert found["data.Apex:Fines.load.card"] == "{!$Input:card}"
    assert found["data.Flow:Loans"] == "flow://Loans"
    assert found["input.card"] == "primitive://String required"
    assert found["visibility"] == "Global"


def test_an_identifier_alone_changes_nothing() -> None:
    one, other = (
        prompt_of(f"<activeVersionIdentifier>{name}</activeVersionIdentifier>{version(name, 'One.')}")
        for name in ("1", "2")
    )
    assert (one.sentences, settings(one)) == (other.sentences, settings(other))
