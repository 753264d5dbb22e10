"""The page of a party: who it is, with which keys it signs, and what it has to do with under each contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.pages.rendering import PageRoute, page
from api.pages.statement import index_of
from api.routes.seeing import See
from ledger.log.reader import LogReader
from ledger.rules.records import Kind, PartyKey
from ledger.rules.records import Party as PartyRecord
from ledger.rules.refusal import who
from ledger.rules.state import find
from ledger.units import PartyId, StatementId
from ledger.views.answers import Allocation, Calloff, Contract, Delivery, Finding, Lot, Maker, Party
from ledger.views.answers.base import Named
from ledger.views.taking_part import findings_about, held_by, how_many_name, rows_of
from ledger.views.world import World

router = APIRouter(route_class=PageRoute)

_CONTRACTS: Final = 12
_MOST: Final = 8
"""Things of a kind under one contract that are shown; their own page has all."""


@dataclass(frozen=True, slots=True)
class Device:
    """A key of the party, and whether it may sign."""

    key: PartyKey
    since: datetime
    until: datetime | None
    """When it was revoked."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a party has to do with under one contract."""

    contract: Contract
    roles: tuple[str, ...]
    whole: bool
    """Whether all of the contract is its own: nothing of it is told here again."""
    rows: tuple[Maker, ...] = ()
    held: tuple[Allocation, ...] = ()
    how_many_held: int = 0
    lots: tuple[Lot, ...] = ()
    how_many_lots: int = 0
    deliveries: tuple[Delivery, ...] = ()
    how_many_deliveries: int = 0
    findings: tuple[Finding, ...] = ()


@router.get("/p/{id}")
def party(request: Request, see: See, id: Annotated[str, Path(description="Its `did:key`.")]) -> Response:
    """One party, as far as its contracts are seen."""
    with see.both() as (reader, world):
        told = world.one(Party, id)
        some = world.page(Contract, {"party": told.id}, newest=True, most=_CONTRACTS)
        devices = _devices(reader, world, told.id)
        return page(
            request,
            "party.html.j2",
            party=told,
            named=Named(id=told.id, name=who(world.past or reader.store, told.id)),
            devices=devices,
            linked=world.sees([told.statement, *_statements(devices)]),
            parts_of_it=[_part(world, contract, told.id) for contract in some.items],
            more=some.next is not None,
        )


def _devices(reader: LogReader, world: World, party: PartyId) -> list[Device]:
    record = find(world.past or reader.store, "", Kind.PARTY, party, PartyRecord)
    assert record is not None, "a party that is told has a record"

    def registered(statement: StatementId) -> datetime:
        return datetime.fromtimestamp(reader.row(index_of(reader, statement)).registered_at, UTC)

    return [
        Device(key, registered(key.added), registered(key.revoked) if key.revoked else None)
        for key in record.keys
    ]


def _statements(devices: list[Device]) -> list[StatementId]:
    return [one for device in devices for one in (device.key.added, device.key.revoked) if one]


def _part(world: World, contract: Contract, party: PartyId) -> Part:
    first = [name for name in ("buyer", "prime") if getattr(contract, name).id == party]
    if first:
        return Part(contract, tuple(first), whole=True)
    asked = {"contract": contract.id, "party": party}
    rows = rows_of(world, contract.id, party)
    receives = any(one.consignee.id == party for one in world.page(Calloff, asked, most=_MOST).items)
    roles = dict.fromkeys((*(["consignee"] if receives else []), *(one.role for one in rows)))
    held = held_by(world, contract.id, party)
    return Part(
        contract,
        tuple(roles) or ("other",),
        whole=False,
        rows=rows,
        held=held[:_MOST],
        how_many_held=len(held),
        lots=world.page(Lot, asked, newest=True, most=_MOST).items,
        how_many_lots=how_many_name(world, Lot, contract.id, party),
        deliveries=world.page(Delivery, asked, newest=True, most=_MOST).items,
        how_many_deliveries=how_many_name(world, Delivery, contract.id, party),
        findings=findings_about(world, contract.id, party, _MOST),
    )
