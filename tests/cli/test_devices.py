"""A maker's devices, by the commands: a tablet beside the phone, the phone lost, all lost, a tablet in other hands.

Every machine has keys of its own; files are carried between them, here in one folder. Only the office has the log.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.commands import Tally

TOUR = Path(__file__).parents[2] / "docs" / "tour"
ENROL = """
type: party.enrolled
body:
  kind: maker
  country: IN
  name: Asha Workshop
  recovery: {parties: [HUB, INES], needed: 2}
"""

CONFIDENTIAL = "type: party.enrolled\nbody: {kind: maker, country: IN, name: {confidential: Asha}}\n"

KEYS = {
    "office": ("log", "agency", "prime", "store"),
    "hub": ("hub",),
    "ines": ("ines",),
    "phone": ("phone",),
}
SIGNED_IN_THE_OFFICE = {
    "enrol-agency": "agency",
    "enrol-prime": "prime",
    "enrol-store": "store",
    "framework": "agency",
    "framework-accepted": "prime",
    "order": "agency",
    "order-accepted": "prime",
    "allocation": "prime",
}

Machine = Callable[[str], None]


class Devices(NamedTuple):
    maker: str
    """The maker's id: the key of its phone."""
    tablet: str
    """The key of its tablet."""


@pytest.fixture(scope="module")
def tally() -> Tally:
    return Tally()


