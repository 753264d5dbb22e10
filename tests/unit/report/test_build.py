"""What a report says of a contract, figure by figure."""

from datetime import date
from decimal import Decimal

from ledger.report.model import Figures
from tests.unit.report.conftest import report_on, told


def test_a_line_adds_up_from_the_order_to_what_is_open(report):
    [row] = report.lines
    assert (row.line, row.ceiling, row.price) == ("1", Decimal(1000), "INR 55")
    assert row.figures == Figures(
        unit="H87",
        ordered=Decimal(1000),
        allotted=Decimal(1000),
        made=Decimal(1000),
        signed_off=Decimal(1000),
        dispatched=Decimal(1000),
        received=Decimal(960),
        damaged=Decimal(0),
        accepted=Decimal(302),
        rejected=Decimal(8),
        paid=Decimal(302),
        open=Decimal(40),
    )


def test_makers_add_up_to_the_line_and_a_hub_to_its_makers(report):
    [line], [hub] = report.lines, report.hubs
    for name in ("ordered", "made", "signed_off", "dispatched", "received", "accepted", "rejected"):
        assert sum(getattr(row.figures, name) for row in report.makers) == getattr(line.figures, name)
    below = [row for row in report.makers if row.via.startswith("Hub")]
    assert (hub.makers, hub.lots) == (2, 2)
    assert hub.figures.received == sum(row.figures.received for row in below) == 560
    assert hub.figures.paid == sum(row.figures.paid for row in report.makers) == line.figures.paid == 302


def test_a_name_is_short_where_it_tells_a_party_apart():
    assert {row.name for row in report_on(told(maker="Cyrus").at()).makers} == {"Asha", "Bo", "Cyrus"}
    twins = sorted(row.name for row in report_on(told(maker="Asha").at()).makers)
    assert [name.split(" (")[0] for name in twins] == ["Asha", "Asha", "Bo"]
    assert twins[0].startswith("Asha (…")
    assert twins[0] != twins[1]


def test_a_report_says_how_to_make_it_again(report):
    assert report.again == (
        f"tally audit --at 40 --as-of 2026-06-10T12:00:00+05:30 --contract {report.contract[:12]} --report again.html"
    )


def test_money_is_summed_where_all_of_it_is_in_the_clear(report):
    assert [(what, str(money)) for what, money in report.worth] == [
        ("Ordered", "INR 55,000"),
        ("Accepted", "INR 16,610"),
        ("Paid", "INR 16,610"),
    ]


def test_promises_stand_by_day_with_what_became_of_them(report):
    assert [(row.day, row.state) for row in report.promises] == [
        (date(2026, 5, 1), "accepted"),
        (date(2026, 5, 4), "accepted, due 2026-06-01"),
    ]
    assert report.last_day == date(2027, 6, 30)


def test_findings_keep_their_order_worst_first(report):
    assert [row.severity for row in report.findings] == sorted(
        (row.severity for row in report.findings), key=["critical", "warning", "note"].index
    )
    assert {row.label[:3] for row in report.findings} >= {"F05", "F11", "F13", "F26"}


def test_progress_rises_to_the_totals(report):
    [charts] = report.charts
    ends = {series.name: series.points[-1][1] for series in charts.progress}
    assert ends == {"ordered": 1000, "signed off": 1000, "dispatched": 1000, "received": 960, "accepted": 302}
    assert charts.lead_times == (0, 0, 18)
    assert [bar.value for bar in charts.shares] == [400, 350, 250]


def test_what_flows_into_a_node_is_what_it_holds(report):
    [charts] = report.charts
    held = {node.key: node.quantity for node in charts.nodes}
    for node in charts.nodes:
        into = [edge.quantity for edge in charts.edges if edge.target == node.key]
        assert not into or sum(into) == node.quantity, node
        out = [edge.quantity for edge in charts.edges if edge.source == node.key]
        assert sum(out) <= held[node.key]
    assert [node.stage for node in charts.nodes].count("maker") == 3


def test_a_contract_nobody_has_accepted_gives_a_report_too():
    world = told()
    world.framework(500, accept=False)
    report = report_on(world.at())
    assert report.state == "not accepted yet"
    assert report.makers == report.hubs == report.promises == ()
    assert report.charts[0].nodes == ()
