# SPDX-License-Identifier: Apache-2.0
"""Makes pages: templates, the reader they are for, and what stands on each of them."""

import asyncio
from typing import Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from giamsat_collector.console.language import Language
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import LIVE, Session
from giamsat_collector.console.theme import Theme
from giamsat_collector.console.ticket import set_cookie
from giamsat_collector.console.views.frame import Frame

LANGUAGE_COOKIE: Final = "__Host-gs-lang"
YEAR_S: Final = 365 * 24 * 3600


class Pages:
    """Renders a template for whoever asked."""

    def __init__(self, services: Services, theme: Theme) -> None:
        self._services = services
        self._languages, self._templates = theme.languages, theme.templates

    def reader(self, request: Request) -> Reader:
        """For whom an answer is made: ?lang=, else the cookie, else what the browser asks for."""
        return Reader(self._language(request), self._services.zone, self._services.clock.wall_ns())

    def page(
        self, request: Request, template: str, *, visitor: Session | None = None, status: int = 200, **values: object
    ) -> Response:
        """A page, or only its changing part when the page refreshes itself."""
        reader = self.reader(request)
        part = LIVE in request.headers
        frame = Frame.of(request.url.path, request.query_params.multi_items(), visitor, reader, self._languages.all)
        name = f"{template}.part.html" if part else f"{template}.html"
        text = self._templates.get_template(name).render(_=reader.text, frame=frame, **values)
        response = HTMLResponse(text, status, {"Vary": "Cookie, Accept-Language, X-GS-Live"})
        self._remember(request, response)
        return response

    async def long_page(self, request: Request, template: str, *, visitor: Session, **values: object) -> Response:
        """Likewise a page of many rows: made beside the event loop, which it would hold."""
        return await asyncio.to_thread(self.page, request, template, visitor=visitor, status=200, **values)

    def _language(self, request: Request) -> Language:
        named = self._languages.named(request.query_params.get("lang"))
        kept = named or self._languages.named(request.cookies.get(LANGUAGE_COOKIE))
        return kept or self._languages.preferred(request.headers.get("accept-language", ""))

    def _remember(self, request: Request, response: Response) -> None:
        language = self._languages.named(request.query_params.get("lang"))
        if language is not None:
            set_cookie(response, {LANGUAGE_COOKIE: language.code}, max_age=YEAR_S)
