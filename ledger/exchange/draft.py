"""Drafts: what a person (or an import) writes before signing, as JSON or YAML.

    type: allocation.accepted
    contract: <id of the contract>            not for what opens one, enrols a party or states a policy
    party: <id of the party>                  whose keys it is about, where that is not the signer
    occurred_at: 2026-05-04T16:20:00+05:30    optional: the time of signing
    refs: {allocation: <id>}                  an id, or @FILE for the statement in a file
    body: {}                                  a party may be key:NAME, for the party that a key in the key store
                                              signs for, and a key for that key itself; a value may be
                                              {confidential: VALUE} wherever the event takes a commitment

Signing adds what a person should not have to think of: the version, the key's previous statement, who signs, the salts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from ledger.errors import MalformedDraft, MalformedEvent, MalformedPayload, TooLarge
from ledger.events.base import Event, Subject
from ledger.events.catalogue import event_type, read_event
from ledger.exchange.confidential import check_hidden, hide, is_marked
from ledger.limits import STATEMENT_BYTES
from ledger.statement.commitment import Opening, new_salt
from ledger.statement.keys import parse_did_key
from ledger.statement.payload import decode_payload
from ledger.units import PartyId, StatementId

_MARK: Final = b"confidential"
DRAFT_BYTES: Final = 4 * STATEMENT_BYTES
_ID_FIELDS: Final = frozenset({"contract", "refs", "lot", "specification", "was", "now"})
_PARTY_FIELDS: Final = frozenset(
    {
        "party",
        "prime",
        "consignee",
        "maker",
        "to",
        "against",
        "payee",
        "inspectors",
        "quality",
        "payers",
        "parties",
    }
)
_KEY_FIELDS: Final = frozenset({"key"})
_MEMBERS: Final = ("type", "contract", "party", "occurred_at", "refs", "body")


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as read: the right members, nothing more is known of them."""

    type: str
    contract: str | None
    party: str | None
    occurred_at: str | None
    refs: Mapping[str, Any]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ready:
    """An event that is complete and valid, ready to be signed."""

    sub: str
    payload: Mapping[str, Any]
    event: Event
    openings: tuple[Opening, ...] = ()
    """What opens the commitments in it: to be kept before the statement is given out, or they never open."""


def read_draft(data: bytes) -> Draft:
    """Read a draft file; one that begins with `{` is JSON, any other YAML. Raises `MalformedDraft`, `TooLarge`."""
    if len(data) > DRAFT_BYTES:
        raise TooLarge(f"the draft has {len(data)} bytes", expected=f"at most {DRAFT_BYTES}")
    content = _read_json(data) if data.lstrip()[:1] == b"{" else _read_yaml(data)
    if not isinstance(content, dict):
        raise MalformedDraft("the draft is not an object", expected="members " + ", ".join(_MEMBERS))
    unknown = [str(name) for name in content if name not in _MEMBERS]
    if unknown:
        raise MalformedDraft(
            f"the draft has {', '.join(unknown)[:200]}",
            expected="only " + ", ".join(_MEMBERS),
            hint="version, prev and the signer are added when it is signed",
        )
    for name, kind in (
        ("refs", dict),
        ("body", dict),
        ("contract", str),
        ("party", str),
        ("occurred_at", str),
    ):
        if not isinstance(content.get(name), (kind, type(None))):
            raise MalformedDraft(
                f"{name} is a {type(content[name]).__name__}", expected=f"{name} as a {_WORDS[kind]}"
            )
    event_type(content.get("type"))
    return Draft(
        content["type"],
        content.get("contract"),
        content.get("party"),
        content.get("occurred_at"),
        content.get("refs") or {},
        content.get("body") or {},
    )


def complete(
    draft: Draft,
    *,
    iss: PartyId,
    prev: StatementId | None,
    now: str,
    id_in_file: Callable[[str], StatementId],
    party_of: Callable[[str], PartyId],
    key_of: Callable[[str], PartyId],
    salt: Callable[[], bytes] = new_salt,
) -> Ready:
    """Fill in what signing adds, and check the whole against the vocabulary.

    Where an id is meant `@FILE` becomes the id of the statement in that file, which `id_in_file` reads; where a
    party is meant `key:NAME` becomes the party that `party_of` names, and where a key is meant the did that `key_of`
    names. `{confidential: VALUE}` becomes a commitment with a `salt` of its own.
    Raises `MalformedEvent` with every problem by field; `MalformedDraft` for a missing contract.
    """

    def resolve(value: Any, name: str) -> Any:
        # By the name of the field, never in free text: a title may come from a foreign document.
        if isinstance(value, dict) and not is_marked(value):
            return {member: resolve(one, member) for member, one in value.items()}
        if isinstance(value, list):
            return [resolve(one, name) for one in value]
        if isinstance(value, str) and value.startswith("@") and name in _ID_FIELDS:
            return id_in_file(value[1:])
        if isinstance(value, str) and value.startswith("key:") and name in _PARTY_FIELDS:
            return party_of(value[4:])
        if isinstance(value, str) and value.startswith("key:") and name in _KEY_FIELDS:
            return key_of(value[4:])
        return value

    drafted = {name: resolve(value, name) for name, value in draft.body.items()}
    body, openings = hide(drafted, salt)
    payload = {
        "type": draft.type,
        "version": 1,
        "occurred_at": draft.occurred_at or now,
        "prev": prev,
        "refs": {role: resolve(value, "refs") for role, value in draft.refs.items()},
        "body": body,
    }
    event = _read_event(payload, drafted, openings)
    return Ready(_subject(draft, event, iss, resolve), payload, event, openings)


