"""What a person reads of an adoption, whatever the org's files hold."""

from wavegate.adoption.report import adoption_markdown, agent_lines, comparison_lines, headline, names_of
from wavegate.adoption.values import CommitComparison, Difference, DifferenceKind

HOSTILE = "::error::x\n##[group]<script>@acme | `a`"


def comparison(*differences: Difference) -> CommitComparison:
    return CommitComparison(commit="a" * 40, release="wave-3", content="b" * 64, differences=differences)


def changed(name: str, *lines: str, of_form: bool = False) -> Difference:
    return Difference(component=name, kind=DifferenceKind.CHANGED, lines=lines, of_form=of_form)


def test_the_headline_says_what_runs_or_what_is_nearest() -> None:
    assert headline(comparison(), "production") == "production runs wave-3 at aaaaaaaaaaaa."
    assert headline(comparison(changed("Flow:A", of_form=True)), "production").startswith("production runs")
    assert headline(comparison(changed("Flow:A")), "production").endswith("aaaaaaaaaaaa: 1 component differs.")
    two = comparison(changed("Flow:A"), changed("Flow:B"))
    assert headline(two, "production").endswith("2 components differ.")


def test_every_kind_of_difference_has_words_and_many_are_counted() -> None:
    kinds = [Difference(component="Flow:A", kind=kind, lines=("- a", "+ b")) for kind in DifferenceKind]
    lines = list(comparison_lines(comparison(*kinds)))
    assert len({line for line in lines if line.startswith("Flow:A")}) == len(DifferenceKind)
    many = comparison(*(changed(f"Flow:F{number}") for number in range(30)))
    assert list(comparison_lines(many))[-1] == "… and 10 more components"
    assert list(comparison_lines(comparison(changed("Flow:A", of_form=True)))) == [
        "Only the form differs, in elements that are empty or `false`: Flow:A"
    ]
    assert names_of((changed("A"), changed("A"), changed("B"))) == ("A", "B")


def test_untrusted_text_stays_text() -> None:
    found = comparison(changed(HOSTILE, HOSTILE, "```"))
    text = adoption_markdown(found, HOSTILE, {HOSTILE: 1}, outcome=HOSTILE, reason=HOSTILE)
    assert "<script>" not in text.partition("````")[0]
    assert "@acme |" not in text.partition("````")[0]
    for line in (*comparison_lines(found), *agent_lines({HOSTILE: None})):
        assert "\n" not in line
        assert not line.startswith("::")
        assert "##[" not in line
