"""How a rule says no, and how it looks things up: the words every refusal shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar, overload

from ledger.errors import Refused
from ledger.events.base import Recorded
from ledger.rules.catalogue import Rule
from ledger.rules.records import Framework, Kind, Lot, Member, Party, Record, Specification
from ledger.rules.state import Lookup, find
from ledger.units import PartyId, StatementId

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Record)

NOUNS: Final = {
    Kind.FRAMEWORK: "framework contract",
    Kind.CALLOFF: "call-off",
    Kind.ALLOCATION: "allocation",
    Kind.CHANGE: "change",
    Kind.SPECIFICATION: "specification",
    Kind.DELEGATION: "delegation",
    Kind.PROXY: "statement signed by proxy",
    Kind.LOT: "lot",
    Kind.HOLD: "hold",
    Kind.DISPATCH: "dispatch",
    Kind.RECEIPT: "receipt",
    Kind.DECISION: "decision on a delivery",
    Kind.RECALL: "recall",
    Kind.DISPUTE: "dispute",
}
"""What a person calls a record of each kind."""


def refuse(
    rule: Rule,
    found: str,
    *,
    limit: str = "",
    asked: str = "",
    rests_on: tuple[str, ...] = (),
    hint: str,
    retriable: bool = False,
) -> Refused:
    """The error of one rule, to be raised by the caller."""
    return Refused(
        found, rule=rule.label, limit=limit, asked=asked, rests_on=rests_on, hint=hint, retriable=retriable
    )


def who(view: Lookup, party: PartyId) -> str:
    """A party as a person knows it: its name where it gave one, and the end of its id."""
    record = find(view, "", Kind.PARTY, party, Party)
    short = f"…{party[-8:]}"
    return f"{record.name} ({short})" if record and record.name else f"did:key {short}"


def short_id(statement: StatementId | str) -> str:
    """The first 12 hex digits of a statement id: enough for a person to find it again."""
    return statement[:12]


@overload
def referred(view: Lookup, recorded: Recorded[Any], ref: StatementId, one: tuple[Kind, type[R]], /) -> R: ...
@overload
def referred(
    view: Lookup,
    recorded: Recorded[Any],
    ref: StatementId,
    one: tuple[Kind, type[R]],
    other: tuple[Kind, type[S]],
    /,
) -> R | S: ...
def referred(view: Lookup, recorded: Recorded[Any], ref: StatementId, *kinds: tuple[Kind, type[Any]]) -> Any:
    """The record a reference points to, in the statement's own contract.

    Raises `Refused` R07 (retriable) when it is not registered yet, R08 when it is something else or belongs
    to another contract.
    """
    for kind, record_type in kinds:
        record = find(view, recorded.sub, kind, ref, record_type)
        if record is not None:
            return record
    raise unfit(view, ref, " or ".join(NOUNS[kind] for kind, _ in kinds), recorded.contract)


def unfit(view: Lookup, ref: StatementId, wanted: str, contract: str) -> Refused:
    """Why a reference is not what it has to be, to be raised: R07 (retriable) when it is not registered yet, R08
    when it is something else or, where `contract` is given, belongs to another one."""
    known = view.known(ref)
    if known is None:
        return refuse(
            Rule.REF_REGISTERED,
            f"the {wanted} {short_id(ref)} it rests on is not registered",
            rests_on=(ref,),
            hint="submit that statement first, or both together",
            retriable=True,
        )
    where = ""
    if contract:
        where = " of this contract" if known.contract == contract else " of another contract"
        where = where if known.contract else " under no contract"
    return refuse(
        Rule.REF_FITS,
        f"{short_id(ref)} is {_a(known.type)}{where}",
        limit=_a(wanted) + (f" of contract {short_id(contract)}" if contract else ""),
        rests_on=(ref,),
        hint=f"name {_a(wanted)}" + (" of this contract: `tally trace` lists them" if contract else ""),
    )


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def find_specification(view: Lookup, ref: StatementId) -> Specification:
    """A published specification; it stands under no contract. Raises `Refused` R07 (retriable), R08."""
    specification = find(view, "", Kind.SPECIFICATION, ref, Specification)
    if specification is None:
        raise unfit(view, ref, "specification", "")
    return specification


def find_lot(view: Lookup, ref: StatementId) -> Lot:
    """A lot under whatever contract. Raises `Refused` R07 (retriable), R08."""
    known = view.known(ref)
    lot = find(view, known.contract, Kind.LOT, ref, Lot) if known else None
    if lot is None:
        raise unfit(view, ref, "lot", "")
    return lot


def contract_of(view: Lookup, recorded: Recorded[Any]) -> Framework:
    """The contract a statement is about. Raises `Refused` R07 (retriable) or R06."""
    framework = find(view, recorded.sub, Kind.FRAMEWORK, recorded.sub, Framework)
    if framework is not None:
        return framework
    if recorded.sub.startswith("did:") or view.known(StatementId(recorded.sub)) is not None:
        raise refuse(
            Rule.SUBJECT,
            f"its subject {recorded.sub[:24]} is not a contract",
            limit="sub is the id of a framework.signed statement",
            hint="sign it again with the contract's id as its subject",
        )
    raise refuse(
        Rule.REF_REGISTERED,
        f"its contract {short_id(recorded.sub)} is not registered",
        rests_on=(recorded.sub,),
        hint="submit the contract first, or all together",
        retriable=True,
    )


def only(view: Lookup, recorded: Recorded[Any], party: PartyId, role: str, rests_on: StatementId) -> None:
    """Raises `Refused` R10 unless `party` is who signed."""
    one_of(view, recorded, (party,), role, rests_on)


def one_of(
    view: Lookup, recorded: Recorded[Any], parties: Sequence[PartyId], role: str, rests_on: StatementId
) -> None:
    """Raises `Refused` R10 unless one of `parties` signed."""
    if recorded.iss not in parties:
        named = ", ".join(who(view, party) for party in dict.fromkeys(parties)) or "nobody is named"
        raise refuse(
            Rule.SIGNER,
            f"{who(view, recorded.iss)} signed this {recorded.event.type}",
            limit=f"{role}: {named}",
            rests_on=(rests_on,),
            hint=f"have {role} sign it",
        )


def party_to_contract(view: Lookup, recorded: Recorded[Any]) -> None:
    """Raises `Refused` R21 (retriable) unless the signer takes part in the contract."""
    if find(view, recorded.sub, Kind.MEMBER, recorded.iss, Member) is None:
        raise refuse(
            Rule.PARTY_TO_CONTRACT,
            f"{who(view, recorded.iss)} is no party to contract {short_id(recorded.sub)}",
            limit="those it names, its makers, consignees, and those goods were dispatched to",
            rests_on=(recorded.sub,),
            hint="submit what makes it a party first (an allocation, a call-off, a dispatch to it), or all together",
            retriable=True,
        )


def once(settled: StatementId | None, what: str, target: StatementId) -> None:
    """Raises `Refused` R25 when `target` has already been settled by the statement `settled`."""
    if settled is not None:
        raise refuse(
            Rule.SETTLED_ONCE,
            f"the {what} {short_id(target)} has been settled already, by {short_id(settled)}",
            rests_on=(target, settled),
            hint="nothing to do: the first statement stands",
        )
