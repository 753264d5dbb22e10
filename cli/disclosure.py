"""`tally disclose`, `open`, `erase`: confidential values shown to those entitled, and taken out of the world."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from cli.common import (
    LOG_FOLDER,
    JsonOption,
    KeysOption,
    LogOption,
    PassphraseOption,
    id_in_file,
    key_store,
    opening_store,
    read_file,
    read_key,
    read_party,
    read_vkey,
    refuse_existing,
    resolve_id,
    unlock,
    write_new,
)
from cli.output import one_line, print_json, say
from cli.render.evidence import finding_as_json, show_findings
from ledger.audit.verify import verify_bundle
from ledger.errors import ContentsErased, TallyError, error_as_json, status_of
from ledger.exchange.disclosure import Checked, Disclosure, check_disclosure, open_disclosure, seal_disclosure
from ledger.limits import BUNDLE_BYTES, DISCLOSURE_BYTES, STATEMENT_BYTES
from ledger.log.folder import LogFolder
from ledger.log.reader import LogReader
from ledger.openings import OpeningStore, choose
from ledger.statement.commitment import Opening, check_opening
from ledger.statement.envelope import KeyResolver, Statement, open_statement, read_statement
from ledger.units import StatementId

FieldOption = Annotated[
    list[str] | None,
    typer.Option("--field", help="Only this field, as /body/lines/0/price; repeatable. [default: all]"),
]


def disclose(
    which: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Statements: ids in the log, or @FILE for files.")
    ],
    *,
    to: Annotated[
        list[str],
        typer.Option(
            "--to", help="Which key may open it: a did:key (of a party, its first), or key:NAME; repeatable."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    field: FieldOption = None,
    sender: Annotated[
        str | None, typer.Option("--from", help="Whom the file says it is from; not signed, and not needed.")
    ] = None,
    log: LogOption = LOG_FOLDER,
    keys: KeysOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put what opens confidential values into a file that only the parties named can open."""
    store, kept = key_store(keys), opening_store(keys)
    statements = [_statement(given, log, store.resolve) for given in which]
    openings = {one.id: _openings_of(one, kept, field) for one in statements}
    disclosure = Disclosure(
        sender=read_party(store, sender) if sender else None,
        recipients=tuple(dict.fromkeys(read_key(store, one) for one in to)),
        openings=openings,
    )
    write_new(out, seal_disclosure(disclosure))
    if as_json:
        fields = {statement: [one.pointer for one in inside] for statement, inside in openings.items()}
        print_json({"file": str(out), "to": list(disclosure.recipients), "statements": fields})
    else:
        values = sum(map(len, openings.values()))
        say(
            f"{values} values of {len(openings)} statements for {len(disclosure.recipients)} parties in {out}"
        )
        say(f"each of them opens it with: tally open {out} --key NAME")


