"""Every link of README and docs leads to a page, a heading or a file that is there, on GitHub and on the site."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.support.pages import DOCS, FENCE, PAGES, anchors, links
from tests.support.places import ROOT
from tests.support.rendered import page_problems

OURS = re.compile(r"https://(?:raw\.githubusercontent|github)\.com/wavegate/wavegate/(?:blob/|tree/)?main/([^#]+)")
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def broken(page: Path, link: str) -> bool:
    """Whether a link leads nowhere."""
    if ours := OURS.match(link):
        return not (ROOT / ours[1]).exists()
    if urlsplit(link).scheme:
        return not is_address(link)
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    on_the_site = page.is_relative_to(DOCS)
    if not target.exists() or (on_the_site and not target.is_relative_to(DOCS)):
        return True
    return bool(anchor) and anchor not in anchors(target)


def is_address(link: str) -> bool:
    """Whether a link to elsewhere has the shape of one: encrypted, a host with a domain, nothing before it."""
    parts = urlsplit(link)
    return parts.scheme == "https" and re.fullmatch(r"[a-z0-9.-]+\.[a-z]{2,}", parts.netloc) is not None


@every_page
def test_it_is_well_formed(page: Path) -> None:
    assert page_problems(page.read_text("utf-8")) == []


@every_page
def test_its_links_lead_somewhere(page: Path) -> None:
    assert [link for link in links(page) if broken(page, link)] == []


@every_page
def test_each_of_its_headings_has_an_anchor_of_its_own(page: Path) -> None:
    if page.name != "CHANGELOG.md":  # it has the same headings for each version
        assert len(anchors(page)) == len(set(anchors(page)))


@every_page
def test_its_lists_are_lists_on_the_site_too(page: Path) -> None:
    # GitHub takes a list right after a paragraph, and Python-Markdown takes it for a part of the paragraph
    text = FENCE.sub("\n", page.read_text("utf-8"))
    found = re.findall(r"(?m)^(?![-*|#>]|\d+\. | |<)\S.*\n(?:- |\d+\. ).*$", text)
    assert found == [] or not page.is_relative_to(DOCS)


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8").split("\nnav:\n")[1]
    pages = {page.relative_to(DOCS).as_posix() for page in PAGES if page.is_relative_to(DOCS)}
    assert set(re.findall(r"[\w/-]+\.md", navigation)) == pages
