"""Units as published to Rec 20 codes: exact names only."""

import pytest

from ledger.exchange.units import NAMES, PACKAGE_CODES, PACKAGE_WORDS, Reason, Unmapped, map_unit
from ledger.units import UNITS


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Unidad", "H87"),
        ("UNIDADES", "H87"),
        ("  metro   cuadrado ", "MTK"),
        ("Metro Cúbico", "MTQ"),
        ("m²", "MTK"),
        ("Mes", "MON"),
        ("DÍAS", "DAY"),
        ("Litre", "LTR"),
        ("each", "EA"),
        ("Par", "PR"),
        ("kg", "KGM"),
    ],
)
def test_a_name_maps_but_for_capitals_accents_and_white_space(name: str, code: str) -> None:
    assert map_unit(name, "", "") == code


@pytest.mark.parametrize(
    "name",
    ["Caja 10 ampollas", "Caja", "BOLSA", "Paquete x 50", "Frasco", "Box of 12", "pallet 80x120", "Resma"],
)
def test_a_package_is_recognised_and_never_counted(name: str) -> None:
    found = f"{name!r} is a package: count what is in it"
    assert map_unit(name, "", "") == Unmapped(Reason.PACKAGE, found)


@pytest.mark.parametrize(
    "name", ["Unidad/Mes", "Peso (COP)", "Full Rack / Mes", "Unidad de 3", "t", "m", "kit", "0"]
)
def test_what_may_be_several_things_is_not_mapped(name: str) -> None:
    mapped = map_unit(name, "", "")
    assert isinstance(mapped, Unmapped)
    assert mapped.reason is Reason.UNKNOWN_UNIT
    assert repr(name) in mapped.found


def test_every_unit_of_the_ledger_has_a_name_and_no_name_is_a_package() -> None:
    assert set(NAMES.values()) == set(UNITS)
    assert all(map_unit(name, "", "") == code for name, code in NAMES.items())
    assert not {name.split()[0] for name in NAMES} & PACKAGE_WORDS
    assert not set(UNITS) & PACKAGE_CODES


def test_no_name_stands_for_two_units() -> None:
    from ledger.exchange import units

    listed = [name for names in units._NAMES_BY_CODE.values() for name in names.split(", ")]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(
    ("name", "code", "scheme", "expected"),
    [
        ("", "KGM", "UNCEFACT", "KGM"),
        ("Kilogramo", "KGM", "UNCEFACT", "KGM"),
        ("Stück", "H87", "UNCEFACT", "H87"),
        ("Unidad", "x", "own codes", "H87"),
        ("", "", "UNCEFACT", Reason.NO_UNIT),
        ("", "", "", Reason.NO_UNIT),
        ("", "H87", "", Reason.UNKNOWN_UNIT),
        ("", "H87", "uncefact", Reason.UNKNOWN_UNIT),
        ("", "C62", "UNCEFACT", Reason.UNKNOWN_UNIT),
        ("Unidad", "C62", "UNCEFACT", Reason.UNKNOWN_UNIT),
        ("", "h87", "UNCEFACT", Reason.UNKNOWN_UNIT),
        ("pallet/unit load", "D97", "UNCEFACT", Reason.PACKAGE),
        ("Unidad", "BX", "UNCEFACT", Reason.PACKAGE),
        ("Caja", "H87", "UNCEFACT", Reason.UNITS_DISAGREE),
        ("Kilogramo", "H87", "UNCEFACT", Reason.UNITS_DISAGREE),
    ],
)
def test_a_code_speaks_for_its_scheme_alone_and_must_agree_with_the_name(
    name: str, code: str, scheme: str, expected: str
) -> None:
    mapped = map_unit(name, code, scheme)
    assert (mapped.reason if isinstance(mapped, Unmapped) else mapped) == expected
