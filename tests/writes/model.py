"""What a caller may believe about a write, held against what the server has done.

A ``Desk`` makes writes with one client, alone or many at once, and judges each: it was done at most once; what the
caller was given is what the server has; an error that says it was not done is right; and repeated as its error allows,
it ends up done exactly once.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from enum import Enum
from typing import Any, NamedTuple

from lightfield import APIConnectionError, APIError, AsyncLightfield, ConflictError, NotFoundError
from lightfield._protocol.request import Request
from tests.writes.records import SEEDS, UNGUARDED
from tests.writes.server import Crm, Fault


class Draft(NamedTuple):
    """A write to be made: the operation, which record it is about, and what goes wrong with each attempt."""

    operation: str
    place: int
    faults: Sequence[Fault] = ()


class Write(NamedTuple):
    """A write that was made, and the caller's view of it: a document, or the error."""

    operation: str
    mark: str
    request: Request[Any]
    view: Any


class Wrong(Enum):
    """What may be wrong with a write."""

    TWICE = "it was done more than once"
    KEYS = "its attempts have not one key"
    DIFFERS = "the caller's view differs from the server's"
    UNTRUE = "the error says that it was not done"
    KEY = "the error has not the key that was sent"
    FAILS = "it fails when repeated"


class Complaint(NamedTuple):
    """What is wrong, and with which write."""

    wrong: Wrong
    write: Write
    keys: list[str | None]


class Tally:
    """What came of many writes."""

    def __init__(self) -> None:
        self.writes = self.attempts = self.unknown = 0
        self.faults: Counter[Fault] = Counter()
        self.complaints: list[Complaint] = []

    def add(self, other: "Tally") -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def __str__(self) -> str:
        faults = ", ".join(f"{times:,} {fault.name}" for fault, times in self.faults.most_common())
        wrong = Counter(complaint.wrong for complaint in self.complaints)
        return (
            f"{self.writes:,} writes; {self.faults.total():,} faults ({faults}); {self.attempts:,} attempts; "
            f"{self.unknown:,} unknown outcomes; "
            f"{', '.join(f'{kind.value}: {wrong[kind]}' for kind in Wrong)}"
        )


_MAKE: dict[str, Callable[[Any, str, int], Any]] = {
    "opportunity.create": lambda to, mark, _: to.opportunity.create(
        fields={"$name": mark}, relationships={"$account": "acc_1"}
    ),
    "opportunity.update": lambda to, mark, place: to.opportunity.update(_record(place), fields={"$name": mark}),
    "opportunity.delete": lambda to, mark, place: to.opportunity.delete(_record(place), body={"mark": mark}),
    "email.log": lambda to, mark, place: to.email.log(
        fields={"$from": "us@example.com", "$sentAt": "2026-05-01T16:00:00Z", "$subject": mark},
        headers={"Message-ID": f"<{place}@example.com>"},
    ),
    "email.send": lambda to, mark, _: to.email.send(
        from_="us@example.com", to=["them@example.com"], subject=mark, message_body={"content": "Hello"}
    ),
    "object.create": lambda to, mark, _: to.object.create("project", fields={"$name": mark}),
}
OPERATIONS = tuple(_MAKE)
"""``email.log`` is the upsert among them: the API refuses as a conflict what it has under the same Message-ID."""

REFUSALS = ConflictError, NotFoundError
"""How a repeated write may end that another one has made impossible."""


def _record(place: int) -> str:
    return f"opp_{place % SEEDS}"


def says_not_done(error: APIError) -> bool:
    """Whether the error says that the write has surely not taken effect."""
    return not error.outcome_unknown or (isinstance(error, APIConnectionError) and not error.sent)