@pytest.fixture(scope="module")
def enrolled(tally: Tally, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder, and a maker's id: enrolled on the phone with two recovery parties, and given pieces to make."""
    folder, parties = tmp_path_factory.mktemp("enrolled"), {}
    with pytest.MonkeyPatch.context() as patch:
        on = machines(folder, patch)
        for machine, names in KEYS.items():
            on(machine)
            parties |= {name: tally("key", "new", name)["party"] for name in names}
        on("phone")
        sign(tally, "enrol", "phone", ENROL.replace("HUB", parties["hub"]).replace("INES", parties["ines"]))
        for name in ("hub", "ines"):
            on(name)
            body = f"{{kind: hub, country: IN, name: {name}}}"
            sign(tally, f"enrol-{name}", name, f"type: party.enrolled\nbody: {body}\n")
        on("office")
        tally("init", "log.example/one", "--key", "log", "--agency", "agency")
        for name, key in SIGNED_IN_THE_OFFICE.items():
            sign(tally, name, key, (TOUR / f"{name}.yaml").read_text().replace("key:asha", parties["phone"]))
        on("phone")
        sign(tally, "allocation-accepted", "phone", (TOUR / "allocation-accepted.yaml").read_text())
        batch(tally, "AW-001", "phone")
    return folder, parties["phone"]


@pytest.fixture(scope="module")
def with_tablet(
    tally: Tally, enrolled: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Devices]:
    """The phone has added the tablet, a batch is signed with each, and all of it is in the log."""
    before, maker = enrolled
    folder = tmp_path_factory.mktemp("with-tablet")
    shutil.copytree(before, folder, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        on = machines(folder, patch)
        on("tablet")
        told = tally.says("key", "new", "tablet", "--for", maker)
        on("phone")
        signs(tally, commands_in(told)[0].replace("NAME", "phone"), "added")
        on("tablet")
        batch(tally, "AW-002", "tablet")
        key = tally("key", "export", "tablet")["key"]
        on("office")
        assert all(outcome["new"] for outcome in tally("submit", "signed"))
    return folder, Devices(maker, key)


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Go on at another machine."""
    return machines(tmp_path, monkeypatch)


@pytest.fixture
def maker(tmp_path: Path, enrolled: tuple[Path, str]) -> str:
    folder, maker = enrolled
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return maker


@pytest.fixture
def devices(tmp_path: Path, with_tablet: tuple[Path, Devices]) -> Devices:
    folder, devices = with_tablet
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return devices


@pytest.fixture
def lost(tally: Tally, on: Machine, devices: Devices) -> str:
    """The phone is gone, and the tablet has revoked it: by this statement."""
    on("tablet")
    signs(tally, f"key revoke {devices.maker} --with tablet --reason lost --remark 'On a train.'", "revoked")
    on("office")
    [revoked] = submitted(tally, "revoked")
    statement: str = revoked["id"]
    return statement


def machines(folder: Path, patch: pytest.MonkeyPatch) -> Machine:
    """What one machine has in its key store, the others have not; and only the office has the log."""
    for name in list(os.environ):
        if name.startswith("TALLY_"):
            patch.delenv(name)
    patch.setenv("TALLY_PASSPHRASE", "four words make one")
    patch.chdir(folder)

    def move(machine: str) -> None:
        patch.setenv("TALLY_KEYS", str(folder / machine))
        patch.setenv("TALLY_LOG", str(folder / ("log" if machine == "office" else "no-log-here")))

    return move


def sign(tally: Tally, name: str, key: str, draft: str) -> None:
    Path(f"{name}.yaml").write_text(draft)
    tally("sign", f"{name}.yaml", "--key", key, "-o", f"signed/{name}.cose")


def batch(tally: Tally, lot: str, key: str, occurred_at: str | None = None) -> None:
    draft = (TOUR / "batch.yaml").read_text().replace("AW-001", lot)
    sign(tally, lot, key, draft + (f"occurred_at: {occurred_at}\n" if occurred_at else ""))


def signs(tally: Tally, command: str, name: str) -> None:
    """Sign something on a key where the log is not at hand."""
    tally(*shlex.split(command), "--enrolled", "@signed/enrol.cose", "-o", f"signed/{name}.cose")


def submitted(tally: Tally, *names: str) -> Any:
    outcomes = tally("submit", *(f"signed/{name}.cose" for name in names))
    assert all(outcome["new"] for outcome in outcomes)
    return outcomes


def commands_in(told: str) -> list[str]:
    """What a person is told to type."""
    return [line.strip().removeprefix("tally ") for line in told.splitlines() if line.startswith("  tally ")]


def test_a_device_shows_whom_it_signs_for_and_with_which_key(
    tally: Tally, on: Machine, devices: Devices
) -> None:
    on("tablet")
    shown = tally("key", "show", "tablet")
    assert (shown["party"], shown["did"], shown["first"]) == (devices.maker, devices.tablet, False)
    told = tally.says("key", "list")
    assert devices.maker in told
    assert devices.tablet in told
    told = tally.says("sign", "AW-002.yaml", "--key", "tablet", "-o", "again.cose")
    assert f"tablet ({devices.maker}, with its key {devices.tablet}) signs batch.signed_off" in told
    on("phone")
    assert "its first" in tally.says("key", "list")


def test_both_devices_sign_as_one_maker(tally: Tally, on: Machine, devices: Devices) -> None:
    on("office")
    traced = tally("trace", "@signed/framework.cose")
    assert [one["party"] for one in traced["makers"]] == [devices.maker]
    tally("bundle", "@signed/AW-002.cose", "-o", "lot.bundle")
    on("nobody")
    assert tally("verify", "lot.bundle", "--log-key", "log/vkey")["verified"] is True


def test_what_a_lost_phone_has_signed_stays_and_nothing_new_of_it_is_taken(
    tally: Tally, on: Machine, lost: str
) -> None:
    on("office")
    [again] = tally("submit", "signed/AW-001.cose")
    assert again["new"] is False
    tally("bundle", "@signed/AW-001.cose", "-o", "lot.bundle")
    assert tally("verify", "lot.bundle", "--log-key", "log/vkey")["verified"] is True
    on("phone")
    batch(tally, "AW-003", "phone", occurred_at="2026-01-01T00:00:00+05:30")
    on("office")
    [outcome] = tally("submit", "signed/AW-003.cose", status=3)
    assert outcome["error"]["rule"] == "R22 key-valid"
    assert outcome["error"]["retriable"] is False
    told = tally.says("submit", "signed/AW-003.cose", status=3)
    assert "R22 key-valid" in told
    assert f"was revoked (lost) by {lost[:12]}, whatever time a statement claims" in told
    assert "'tablet'" in told, "what may sign instead"
    assert "F40" not in tally.says("audit")


def test_a_tablet_that_was_not_added_signs_nothing_yet(tally: Tally, on: Machine, maker: str) -> None:
    on("tablet")
    how = tally.says("key", "new", "tablet", "--for", maker)
    batch(tally, "AW-002", "tablet")
    on("office")
    tally("submit", "signed", status=1)
    told = tally.says("submit", "signed/AW-002.cose", status=1)
    assert f"was added for {maker}" in told
    assert "to do: submit the key.added first, or both together" in told
    on("phone")
    signs(tally, commands_in(how)[0].replace("NAME", "phone"), "added")
    on("office")
    submitted(tally, "AW-002", "added")


def test_two_recovery_parties_add_a_key_when_all_are_lost(
    tally: Tally, on: Machine, devices: Devices, lost: str
) -> None:
    on("new-phone")
    told = tally.says("key", "new", "new-phone", "--for", devices.maker)
    batch(tally, "AW-004", "new-phone")
    for name in ("hub", "ines"):
        on("office")
        [outcome] = tally("submit", "signed/AW-004.cose", status=1)
        assert outcome["error"]["code"] == "key-unknown"
        on(name)
        signs(tally, commands_in(told)[1].replace("NAME", name), f"added-by-{name}")
        on("office")
        submitted(tally, f"added-by-{name}")
    submitted(tally, "AW-004")
    tally("bundle", "@signed/AW-004.cose", "-o", "lot.bundle")
    assert tally("verify", "lot.bundle", "--log-key", "log/vkey")["verified"] is True


def test_a_party_is_shown_with_every_key_it_has_and_had(
    tally: Tally, on: Machine, devices: Devices, lost: str
) -> None:
    on("office")
    shown = tally("party", devices.maker[-8:])
    phone, tablet = shown["devices"]
    assert (phone["key"], phone["valid"], phone["reason"]) == (devices.maker, False, "lost")
    assert (phone["revoked"]["statement"], phone["revoked"]["with_device"]) == (lost, "tablet")
    assert (tablet["key"], tablet["device"], tablet["valid"]) == (devices.tablet, "tablet", True)
    assert (tablet["added"]["by"], tablet["added"]["with_device"]) == (devices.maker, "first key")
    assert (shown["recovery"]["needed"], shown["waiting"]) == (2, [])
    told = " ".join(tally.says("party", devices.maker).replace("│", " ").split())
    entry = phone["revoked"]["entry"]
    assert f"revoked (lost) since entry {entry}" in told
    assert "Recovery: 2 of hub (…" in told
    assert devices.maker in tally.says("party")
    assert {one["id"]: one["keys"] for one in tally("party")}[devices.maker] == 1


def test_what_one_of_two_recovery_parties_has_said_is_shown_until_the_other_has(
    tally: Tally, on: Machine, devices: Devices, lost: str
) -> None:
    on("hub")
    hub = tally("key", "show", "hub")["party"]
    for name in ("hub", "ines"):
        on(name)
        revoke = f"key revoke {devices.tablet} --party {devices.maker} --with {name} --reason compromised"
        signs(tally, revoke, f"revoked-by-{name}")
        on("office")
        submitted(tally, f"revoked-by-{name}")
        shown = tally("party", devices.maker)
        if name == "hub":
            [word] = shown["waiting"]
            assert (word["type"], word["key"], word["device"]) == ("key.revoked", devices.tablet, "tablet")
            assert (word["said"]["by"], word["have"], word["needed"]) == (hub, 1, 2)
            assert shown["devices"][1]["valid"] is True
            told = tally.says("party", devices.maker)
            assert f"the key of 'tablet', {devices.tablet}, is revoked (compromised): 1 of 2" in told
    assert shown["waiting"] == []
    assert shown["devices"][1]["valid"] is False
    assert shown["devices"][1]["revoked"]["agreed"] == [word["said"]["statement"]]


def test_a_party_that_is_not_there_is_told_how_to_be_named(
    tally: Tally, on: Machine, devices: Devices
) -> None:
    on("office")
    error = tally("party", "nobody", status=4)["error"]
    assert error["found"] == "'nobody' is no party of this log"
    assert error["hint"] == "`tally party` lists the parties"
    log = tally("key", "show", "log")["party"]
    assert "has not enrolled in log.example/one" in tally("party", log, status=4)["error"]["found"]


def test_an_audit_names_what_a_compromised_key_signed_after_the_last_good_statement(
    tally: Tally, on: Machine, devices: Devices
) -> None:
    on("tablet")
    batch(tally, "AW-005", "tablet")
    on("office")
    [doubtful] = submitted(tally, "AW-005")
    on("phone")
    signs(
        tally,
        f"key revoke {devices.tablet} --with phone --reason compromised --last-good @signed/AW-002.cose",
        "revoked",
    )
    on("office")
    [revoked] = submitted(tally, "revoked")
    [found] = [one for one in tally("audit")["findings"] if one["finding"].startswith("F40")]
    assert set(found["statements"]) == {doubtful["id"], revoked["id"]}
    assert "F40 key-compromised" in tally.says("audit")


def test_a_wrong_last_good_statement_is_named_before_anything_is_signed(
    tally: Tally, on: Machine, devices: Devices
) -> None:
    on("phone")
    revoke = ("key", "revoke", devices.tablet, "--with", "phone", "--enrolled", "@signed/enrol.cose")
    wrong = tally(*revoke, "--reason", "compromised", "--last-good", "3f9a", status=6)["error"]
    assert wrong["found"] == "--last-good '3f9a' is not a statement's id"
    assert wrong["expected"] == "all 64 hexadecimal digits, lower-case, or @FILE for the statement in a file"
    assert "without --last-good all of them are in doubt" in wrong["hint"]
    good = "@signed/AW-002.cose"
    unfit = tally(*revoke, "--reason", "lost", "--last-good", good, status=6)["error"]
    assert unfit["found"] == "--last-good is given for a key that is lost"
    assert unfit["expected"] == "it with --reason compromised alone"
    assert not list(Path().glob("key.revoked*"))


def test_with_the_log_at_hand_the_enrolment_is_looked_up_in_it(
    tally: Tally, on: Machine, devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    on("tablet")
    error = tally("key", "revoke", devices.maker, "--with", "tablet", "--reason", "lost", status=4)["error"]
    assert "--enrolled @FILE" in error["hint"]
    monkeypatch.setenv("TALLY_LOG", "log")
    tally("key", "revoke", devices.maker, "--with", "tablet", "--reason", "lost", "-o", "signed/revoked.cose")
    stranger = tally("key", "new", "stranger")["party"]
    told = tally.says("key", "revoke", stranger, "--with", "stranger", "--reason", "lost", status=4)
    assert f"{stranger} has not enrolled" in told
    on("office")
    submitted(tally, "revoked")


def test_a_key_made_for_another_party_is_not_added(tally: Tally, on: Machine, maker: str) -> None:
    """It would sign as the party it was made for, and everything it signs would be refused."""
    on("phone")
    tally("key", "new", "spare")
    error = tally("key", "add", "spare", "--with", "phone", "--enrolled", "@signed/enrol.cose", status=6)[
        "error"
    ]
    assert error["hint"] == f"make one with: tally key new NAME --for {maker}"
    assert not list(Path().glob("key.added*"))


def test_a_device_needs_a_label(tally: Tally, on: Machine, maker: str) -> None:
    on("phone")
    told = tally.says("key", "add", maker, "--with", "phone", "--enrolled", "@signed/enrol.cose", status=6)
    assert "--device" in told


def test_who_revokes_the_phone_by_name_where_only_the_tablet_is_revokes_nothing(
    tally: Tally, on: Machine, devices: Devices
) -> None:
    on("tablet")
    for given in ("phone", devices.maker[-8:]):
        told = tally.says(
            "key", "revoke", given, "--with", "tablet", "--reason", "lost", "--enrolled", "a", status=4
        )
        assert f"there is no key '{given}'" in told


def test_a_disclosure_for_a_device_is_opened_on_it(tally: Tally, on: Machine, devices: Devices) -> None:
    """And values that the device itself committed to are disclosed from its statement's file."""
    on("tablet")
    sign(tally, "secret", "tablet", CONFIDENTIAL)
    tally("disclose", "@signed/secret.cose", "--to", "key:tablet", "-o", "of.disclosure")
    opened = tally("open", "of.disclosure", "--key", "tablet", "--statement", "signed/secret.cose")
    assert (opened["to"], opened["values"][0]["value"]) == ([devices.tablet], "Asha")
