"""In and out of the admin page: attempts are counted and written down, a stay hangs on a cookie of its own."""

import asyncio
import hmac
import logging
from typing import Final

from aiohttp import web

from bots.rate_limit import RateLimiter
from bots.web import csrf
from bots.web.admin.bodies import LoginBody, body_of
from bots.web.admin.house import AdminHouse
from bots.web.admin.people import person_with
from bots.web.admin.sessions import Session, Sessions
from bots.web.client import client_key, is_encrypted
from bots.web.errors import Refusal, RequestRefusedError
from bots.web.options import WebOptions
from db.audit import Deed
from db.errors import DatabaseError

COOKIE: Final = "bunri-admin"
PATH: Final = "/admin"

_REASON: Final = "the admin page"
_EVERYBODY: Final = "everybody"
_NOBODY: Final = "?"

_log = logging.getLogger(__name__)


class Door:
    """Lets people in and out.

    Every attempt that is looked at leaves a row in the audit, the failed ones too; those beyond the limit are not
    looked at. So the limit bounds what strangers can write there.
    """

    def __init__(self, house: AdminHouse, options: WebOptions) -> None:
        self._house = house
        self._options = options
        self._sessions = Sessions(house.session_seconds, house.idle_seconds)
        self._each = RateLimiter(house.logins_per_minute)
        self._all = RateLimiter(house.all_logins_per_minute)

    async def enter(self, request: web.Request) -> Session:
        """Sign somebody in by the token in the body.

        A form of another site can send neither the type of the body nor the header (OWASP CSRF Prevention Cheat
        Sheet: custom request headers); a stay that is there already is ended.

        Raises:
            RequestRefusedError: too many attempts, nobody has this token, or our own page did not send it.

        """
        if csrf.HEADER not in request.headers:
            raise RequestRefusedError(Refusal.NOT_OURS, unread=True)
        client = client_key(request, self._options)
        wait = self._each.take(client) or self._all.take(_EVERYBODY)
        if wait > 0:
            _log.warning("too many attempts to sign in to the admin page")
            raise RequestRefusedError(Refusal.TOO_OFTEN, retry_after=wait, unread=True)
        person = person_with((await body_of(request, LoginBody, self._options)).token, self._house.people)
        # Tells whether two attempts came from one address, and not from which: the row is kept for good.
        detail = {"client": self._house.around.database.secret.item_key("client", client)[:16]}
        if person is None:
            await self._note(Deed(_NOBODY, "admin-refused", _REASON, detail))
            raise RequestRefusedError(Refusal.WRONG_TOKEN)
        before = self.visitor(request)
        if before is not None:
            self._sessions.close(before)
        await self._note(Deed(person.name, "admin-login", _REASON, detail))
        await self.settle()
        return self._sessions.open(person)

    def visitor(self, request: web.Request) -> Session | None:
        """Whose request this is, if anybody's."""
        return self._sessions.find(request.cookies.get(COOKIE, ""))

    def session_of(self, request: web.Request) -> Session:
        """Whose request this is.

        Raises:
            RequestRefusedError: nobody's: they never signed in, or no longer are.

        """
        session = self.visitor(request)
        if session is None:
            raise RequestRefusedError(Refusal.SIGNED_OUT, unread=request.can_read_body)
        return session

    def poster(self, request: web.Request) -> Session:
        """The same for what changes something: our own page must have sent it.

        Raises:
            RequestRefusedError: nobody's, or another page sent it.

        """
        session = self.session_of(request)
        given = request.headers.get(csrf.HEADER, "").encode(errors="replace")
        if not hmac.compare_digest(csrf.token_of(session.id).encode(), given):
            raise RequestRefusedError(Refusal.NOT_OURS, unread=True)
        return session

    async def leave(self, session: Session) -> None:
        """End a stay; its cookie is worth nothing from here on."""
        self._sessions.close(session)
        await self.settle()

    async def close(self) -> None:
        """End all stays."""
        self._sessions.close_all()
        unwritten = await self.settle()
        if unwritten:
            _log.error("the end of %d stays on the admin page was not written down", unwritten)

    async def settling(self) -> None:
        """Until cancelled: write down what ended by itself, and what the database would not take before."""
        while True:
            await asyncio.sleep(self._house.settle_seconds)
            await self.settle()

    async def settle(self) -> int:
        """Write down what came of the stays that ended; how many the database did not take, for the next time."""
        unwritten = self._sessions.take_ended()
        try:
            while unwritten:
                await self._write_down(unwritten[0])
                del unwritten[0]
        except DatabaseError as error:
            _log.warning("who left the admin page is not written down yet: %s", error)
        finally:
            self._sessions.put_back(unwritten)
        return len(unwritten)

    async def _write_down(self, session: Session) -> None:
        counts = dict(session.words)
        detail: dict[str, object] = {"words": counts}
        if session.ended is not None:
            detail["ended"] = session.ended.isoformat(timespec="seconds")
        if session.sitting is not None:
            await self._house.around.database.labels.finish(session.sitting.id, counts)
            detail["import"] = session.sitting.id
        await self._note(Deed(session.person.name, "admin-logout", _REASON, detail))

    def give_cookie(self, request: web.Request, answer: web.Response, session: Session) -> None:
        """Let the browser know its stay; scripts and other sites do not."""
        answer.set_cookie(
            COOKIE,
            session.id,
            path=PATH,
            max_age=int(self._house.session_seconds),
            httponly=True,
            samesite="Strict",
            secure=is_encrypted(request, self._options),
        )

    async def _note(self, deed: Deed) -> None:
        await self._house.around.database.audit.note(deed)
