"""The runbook in its file: what people wrote stays, and a stale one is found at its first line."""

from wavegate.runbook.section import stale_findings, with_runbook

PAGE = "# On call\n\n| escalations | @acme/tier2 |\n| stopping it | @acme/sre |\n"


def found(text: str, page: str = PAGE) -> list[tuple[str, int]]:
    return [(each.rule, each.location.line) for each in stale_findings(text, page, path="agentforce/RUNBOOK.md")]


def test_a_new_file_is_the_section_alone() -> None:
    text = with_runbook("", PAGE)
    assert text.startswith("<!-- wavegate:runbook ")
    assert PAGE in text
    assert with_runbook(text, PAGE) == text


def test_what_people_wrote_around_it_stays_byte_for_byte() -> None:
    text = "Read this first.\n\n" + with_runbook("", "old") + "\nAnd this, too.\n"
    now = with_runbook(text, PAGE)
    assert now.startswith("Read this first.\n\n<!-- wavegate:runbook ")
    assert now.endswith("\nAnd this, too.\n")
    assert PAGE in now
    assert "old" not in now


def test_an_up_to_date_runbook_has_no_finding_whatever_is_around_it() -> None:
    assert found(f"Mine.\n\n{with_runbook('', PAGE)}\nMine.\n") == []


def test_a_stale_one_is_found_at_its_first_line_that_differs() -> None:
    text = with_runbook("Mine.\n", PAGE)
    assert found(text, PAGE.replace("tier2", "tier9")) == [("runbook/stale", 6)]
    assert found(text, PAGE + "| more | @acme/more |\n") == [("runbook/stale", 8)]


def test_an_edit_within_the_section_is_found_even_if_its_digest_was_kept() -> None:
    text = with_runbook("", PAGE).replace("@acme/sre", "@acme/nobody")
    assert found(text) == [("runbook/stale", 5)]


def test_a_file_without_the_section_is_peoples_own() -> None:
    assert found("# Our own runbook\n") == []