def _subject(draft: Draft, event: Event, iss: PartyId, resolve: Callable[[Any, str], Any]) -> str:
    """The `sub` claim: the contract, a party, or the signer itself, as the type of the event has it."""
    about_contract = event.subject in {Subject.CONTRACT, Subject.EITHER}
    about_party = event.subject in {Subject.PARTY, Subject.EITHER}
    if draft.contract is not None and not about_contract:
        raise MalformedDraft(f"a {draft.type} names a contract", expected="no contract: it stands under none")
    if draft.party is not None and not about_party:
        raise MalformedDraft(
            f"a {draft.type} names a party", expected="no party: it is about its signer or contract"
        )
    if draft.party is not None and draft.contract is not None:
        raise MalformedDraft(
            f"a {draft.type} names a contract and a party", expected="the one its target stands under"
        )
    if draft.contract is not None:
        return _contract(resolve(draft.contract, "contract"))
    if event.subject is Subject.CONTRACT:
        raise MalformedDraft(
            f"a {draft.type} names no contract", expected="contract: the id of the framework.signed"
        )
    return iss if draft.party is None else parse_did_key(resolve(draft.party, "party")).did


def _contract(contract: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", contract, re.ASCII):
        raise MalformedDraft(
            f"contract {contract[:80]!r} is not an id",
            expected="all 64 hexadecimal digits, or @FILE",
            hint="`tally trace` lists contracts with their ids",
        )
    return contract


def _read_event(
    payload: Mapping[str, Any], drafted: Mapping[str, Any], openings: tuple[Opening, ...]
) -> Event:
    """The event, checked with its commitments and, where there are any, with the values in clear."""
    if not openings:
        return read_event(payload)
    try:
        event = read_event(payload)
    except MalformedEvent as error:
        error.hint = "a value can be confidential only where the event takes a commitment (specs/events.md)"
        raise
    check_hidden(payload, drafted, openings)
    return event


def _read_json(data: bytes) -> Any:
    try:
        return decode_payload(data)
    except MalformedPayload as error:
        found = "it holds a confidential value and is not quoted" if _MARK in data else error.found
        raise MalformedDraft(f"the draft is not strict JSON: {found}", expected=error.expected) from error


class _Loader(yaml.SafeLoader):
    """YAML as JSON means it: texts, whole numbers, true, false, null; dates and decimals stay text."""

    def __init__(self, stream: bytes) -> None:
        super().__init__(stream)
        self.yaml_implicit_resolvers = _RESOLVERS

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise MalformedDraft(f"{name!r} stands twice in one object")
        return super().construct_mapping(node, deep)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise MalformedDraft("the draft uses a YAML alias (*)", expected="every value written out")
        return super().compose_node(parent, index)


_RESOLVERS: Final[dict[Any, Any]] = {
    first: [(f"tag:yaml.org,2002:{tag}", re.compile(pattern, re.ASCII))]
    for tag, pattern, starts in (
        ("int", r"^(?:0|-?[1-9][0-9]*)$", "-0123456789"),
        ("bool", r"^(?:true|false)$", "tf"),
        ("null", r"^(?:null|~|)$", ["~", "n", ""]),
    )
    for first in starts
}

_WORDS: Final = {dict: "mapping", str: "text"}


def _read_yaml(data: bytes) -> Any:
    try:
        return yaml.load(data, Loader=_Loader)  # noqa: S506  # a SafeLoader, narrowed
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        place = getattr(error, "problem_mark", None)
        line = f" at line {place.line + 1}" if place else ""
        found = "it holds a confidential value and is not quoted" if _MARK in data else str(error)[:300]
        raise MalformedDraft(f"the draft is not readable YAML{line}: {found}") from error
