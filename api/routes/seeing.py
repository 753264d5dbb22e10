"""What routes of the world share: who looks at which log, and how a list is paged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Depends, Path, Query
from pydantic import BaseModel, Field

from api.access.who import Known
from api.problems import documented
from api.service import Service, service_of
from ledger.errors import LogBusy, Malformed, NotFound, RequesterUnproved, ViewsNotReady
from ledger.limits import PAGE_ANSWERS, PAGE_ANSWERS_UNASKED, SEARCH_CHARS
from ledger.log.past import read_moment
from ledger.log.reader import LogReader
from ledger.views.answers import Answer, Contract
from ledger.views.staging import Sight
from ledger.views.world import World

A = TypeVar("A", bound=Answer)

FAILS: Final = documented(Malformed, RequesterUnproved, NotFound, LogBusy, ViewsNotReady)
"""How a question to the world can fail, for OpenAPI."""

Id = Annotated[
    str, Path(description="Its id, or the beginning of it that fits no other.", examples=["4d1f0b6f"])
]
ContractOnly = Annotated[
    str | None,
    Query(description="Of this contract only: its id, or the beginning of it.", examples=["4d1f0b6f"]),
]
PartyOnly = Annotated[
    str | None,
    Query(description="That have to do with this party (`did:key`).", examples=["did:key:z6Mk..."]),
]
LineOnly = Annotated[str | None, Query(description="Of this line of a contract.", examples=["1"])]
LateOnly = Annotated[bool | None, Query(description="That are late, or that are not.")]
Words = Annotated[
    str | None,
    Query(
        description="Called so, or to do with something called so; beginnings of words.",
        max_length=SEARCH_CHARS,
    ),
]


class Page(BaseModel, Generic[A]):
    """A stretch of a list."""

    items: tuple[A, ...] = Field(description="In the order of the log, where nothing else is said.")
    next: str | None = Field(
        description="Give it as `cursor` to go on behind these; null where there are no more.",
        examples=["WyI2ZTYxN2Y0MDZlMzNmZTZjIiwxNyxd"],
    )
    size: int = Field(description="How many entries of the log this is about.", examples=[564])
    as_of: datetime = Field(description="The time by which it is judged what is late.")


class Seeing:
    """Who looks, and at which log: as it is now, or with `at` as it was."""

    def __init__(
        self,
        service: Annotated[Service, Depends(service_of)],
        who: Known,
        at: Annotated[
            str | None,
            Query(
                description="The log as it was with its first so many entries, or at a time (RFC 3339) by its own "
                "clock; left out, as it is.",
                examples=["564"],
            ),
        ] = None,
    ) -> None:
        self._service = service
        self._who = who
        self._at = at

    @contextmanager
    def world(self) -> Iterator[World]:
        """What is seen, for as long as it is asked. Raises `Malformed`, `NotFound`, `ViewsNotReady`."""
        with self.both() as (_, world):
            yield world

    @contextmanager
    def both(self) -> Iterator[tuple[LogReader, World]]:
        """The log with what is seen of it."""
        with self._service.reader() as reader:
            asked = read_moment(reader, self._at) if self._at else None
            sight = Sight(self._who.party, self._who.everything, asked.moment.size if asked else None)
            as_of = asked.as_of if asked else datetime.now(UTC)
            with self._service.views.world(reader, sight, as_of) as world:
                yield reader, world

    def page(
        self,
        model: type[A],
        paging: Paging,
        *,
        contract: str | None = None,
        text: str | None = None,
        **asked: str | bool | None,
    ) -> Page[A]:
        """A stretch of a list. Raises what `World.page` raises, and `NotFound` for a contract that is not seen."""
        with self.world() as world:
            narrowed: dict[str, Any] = dict(asked)
            if contract is not None:
                narrowed["contract"] = world.one(Contract, contract).id
            return _page(world, model, paging, narrowed, text)

    def one(self, model: type[A], id: str) -> A:
        """A single thing. Raises `NotFound`, `Ambiguous`."""
        with self.world() as world:
            return world.one(model, id)


class Paging:
    """Which stretch of a list."""

    def __init__(
        self,
        cursor: Annotated[str | None, Query(description="`next` of the stretch before.")] = None,
        limit: Annotated[
            int, Query(ge=1, le=PAGE_ANSWERS, description="How many at most.")
        ] = PAGE_ANSWERS_UNASKED,
        newest: Annotated[bool, Query(description="Whether the list is turned round.")] = False,
    ) -> None:
        self.cursor = cursor
        self.limit = limit
        self.newest = newest


def _page(
    world: World, model: type[A], paging: Paging, asked: Mapping[str, Any], text: str | None
) -> Page[A]:
    some = world.page(model, asked, text=text, after=paging.cursor, newest=paging.newest, most=paging.limit)
    return Page[A](items=some.items, next=some.next, size=world.size, as_of=world.as_of)


See = Annotated[Seeing, Depends(Seeing)]
Pages = Annotated[Paging, Depends(Paging)]
