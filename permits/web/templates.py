"""The pages' templates: one environment a language, with the words, formats and addresses every template may use.

Rendering is synchronous and knows no request; what a page shows comes in as arguments.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined

from permits.web import i18n
from permits.web.i18n import TAGS, Lang, Translator, translator

WEB = Path(__file__).parent
STATIC = WEB / "static"

AREAS = ("public", "portal", "window", "review", "office", "agencies", "inspect", "admin")
"""Each area keeps its own templates: portal/front.html stands in portal/templates/front.html."""

GOVUK = "govuk_frontend_jinja"
GOVUK_MACROS = {
    "govukButton": "button",
    "govukCheckboxes": "checkboxes",
    "govukDateInput": "date-input",
    "govukErrorSummary": "error-summary",
    "govukFileUpload": "file-upload",
    "govukInput": "input",
    "govukRadios": "radios",
    "govukSelect": "select",
    "govukTextarea": "textarea",
}
"""Macros of govuk-frontend-jinja that our field helpers stand on."""


def loader() -> PrefixLoader:
    """Where templates come from: ow/… is shared by all areas."""
    folders = {area: FileSystemLoader(WEB / area / "templates") for area in AREAS}
    return PrefixLoader({"ow": FileSystemLoader(WEB / "components"), **folders})


@lru_cache(1)
def govuk_macros() -> dict[str, Any]:
    """The macros as callables. They live in an environment of their own, since they read keys that may be missing."""
    prefixed = PrefixLoader({GOVUK: PackageLoader(GOVUK)})
    environment = Environment(
        loader=prefixed,
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return {
        name: getattr(environment.get_template(f"{GOVUK}/components/{folder}/macro.html").module, name)
        for name, folder in GOVUK_MACROS.items()
    }


@lru_cache(maxsize=256)
def static_url(name: str) -> str:
    """The address of a file of ours with a digest, so that it may be kept for ever; FileNotFoundError when missing."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def add_words(environment: Environment, tr: Translator) -> None:
    """Teach an environment its language: sentences by _() and {% trans %}, values by filters."""
    environment.install_gettext_callables(tr.gettext, tr.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(lang=tr.lang, html_lang=TAGS[tr.lang], t=tr.text, static=static_url, **govuk_macros())
    environment.filters.update(
        t=tr.text, day=tr.day, short_day=tr.short_day, long_day=tr.long_day, moment=tr.moment,
        long_moment=tr.long_moment, yuan=tr.yuan, iso_day=i18n.iso_day, month_day=i18n.month_day,
        clock_time=i18n.clock_time, number=i18n.number,
    )  # fmt: skip


@lru_cache(maxsize=2)
def environment(lang: Lang) -> Environment:
    """The environment of a language. A name that a page was not given is an error, never an empty place."""
    made = Environment(
        loader=loader(),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.policies["ext.i18n.trimmed"] = True
    add_words(made, translator(lang))
    return made


def render(name: str, lang: Lang, **context: Any) -> str:
    """A template as HTML in a language."""
    return environment(lang).get_template(name).render(**context)
