"""The front-end files: locked without addresses, prepared without what belongs to one government, fetched once."""

import json
import re

import pytest

from permits.web import assets
from permits.web.templates import STATIC, static_url

CSS = (
    '@charset "UTF-8";.a{color:red}\n/*! Copyright (c) 2011. The font has been customised. */'
    "@font-face{font-family:GDS Transport;src:url(/x.woff2)}.b{font-family:GDS Transport,arial,sans-serif}"
    "@media print{.c{color:blue}.govuk-footer__crest{background-image:url(/assets/govuk-crest.svg)}}"
    ".govuk-footer__copyright-logo{background:url(/assets/images/govuk-crest.svg)}.d{margin:0}"
)


def test_the_prepared_css_keeps_the_rules_and_loses_font_notice_and_arms() -> None:
    css = assets.prepared_css(CSS)
    assert css.startswith('@charset "UTF-8";.a{color:red}')
    assert ".b{font-family:inherit}@media print{.c{color:blue}}.d{margin:0}" in css


def test_a_font_that_hides_elsewhere_stops_the_set_up() -> None:
    with pytest.raises(assets.AssetsError, match="GDS"):
        assets.prepared_css(".x{font-family:GDS Other}")


def test_the_served_css_holds_neither_that_font_nor_an_address_nor_the_crest() -> None:
    assets.bring_up_to_date()
    css = (assets.VENDOR / "govuk-frontend.min.css").read_text("utf-8")
    assert [word for word in assets.FORBIDDEN if word in css] == []
    assert len(css) > 100_000


@pytest.mark.parametrize("name", ["tokens.css", "shared.css", "public.css", "staff.css", "paper.css"])
def test_our_own_css_loads_nothing(name: str) -> None:
    css = (STATIC / name).read_text("utf-8")
    assert "url(" not in css
    assert "@import" not in css


@pytest.mark.parametrize("name", ["shared.css", "public.css", "staff.css"])
def test_colours_are_named_by_what_they_are_for(name: str) -> None:
    rules = (STATIC / name).read_text("utf-8").split("@media print")[0]
    assert re.findall(r"var\(--(?:tile|lake|ginkgo|cinnabar|amber|bamboo|wall|white)", rules) == []


def test_a_second_set_up_writes_nothing() -> None:
    def written() -> dict[str, int]:
        return {file.name: file.stat().st_mtime_ns for file in (assets.VENDOR, *assets.VENDOR.iterdir())}

    assets.bring_up_to_date()
    before = written()
    assert assets.bring_up_to_date() is False
    assert written() == before


def test_the_lock_names_versions_and_digests_but_no_address() -> None:
    lock = (assets.ROOT / "package-lock.json").read_text("utf-8")
    assert "http" not in lock
    packages = {name: entry for name, entry in json.loads(lock)["packages"].items() if name}
    assert packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())


def test_the_address_of_a_file_changes_with_its_content() -> None:
    name, digest = static_url("tokens.css").split("?v=")
    assert name == "/static/tokens.css"
    assert re.fullmatch("[0-9a-f]{12}", digest)
