"""Every rule by number: what is refused (R) and what is found (F).

A number is stable and is used alike in messages, tests and pages. Refusals concern promises beyond their
authority, and statements that say nothing about this contract at all; facts are recorded and become findings.
"""

from __future__ import annotations

from enum import Enum, StrEnum


class Rule(Enum):
    """A refusal: (number and name, what the rule says)."""

    POLICY_PLACE = ("R01 policy-place", "entry 0 is the log's policy, and no other entry is")
    POLICY_KEY = ("R02 policy-key", "the policy is signed with the checkpoint key it names")
    POLICY_LIMITS = ("R03 policy-limits", "a statement keeps to the limits of the log's policy")
    ENROLLED = ("R04 enrolled", "who signs has enrolled in this log")
    ENROLS_ONCE = ("R05 enrols-once", "a party enrols once, for itself")
    SUBJECT = (
        "R06 subject",
        "a statement is about its contract; one that opens a contract is about its signer",
    )
    REF_REGISTERED = ("R07 reference-registered", "what a statement rests on is registered before it")
    REF_FITS = ("R08 reference-fits", "a reference has the right type and belongs to the same contract")
    AGENCY = ("R09 agency", "only agencies named in the log's policy open contracts")
    SIGNER = ("R10 signer", "only the party with the authority for it signs a promise")
    ACCEPTED_ONCE = ("R11 accepted-once", "an offer is accepted once")
    IN_FORCE = ("R12 in-force", "what a promise draws on has been accepted")
    PERIOD = ("R13 period", "a call-off is issued within the contract's period")
    LINE = ("R14 line", "a line exists in what is drawn on")
    UNIT = ("R15 unit", "quantities of one line are in its unit; nothing is converted")
    CEILING = ("R16 ceiling", "call-offs stay within the contract's ceiling, plus the tolerance")
    PARENT_LEFT = ("R17 parent-left", "an allocation stays within what its parent has left")
    SIGN_OFF_LEFT = ("R18 sign-off-left", "sign-offs stay within the accepted allocation, plus the tolerance")
    RELEASED_MADE = ("R19 released-made", "no more is released than was made and not rejected")
    LOT_ONCE = ("R20 lot-once", "a maker uses a lot id once")
    PARTY_TO_CONTRACT = ("R21 party-to-contract", "facts are recorded by parties to the contract")
    KEY_VALID = (
        "R22 key-valid",
        "a statement is signed with a key of its signer that is valid at its place in the log",
    )
    KEY_ONCE = ("R23 key-once", "a key is added once, revoked once, and never added again")
    DELEGATION = ("R24 delegation", "who signs for another keeps to what that party delegated")
    SETTLED_ONCE = (
        "R25 settled-once",
        "what has been cleared, closed, revoked, confirmed or corrected is so once",
    )
    WITHDRAWN = ("R26 withdrawn", "what was cancelled, withdrawn or closed is neither accepted nor drawn on")
    MADE_ALREADY = (
        "R27 made-already",
        "nothing is taken back or amended below what is already promised on it or signed off",
    )
    CHANGE_FROM = ("R28 change-from", "an amendment changes what is in force")
    FIRST_SAMPLE = (
        "R29 first-sample",
        "volume is signed off after the first sample has passed, where the contract asks for one",
    )
    SPECIFICATION = ("R30 specification", "a lot is made to a specification of its line")
    REVISION_ONCE = ("R31 revision-once", "a specifier publishes a revision of an item once")
    CONFIDENTIAL = (
        "R32 confidential",
        "what the contract keeps confidential is committed to, not written out",
    )
    DEPTH = ("R33 division-depth", "an allocation is divided only so many times")

    def __init__(self, label: str, says: str) -> None:
        self.label = label
        self.says = says


