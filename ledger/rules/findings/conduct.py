"""Findings on who did what: duties, disputes, proxies, what was taken back or erased (F15, F35, F37 to F39)."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.rules.catalogue import Odd
from ledger.rules.findings.finding import FACT, Finding, lot_of
from ledger.rules.records import Erasure, Kind
from ledger.rules.refusal import short_id
from ledger.rules.situation import Situation
from ledger.rules.state import View, each


def duties_not_apart(at: Situation) -> Iterator[Finding]:
    """F15. No party holds two duties that the contract keeps apart."""
    apart = at.framework.keep_apart
    if "ordering and receiving" in apart:
        yield from _ordered_and_received(at)
    if "making and inspecting" in apart:
        yield from _made_and_inspected(at)
    if "receiving and paying" in apart:
        yield from _received_and_paid(at)


def _ordered_and_received(at: Situation) -> Iterator[Finding]:
    for receipt in at.receipts.values():
        if receipt.receiver == at.framework.buyer:
            yield Finding(
                Odd.NOT_APART,
                f"waybill {receipt.waybill}: {at.who(receipt.receiver)} ordered the goods and received them",
                (receipt.id, at.framework.id),
                "have somebody else count the goods and record it",
            )


def _made_and_inspected(at: Situation) -> Iterator[Finding]:
    """The maker of a lot is whoever it was allotted to, and whoever signed it off in its name."""
    for facts in at.facts.values():
        lot = facts.lot
        proxy = at.proxies.get(lot.id)
        made = {lot.maker, proxy.delegate} if proxy else {lot.maker}
        sample = at.allocations[lot.allocation].sample(lot.line)
        inspected = [(one.inspector, one.id, "inspected it") for one in facts.inspections]
        if sample:
            inspected.append((sample.inspector, sample.statement, "decided on its first sample"))
        for inspector, statement, did in inspected:
            if inspector in made:
                yield Finding(
                    Odd.NOT_APART,
                    f"{lot_of(at, lot)}: {at.who(inspector)} made or signed it off, and {did}",
                    (lot.id, statement, at.framework.id),
                    "have an inspector who has no part in making inspect the lot",
                )


def _received_and_paid(at: Situation) -> Iterator[Finding]:
    if not at.whole:
        return
    received = {receipt.receiver: receipt.id for receipt in at.receipts.values()}
    for payment in at.payments.values():
        if payment.by in received:
            yield Finding(
                Odd.NOT_APART,
                f"payment {payment.reference}: {at.who(payment.by)} paid, and received goods under this contract",
                (payment.id, received[payment.by], at.framework.id),
                "have somebody else record what arrives, or what is paid",
            )


def dispute_open(at: Situation) -> Iterator[Finding]:
    """F35. A dispute that nobody has resolved."""
    for dispute in at.disputes.values():
        if dispute.resolved is None:
            against = f" against {at.who(dispute.against)}" if dispute.against else ""
            yield Finding(
                Odd.DISPUTED,
                f"{at.who(dispute.by)}{against}, on {short_id(dispute.target)}: {dispute.claim}",
                (dispute.id, dispute.target),
                f"settle it and record how it ended; wanted: {dispute.wanted}",
            )


def proxy_unconfirmed(at: Situation) -> Iterator[Finding]:
    """F37. A statement that was signed for another, who has not confirmed it."""
    for proxy in at.proxies.values():
        if proxy.confirmed is None:
            yield Finding(
                Odd.PROXY_UNCONFIRMED,
                f"{at.who(proxy.delegate)} signed this {proxy.type} for {at.who(proxy.principal)}, "
                "who has not confirmed it",
                (proxy.statement, proxy.delegation),
                f"have {at.who(proxy.principal)} confirm it, from a device of its own",
            )


def corrected(at: Situation) -> Iterator[Finding]:
    """F38. A fact that whoever signed it has taken back."""
    for correction in at.corrections.values():
        instead = (
            f"; {short_id(correction.replacement)} stands in its place" if correction.replacement else ""
        )
        yield Finding(
            Odd.CORRECTED,
            f"{at.who(correction.by)} took back the {correction.type} {short_id(correction.target)}: "
            f"{correction.reason}{instead}",
            (
                correction.target,
                correction.id,
                *((correction.replacement,) if correction.replacement else ()),
            ),
            FACT,
        )


def erased(at: Situation) -> Iterator[Finding]:
    """F39. A statement under the contract of which something confidential was erased."""
    yield from map(_erased, at.erasures.values())


def erased_of_parties(view: View) -> Iterator[Finding]:
    """F39. The same of statements about parties, which stand under no contract."""
    yield from map(_erased, each(view, "", Kind.ERASURE, Erasure))


def _erased(erasure: Erasure) -> Finding:
    """By the state alone: whether contents that are ordered erased are gone, only the log they lie in can say."""
    count = len(erasure.commitments)
    what = [f"the openings of {count} commitment{'s' if count > 1 else ''} were destroyed"] if count else []
    what += ["its content is ordered erased"] if erasure.contents else []
    return Finding(
        Odd.ERASED,
        f"of {short_id(erasure.target)}, {' and '.join(what)}: {erasure.ground}",
        (erasure.target, *erasure.statements),
        (
            "`tally purge` destroys the content if it is still there; what it did is from then on the log's word, "
            "and its digest and every proof of it stay"
            if erasure.contents
            else "nothing: it was erased on that ground; its digest and every proof of it stay"
        ),
        (("commitments", str(count)), ("content", "ordered erased" if erasure.contents else "kept")),
    )