class Desk:
    """Makes writes with one client, and judges them."""

    def __init__(self, client: AsyncLightfield, crm: Crm, tally: Tally) -> None:
        self._client, self._crm, self._tally = client, crm, tally
        self._patient = client.with_options(max_retries=5, deadline=None, timeout=30)
        self._made = 0

    async def at_once(self, drafts: Iterable[Draft]) -> None:
        """Make writes with plain calls, all at the same time."""
        marked = self._marked(drafts)
        await self._judge(marked, await self._call(marked))

    async def in_bulk(self, drafts: Iterable[Draft]) -> None:
        """Make writes with ``client.bulk``."""
        marked = self._marked(drafts)
        requests = {mark: self._request(mark, draft) for mark, draft in marked.items()}
        result = await self._client.bulk(requests, concurrency=56)
        values = iter(result.values)
        await self._judge(marked, [result.errors.get(mark) or next(values) for mark in marked])

    async def in_outage(self, drafts: Iterable[Draft], begins: float, lasts: float) -> None:
        """Make writes while the server resets and then refuses all connections."""
        marked = self._marked(drafts)
        views, _ = await asyncio.gather(self._call(marked), self._crm.outage(begins, lasts))
        await self._judge(marked, views)

    async def _call(self, marked: dict[str, Draft]) -> list[Any]:
        calls = (_MAKE[draft.operation](self._client, mark, draft.place) for mark, draft in marked.items())
        return await asyncio.gather(*map(_view, calls))

    def _marked(self, drafts: Iterable[Draft]) -> dict[str, Draft]:
        marked = {f"write-{number}": draft for number, draft in enumerate(drafts, self._made)}
        self._made += len(marked)
        for mark, draft in marked.items():
            self._crm.expect(mark, draft.faults)
        return marked

    def _request(self, mark: str, draft: Draft) -> Request[Any]:
        request: Request[Any] = _MAKE[draft.operation](self._client.plan, mark, draft.place)
        return request

    async def _judge(self, marked: dict[str, Draft], views: Sequence[Any]) -> None:
        await self._crm.quiet()
        writes = [
            Write(draft.operation, mark, self._request(mark, draft), view)
            for (mark, draft), view in zip(marked.items(), views, strict=True)
        ]
        for write in writes:
            self._tally.writes += 1
            self._tally.attempts += len(self._crm.keys.get(write.mark, ()))
            self._tally.unknown += isinstance(write.view, APIError) and not says_not_done(write.view)
            self._look(write)
        await asyncio.gather(*(self._repeat(write, write.view) for write in writes if isinstance(write.view, APIError)))

    def _look(self, write: Write) -> None:
        if (wrong := self._wrong(write)) is not None:
            self._complain(write, wrong)

    def _complain(self, write: Write, wrong: Wrong) -> None:
        self._tally.complaints.append(Complaint(wrong, write, self._crm.keys.get(write.mark, [])))

    def _wrong(self, write: Write) -> Wrong | None:
        mark, view = write.mark, write.view
        keys = self._crm.keys.get(mark, [])
        if max(self._crm.started[mark], self._crm.finished[mark]) > 1:
            return Wrong.TWICE
        if len(set(keys)) > 1 or (write.request.takes_key and None in keys):
            return Wrong.KEYS
        if not isinstance(view, APIError):
            same = mark in self._crm.answers and view == write.request.decoder.decode(self._crm.answers[mark])
            return None if same else Wrong.DIFFERS
        if says_not_done(view) and self._crm.started[mark]:
            return Wrong.UNTRUE
        return Wrong.KEY if keys and view.idempotency_key != keys[0] else None

    async def _repeat(self, write: Write, error: APIError) -> None:
        """Repeat what has failed, as its error allows, now that nothing goes wrong any more."""
        if write.operation in UNGUARDED and not says_not_done(error):
            return
        self._crm.expect(write.mark, [])
        key = error.idempotency_key
        view = await _view(self._patient.send(write.request if key is None else write.request.keyed(key)))
        self._look(write._replace(view=view))
        if isinstance(view, APIError) and (self._crm.started[write.mark] or not isinstance(view, REFUSALS)):
            self._complain(write._replace(view=view), Wrong.FAILS)


async def _view(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except APIError as error:
        return error