def open(
    file: Annotated[Path, typer.Argument(help="A disclosure, made by `tally disclose`.")],
    *,
    key: Annotated[str, typer.Option("--key", "-k", help="Your key that it is sealed to.")],
    statement: Annotated[
        list[Path] | None, typer.Option(help="A file with a statement it opens values of; repeatable.")
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="A bundle with the statements.")] = None,
    log_key: Annotated[
        str | None,
        typer.Option("--log-key", help="For the bundle: the log's verifier key, or a file with it."),
    ] = None,
    log: LogOption = LOG_FOLDER,
    keys: KeysOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open a disclosure: each value is compared with the statement it belongs to, and shown if it is the one."""
    store = key_store(keys)
    statements = _verified(statement or [], bundle, log_key, store.resolve)
    signer = unlock(store, store.find(key), passphrase_file)
    disclosure = open_disclosure(read_file(file, DISCLOSURE_BYTES), signer)
    statements |= _in_log(log, disclosure.openings.keys() - statements.keys())
    checked = check_disclosure(disclosure, statements)
    if as_json:
        print_json(_opened_as_json(disclosure, checked))
    else:
        _show_opened(disclosure, checked, statements)
    if refused := [one.refused for one in checked if one.refused]:
        raise typer.Exit(max(status_of(error).exit for error in refused))


def erase(
    which: Annotated[
        str, typer.Argument(metavar="ID", help="A statement's id, the beginning of it, or @FILE.")
    ],
    *,
    ground: Annotated[str, typer.Option(help="Why, in words that may stay in the log for ever.")],
    field: FieldOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The draft to write. [default: erasure-ID.yaml]")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Destroy without asking.")] = False,
    log: LogOption = LOG_FOLDER,
    keys: KeysOption = None,
    as_json: JsonOption = False,
) -> None:
    """Destroy what opens confidential values, here and for good; writes a draft of the statement that says so.

    No hash changes and no proof is lost. Copies in backups and in other people's hands are not reached.
    """
    kept = opening_store(keys)
    statement = id_in_file(which[1:]) if which.startswith("@") else kept.find(which)
    subject = _subject(which, statement, log)
    path = out or Path(f"erasure-{statement[:12]}.yaml")
    refuse_existing(path)
    there = kept.read(statement)
    _confirm(choose(there, field or [one.pointer for one in there], statement), statement, yes=yes)
    gone = kept.destroy(statement, field)
    if not as_json:
        say(f"destroyed: what opened {len(gone)} commitments of statement {statement}")
        for opening in gone:
            say(f"  {opening.digest}  {opening.pointer}")
    write_new(path, _erasure_draft(statement, subject, gone, ground))
    if as_json:
        destroyed = [{"field": one.pointer, "commitment": one.digest} for one in gone]
        print_json({"statement": statement, "destroyed": destroyed, "draft": str(path)})
    else:
        complete = "" if subject else "; write under which contract or party it stands into it"
        say(f"a draft of the statement that says so is in {path}{complete}; sign it with: tally sign {path}")


def _statement(given: str, log: Path, resolve: KeyResolver) -> Statement:
    if given.startswith("@"):
        return open_statement(read_file(Path(given[1:]), STATEMENT_BYTES), resolve)
    with LogReader.open(log) as reader:
        return _registered(reader, resolve_id(reader, given))


def _registered(reader: LogReader, statement: StatementId) -> Statement:
    index = reader.store.index_of(statement)
    assert index is not None, "it was found in this log"
    return read_statement(reader.statement(index))


def _openings_of(statement: Statement, kept: OpeningStore, fields: list[str] | None) -> tuple[Opening, ...]:
    """What is kept for a statement, none of it handed out that does not fit."""
    there = kept.read(statement.id)
    chosen = choose(there, fields, statement.id) if fields else there
    for opening in chosen:
        check_opening(statement, opening)
    return chosen


def _verified(
    files: Iterable[Path], bundle: Path | None, log_key: str | None, resolve: KeyResolver
) -> dict[StatementId, Statement]:
    """The statements somebody brought, their signatures checked."""
    brought = [open_statement(read_file(path, STATEMENT_BYTES), resolve) for path in files]
    if bundle is not None:
        if log_key is None:
            raise typer.BadParameter("a bundle is verified with the log's key: give --log-key")
        verified = verify_bundle(read_file(bundle, BUNDLE_BYTES), read_vkey(log_key))
        brought += [one.statement for one in verified.statements]
    return {one.id: one for one in brought}


def _in_log(log: Path, wanted: Collection[StatementId]) -> dict[StatementId, Statement]:
    """Those of the statements that a log holds, where there is a log. What was erased there is not at hand."""
    held: dict[StatementId, Statement] = {}
    if not wanted or not LogFolder(log).database.exists():
        return held
    with LogReader.open(log) as reader:
        for one in reader.store.indices_of(list(wanted)):
            with suppress(ContentsErased):
                held[one] = _registered(reader, one)
    return held


def _opened_as_json(disclosure: Disclosure, checked: list[Checked]) -> dict[str, Any]:
    return {
        "from": disclosure.sender,
        "to": list(disclosure.recipients),
        "values": [
            {"statement": one.statement, "field": one.pointer, "verified": one.refused is None}
            | ({"error": error_as_json(one.refused)} if one.refused else {"value": one.value})
            | ({"finding": finding_as_json(one.finding)} if one.finding else {})
            for one in checked
        ],
    }


def _show_opened(
    disclosure: Disclosure, checked: list[Checked], statements: dict[StatementId, Statement]
) -> None:
    say(f"from {disclosure.sender or 'somebody it does not name'} (not signed)")
    say(f"to {', '.join(disclosure.recipients)}")
    shown = None
    for one in checked:
        if one.statement != shown:
            shown = one.statement
            at_hand = statements.get(shown)
            say(f"statement {shown}" + (f": {at_hand.type} by {at_hand.iss}" if at_hand else ""))
        if one.refused is None:
            say(f"  VERIFIED      {one_line(one.pointer)[1:-1]}: {one_line(one.value)}")
        else:
            say(f"  NOT VERIFIED  {one_line(one.pointer)[1:-1]}")
            for line in one.refused.diagnostics().splitlines():
                say(f"                {line}")
    if findings := [one.finding for one in checked if one.finding]:
        show_findings(findings)


def _confirm(doomed: Collection[Opening], statement: StatementId, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise TallyError("nothing was destroyed: there is no terminal to ask on", hint="give --yes")
    fields = ", ".join(one.pointer for one in doomed)
    typer.confirm(f"Destroy what opens {fields} of statement {statement}, for good?", abort=True, err=True)


def _subject(which: str, statement: StatementId, log: Path) -> dict[str, str]:
    """The draft's `contract` or `party`: what the statement stands under, if it is in the file or the log."""
    if which.startswith("@"):
        at_hand: Statement | None = read_statement(read_file(Path(which[1:]), STATEMENT_BYTES))
    else:
        at_hand = _in_log(log, [statement]).get(statement)
    if at_hand is None:
        return {}
    if at_hand.type == "framework.signed":
        return {"contract": at_hand.id}
    return {"party" if at_hand.sub.startswith("did:") else "contract": at_hand.sub}


def _erasure_draft(
    statement: StatementId, subject: dict[str, str], gone: Iterable[Opening], ground: str
) -> bytes:
    draft = {
        "type": "erasure.recorded",
        **subject,
        "refs": {"target": statement},
        "body": {"commitments": [one.digest for one in gone], "contents": False, "ground": ground},
    }
    return yaml.safe_dump(draft, sort_keys=False, allow_unicode=True, width=1_000).encode()