class Severity(StrEnum):
    """How bad an open finding is."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTE = "note"


class Odd(Enum):
    """A finding: (number and name, severity, what it means)."""

    SENT_BEYOND_RELEASED = (
        "F01 dispatched-beyond-released",
        Severity.CRITICAL,
        "more of a lot was dispatched than was released",
    )
    COUNTED_BEYOND_SENT = (
        "F02 received-beyond-dispatched",
        Severity.CRITICAL,
        "more of a lot was received in good order than was ever dispatched to that receiver",
    )
    NO_DISPATCH = ("F03 received-without-dispatch", Severity.WARNING, "goods arrived on no recorded dispatch")
    NO_RECEIPT = (
        "F04 dispatched-not-received",
        Severity.WARNING,
        "a dispatch has no receipt after the days allowed",
    )
    SHORT = (
        "F05 short",
        Severity.WARNING,
        "less of a lot arrived than was dispatched, net of excess elsewhere",
    )
    EXCESS = (
        "F06 excess",
        Severity.WARNING,
        "more of a lot arrived than was on the waybill, net of shortage elsewhere",
    )
    MADE_UP = ("F07 shortage-made-up", Severity.NOTE, "a shortage on one waybill was made up on another")
    DAMAGED = ("F08 damaged", Severity.WARNING, "goods arrived damaged")
    RECEIPT_SUM = (
        "F09 receipt-sum",
        Severity.WARNING,
        "a receipt's good, damaged, short and excess do not add up to its dispatch",
    )
    OTHER_RECEIVER = (
        "F10 received-by-another",
        Severity.WARNING,
        "another party received than the one on the waybill",
    )
    LATE_SIGN_OFF = (
        "F11 signed-off-late",
        Severity.WARNING,
        "a lot was signed off after its allocation was due",
    )
    LATE_DELIVERY = (
        "F12 delivered-late",
        Severity.WARNING,
        "goods reached the consignee after the call-off was due",
    )
    OVERDUE = (
        "F13 overdue",
        Severity.WARNING,
        "a call-off is due and not all of it has arrived in good order",
    )
    MAKER_UNKNOWN = (
        "F14 maker-unknown",
        Severity.WARNING,
        "goods without a known maker: a gap in provenance",
    )
    NOT_APART = ("F15 duties-not-apart", Severity.CRITICAL, "one party held duties the contract keeps apart")
    CHAIN_GAP = (
        "F16 chain-gap",
        Severity.WARNING,
        "a key's chain names a previous statement that is not here",
    )
    CHAIN_FORK = ("F17 chain-fork", Severity.CRITICAL, "one key signed two statements after the same one")
    NO_CHECKS = ("F18 no-checks", Severity.NOTE, "a lot was signed off without saying what was checked")
    WITHIN_TOLERANCE = (
        "F19 within-tolerance",
        Severity.NOTE,
        "more was signed off than allotted, within the tolerance",
    )
    BEFORE_CLAIMED = (
        "F20 registered-before-it-happened",
        Severity.WARNING,
        "a statement claims a time after its registration",
    )
    LONG_BEFORE = (
        "F21 registered-long-after",
        Severity.NOTE,
        "a statement claims a time long before its registration",
    )

    SENT_HELD = ("F22 dispatched-while-held", Severity.CRITICAL, "a lot left while it was held back")
    SENT_UNINSPECTED = (
        "F23 dispatched-uninspected",
        Severity.CRITICAL,
        "a lot left without the inspector's pass that the contract asks for",
    )
    FAILED_NOT_HELD = (
        "F24 failed-not-held",
        Severity.CRITICAL,
        "a lot failed inspection and is not held back",
    )
    ACCEPTED_BEYOND_RECEIVED = (
        "F25 accepted-beyond-received",
        Severity.CRITICAL,
        "more was accepted than was received in good order",
    )
    REJECTED = ("F26 rejected", Severity.WARNING, "received goods were rejected")
    CHECKS_MISSING = (
        "F27 checks-missing",
        Severity.WARNING,
        "a lot was signed off without all checks of its plan",
    )
    EARLIER_REVISION = (
        "F28 earlier-revision",
        Severity.NOTE,
        "a lot was made to an earlier revision than the one in force",
    )
    CONDITIONAL_SAMPLE = (
        "F29 conditional-sample",
        Severity.WARNING,
        "volume is made on a first sample that passed under conditions",
    )
    OVERPROMISED = (
        "F30 overpromised",
        Severity.WARNING,
        "more is promised on than is left after a cancellation or withdrawal",
    )
    RECALL_OPEN = ("F31 recall-open", Severity.CRITICAL, "goods are called back")
    RECALL_UNANSWERED = (
        "F32 recall-unacknowledged",
        Severity.CRITICAL,
        "a holder of recalled goods has not answered",
    )
    NOT_LOCATED = ("F33 recall-not-located", Severity.CRITICAL, "recalled goods have not been found")
    SENT_RECALLED = ("F34 dispatched-while-recalled", Severity.CRITICAL, "recalled goods were sent on")
    DISPUTED = ("F35 dispute-open", Severity.WARNING, "a statement is disputed")
    PAID_BEYOND_ACCEPTED = (
        "F36 paid-beyond-accepted",
        Severity.CRITICAL,
        "more was paid than was accepted",
    )
    PROXY_UNCONFIRMED = (
        "F37 proxy-unconfirmed",
        Severity.WARNING,
        "somebody signed for a party that has not confirmed it",
    )
    CORRECTED = ("F38 corrected", Severity.NOTE, "a fact was taken back by whoever signed it")
    ERASED = ("F39 erased", Severity.NOTE, "something was erased or is ordered erased; its digest stays")
    KEY_COMPROMISED = (
        "F40 key-compromised",
        Severity.CRITICAL,
        "statements were signed with a key after it was no longer its owner's alone",
    )
    OPENED_OTHERWISE = (
        "F41 opened-otherwise",
        Severity.CRITICAL,
        "a commitment was opened with another value",
    )

    def __init__(self, label: str, severity: Severity, says: str) -> None:
        self.label = label
        self.severity = severity
        self.says = says
