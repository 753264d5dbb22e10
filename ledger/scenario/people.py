"""Who takes part in Demo A: six hubs and forty-two makers, those who order, inspect, receive and pay, and two more.

    hub          places of making       12,000   5,000   1,700      pieces
    Pune                7                  2       2       3        39,100
    Mumbai              7                  2       2       3        39,100
    Delhi               8                  2       3       3        44,100
    Chennai             8                  1       3       4        33,800
    Kolkata             6                  -       2       4        16,800
    Hyderabad           6                  1       2       3        27,100
    together           42                  8      14      20       200,000

The towns and quarters exist; the people and firms do not. One maker of every hub signs with a P-256 key, as a
phone's security module keeps it; everyone else signs with Ed25519. Hubs and makers keep their phone numbers
confidential, and two sisters who work at home their name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from ledger.scenario.cast import Actor, actor, ed25519_key
from ledger.statement.signer import Ed25519Signer

SEED: Final = b"tallystick demo A: 200k by 42"

LARGE: Final = 12_000
MEDIUM: Final = 5_000
SMALL: Final = 1_700
"""What makers of the three sizes promise to make, in pieces."""


class MakerRow(NamedTuple):
    name: str
    locality: str
    pieces: int
    p256: bool = False
    private: bool = False


class HubRow(NamedTuple):
    code: str
    name: str
    region: str
    locality: str
    makers: tuple[MakerRow, ...]


HUBS: Final = (
    HubRow(
        "PUN",
        "Tamarind Court Makerspace",
        "IN-MH",
        "Pune",
        (
            MakerRow("Black Rock Sheet Works", "Bhosari", LARGE),
            MakerRow("Second Shift Plastics", "Chakan", LARGE),
            MakerRow("Marigold Lane Workshop", "Hadapsar", MEDIUM),
            MakerRow("Wagholi Evening School Press", "Wagholi", MEDIUM, p256=True),
            MakerRow("Kulkarni Sisters", "Kothrud", SMALL, private=True),
            MakerRow("Cantonment Tailors' Table", "Dehu Road", SMALL),
            MakerRow("Runway End Repair Shed", "Lohegaon", SMALL),
        ),
    ),
    HubRow(
        "MUM",
        "Salt Pan Workshop Collective",
        "IN-MH",
        "Mumbai",
        (
            MakerRow("Seven Bungalows Laser Shop", "Andheri", LARGE),
            MakerRow("Creekside Moulders", "Vasai", LARGE, p256=True),
            MakerRow("Thirteenth Compound Cutters", "Dharavi", MEDIUM),
            MakerRow("Platform Six Fabricators", "Kurla", MEDIUM),
            MakerRow("Lake Bund Print Room", "Thane", SMALL),
            MakerRow("Loom Street Women's Group", "Bhiwandi", SMALL),
            MakerRow("Last Local Garage", "Virar", SMALL),
        ),
    ),
    HubRow(
        "DEL",
        "Neem Gate Fabricators' Circle",
        "IN-DL",
        "Delhi",
        (
            MakerRow("Phase Two Die Cutters", "Okhla", LARGE),
            MakerRow("Canal Bank Plastics", "Narela", LARGE),
            MakerRow("Sector Four Panel Makers", "Bawana", MEDIUM),
            MakerRow("Scrap Market Re-Makers", "Mayapuri", MEDIUM),
            MakerRow("Steel Lane Workshop", "Wazirpur", MEDIUM, p256=True),
            MakerRow("Block C Hobby Room", "Rohini", SMALL),
            MakerRow("Old Cinema Makers", "Shahdara", SMALL),
            MakerRow("Mustard Field Shed", "Najafgarh", SMALL),
        ),
    ),
    HubRow(
        "CHE",
        "Palmyra Makers' Co-operative",
        "IN-TN",
        "Chennai",
        (
            MakerRow("Estate Road Thermoforming", "Ambattur", LARGE),
            MakerRow("Racecourse Tool Room", "Guindy", MEDIUM),
            MakerRow("Airstrip Colony Workshop", "Tambaram", MEDIUM, p256=True),
            MakerRow("Depot Gate Fabricators", "Avadi", MEDIUM),
            MakerRow("Backwater Print Farm", "Perungudi", SMALL),
            MakerRow("Harbour Net Menders", "Royapuram", SMALL),
            MakerRow("Jasmine Market Stitchers", "Poonamallee", SMALL),
            MakerRow("Lighthouse Self-Help Group", "Ennore", SMALL),
        ),
    ),
    HubRow(
        "KOL",
        "Three Ponds Makers' Union",
        "IN-WB",
        "Kolkata",
        (
            MakerRow("Foundry Lane Moulds", "Howrah", MEDIUM),
            MakerRow("Tram Depot Workshop", "Belgachia", MEDIUM),
            MakerRow("Mango Orchard Press", "Barasat", SMALL),
            MakerRow("Ferry Ghat Women's Group", "Canning", SMALL, p256=True),
            MakerRow("River Mouth Boat Builders", "Diamond Harbour", SMALL),
            MakerRow("Border Road Tailors", "Basirhat", SMALL),
        ),
    ),
    HubRow(
        "HYD",
        "Old Well Tool Library",
        "IN-TS",
        "Hyderabad",
        (
            MakerRow("Foundry Gate Vacuum Works", "Balanagar", LARGE),
            MakerRow("Stadium Road Sign Makers", "Uppal", MEDIUM),
            MakerRow("Tank Bund Plastics", "Jeedimetla", MEDIUM),
            MakerRow("Pearl Market Polishers", "Charminar", SMALL),
            MakerRow("Clock Tower Repair Room", "Secunderabad", SMALL),
            MakerRow("Guava Garden Makers", "Patancheru", SMALL, p256=True),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Maker:
    """A maker and its part of the order."""

    actor: Actor
    code: str
    """As its lots begin: `PUN-03`."""
    pieces: int
    """Pieces it is to make."""


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub and the makers it collects from."""

    actor: Actor
    code: str
    makers: tuple[Maker, ...]

    @property
    def pieces(self) -> int:
        """What its makers are to make together."""
        return sum(maker.pieces for maker in self.makers)


