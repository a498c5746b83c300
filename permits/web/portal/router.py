"""The applicants' pages as one router under /apply."""

from litestar import Router

from permits.web.portal import check, corrections, documents, letters, live, mine, overview, permit, sections, start


def portal_router() -> Router:
    """All pages of the portal."""
    handlers = [
        mine.my_cases,
        mine.discard,
        mine.restore,
        start.start_page,
        start.begin,
        live.live_credit_code,
        live.live_passport,
        overview.overview,
        documents.open_document,
        documents.save_document,
        documents.download,
        documents.preview,
        check.check_page,
        check.submit,
        check.receipt,
        check.answers,
        corrections.correct_page,
        corrections.correct,
        corrections.withdraw_page,
        corrections.withdraw,
        letters.download_letter,
        letters.download_of_permit,
        permit.own_permit,
        sections.open_section,
        sections.save_section,
    ]
    return Router("/apply", route_handlers=handlers)
