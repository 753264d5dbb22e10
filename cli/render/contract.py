"""How a contract looks: its lines, its makers, and all that was promised and delivered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cli.output import say, table
from ledger.rules.situation import Situation
from ledger.trace.down import Branch, ContractTrace, Totals, trace_down
from ledger.trace.names import short_names
from ledger.units import UNITS, format_decimal

_COLUMNS = ["signed off", "dispatched", "received", "damaged", "open"]


def show_contract(at: Situation, *, makers: bool = True) -> None:
    """The overview a procurement officer opens first."""
    framework, traced = at.framework, trace_down(at)
    state = "accepted" if framework.accepted else "not accepted yet"
    say()
    say(f"{framework.reference}  {framework.title}  [{framework.id[:12]}]")
    say(
        f"{at.who(framework.buyer)} with {at.who(framework.prime)}, {state}; "
        f"{framework.first_day} to {framework.last_day}"
    )
    for calloff in at.calloffs.values():
        say(f"call-off {calloff.reference} for {at.who(calloff.consignee)}, due {calloff.due}")
    rows = [
        [
            line.line,
            line.description,
            UNITS.get(line.totals.unit, line.totals.unit),
            number(line.ceiling) if line.ceiling is not None else "none",
            number(line.totals.ordered),
            number(line.totals.allotted),
            *_progress(line.totals),
        ]
        for line in traced.lines
    ]
    table(
        "By line",
        ["line", "what", "unit", "ceiling", "ordered", "allotted", *_COLUMNS],
        rows,
        numbers=range(3, 11),
    )
    if makers:
        _show_makers(at, traced)


def _show_makers(at: Situation, traced: ContractTrace) -> None:
    short = short_names(at, {party for maker in traced.makers for party in (maker.party, *maker.via)})
    rows = [
        [
            short[maker.party],
            ", ".join(short[via] for via in maker.via),
            maker.line,
            str(len(maker.lots)),
            number(maker.totals.allotted),
            *_progress(maker.totals),
        ]
        for maker in sorted(traced.makers, key=lambda one: (-one.totals.ordered, short[one.party], one.line))
    ]
    if rows:
        columns = ["maker", "allotted by", "line", "lots", "allotted", *_COLUMNS]
        table("By maker", columns, rows, numbers=range(3, 10))


def contract_as_json(at: Situation) -> dict[str, Any]:
    """A contract traced down, for machines: quantities are decimal strings in the line's unit."""
    framework, traced = at.framework, trace_down(at)
    return {
        "id": framework.id,
        "reference": framework.reference,
        "title": framework.title,
        "buyer": framework.buyer,
        "prime": framework.prime,
        "accepted": framework.accepted,
        "lines": [
            {
                "line": line.line,
                "description": line.description,
                "ceiling": format_decimal(line.ceiling) if line.ceiling is not None else None,
                **totals_as_json(line.totals),
            }
            for line in traced.lines
        ],
        "makers": [
            {
                "party": maker.party,
                "name": at.who(maker.party),
                "via": list(maker.via),
                "line": maker.line,
                "lots": list(maker.lots),
                **totals_as_json(maker.totals),
            }
            for maker in traced.makers
        ],
        "calloffs": [_branch(branch) for branch in traced.calloffs],
        "deliveries": [
            {
                "id": dispatch.id,
                "waybill": dispatch.waybill,
                "from": dispatch.dispatcher,
                "to": dispatch.to,
                "receipts": [receipt.id for receipt in at.receipts_of.get(dispatch.id, [])],
            }
            for dispatch in at.dispatches.values()
        ],
    }


def _branch(branch: Branch) -> dict[str, Any]:
    promise = branch.promise
    return {
        "id": promise.id,
        "holder": promise.holder,
        "accepted": promise.accepted,
        "due": promise.due.isoformat(),
        "lines": [
            {
                "line": share.line,
                "unit": share.unit,
                "quantity": format_decimal(share.quantity),
                "allotted": format_decimal(share.allotted),
                "signed_off": format_decimal(share.released),
            }
            for share in promise.lines
        ],
        "allocations": [_branch(one) for one in branch.branches],
        "lots": [
            {"id": lot.id, "lot": lot.name, "maker": lot.maker, "released": format_decimal(lot.released)}
            for lot in branch.lots
        ],
    }


def totals_as_json(totals: Totals) -> dict[str, str]:
    """Decimal strings in `unit`."""
    return {
        "unit": totals.unit,
        "ordered": format_decimal(totals.ordered),
        "allotted": format_decimal(totals.allotted),
        "signed_off": format_decimal(totals.signed_off),
        "dispatched": format_decimal(totals.dispatched),
        "received": format_decimal(totals.received),
        "damaged": format_decimal(totals.damaged),
        "accepted": format_decimal(totals.accepted),
        "rejected": format_decimal(totals.rejected),
        "unattributed": format_decimal(totals.unattributed),
        "open": format_decimal(totals.open),
    }


def _progress(totals: Totals) -> list[str]:
    return [
        number(value)
        for value in (totals.signed_off, totals.dispatched, totals.received, totals.damaged, totals.open)
    ]


def number(value: Decimal) -> str:
    """As a person reads it, thousands set apart."""
    return format_decimal(value, group=",")