@dataclass(frozen=True, slots=True)
class Office:
    """Those who order, inspect, receive, decide and pay."""

    agency: Actor
    prime: Actor
    consignee: Actor
    quality: Actor
    """Decides for the agency what of a delivery is accepted."""
    payer: Actor
    inspectors: tuple[Actor, ...]

    def everyone(self) -> tuple[Actor, ...]:
        return (self.agency, self.prime, self.consignee, self.quality, self.payer, *self.inspectors)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everyone in Demo A. `stranger` is no party to the contract."""

    office: Office
    operator: Ed25519Signer
    hubs: tuple[Hub, ...]
    passed_over: Maker
    """The first choice for the last place at Hyderabad."""
    stranger: Actor
    wards: tuple[Actor, Actor]
    """Two hospitals that the consignee sends some on to."""

    @property
    def inspector(self) -> Actor:
        return self.office.inspectors[0]

    @property
    def delta_inspector(self) -> Actor:
        """Of the Kolkata branch, which has no network."""
        return self.office.inspectors[1]

    def hub(self, code: str) -> Hub:
        return next(hub for hub in self.hubs if hub.code == code)

    def maker(self, code: str) -> Maker:
        return next(maker for hub in self.hubs for maker in hub.makers if maker.code == code)


def office(seed: bytes, *inspectors: Actor) -> Office:
    """The same agency, federation and store for either story, with nothing signed yet."""
    return Office(
        agency=actor(seed, "Monsoon Relief Procurement Agency", "agency", "IN-DL", "New Delhi"),
        prime=actor(seed, "Federation of Small Makers", "prime", "IN-KA", "Bengaluru"),
        consignee=actor(seed, "State Medical Store 7", "consignee", "IN-MH", "Nagpur"),
        quality=actor(seed, "Monsoon Relief Quality Desk", "verifier", "IN-MH", "Nagpur"),
        payer=actor(seed, "Monsoon Relief Treasury", "agency", "IN-DL", "New Delhi"),
        inspectors=inspectors,
    )


def assemble() -> Cast:
    """Everyone of Demo A anew, with nothing signed yet."""
    plumb_line = _actor("Plumb Line Test House", "inspector", "IN-MH", "Nashik")
    delta = _actor("Delta Test House", "inspector", "IN-WB", "Kolkata")
    passed_over = MakerRow("Bamboo Flyover Shed", "Miyapur", SMALL)
    return Cast(
        office=office(SEED, plumb_line, delta),
        operator=ed25519_key(SEED, "log operator"),
        hubs=tuple(_hub(row) for row in HUBS),
        passed_over=Maker(_maker(passed_over, "IN-TS"), "HYD-06", SMALL),
        stranger=_actor("Quick Visor Trading", "maker", "IN-GJ", "Surat"),
        wards=(
            _actor("River Bend District Hospital", "consignee", "IN-MH", "Wardha"),
            _actor("Forest Edge Health Post", "consignee", "IN-MH", "Gadchiroli"),
        ),
    )


def _hub(row: HubRow) -> Hub:
    makers = tuple(
        Maker(_maker(maker, row.region), f"{row.code}-{number:02}", maker.pieces)
        for number, maker in enumerate(row.makers, 1)
    )
    return Hub(_actor(row.name, "hub", row.region, row.locality, phone=True), row.code, makers)


def _maker(row: MakerRow, region: str) -> Actor:
    return _actor(row.name, "maker", region, row.locality, p256=row.p256, phone=True, private=row.private)


_actor = partial(actor, SEED)
