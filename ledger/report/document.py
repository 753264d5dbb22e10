"""A report as one JSON document: the model's members by their names, decimals and days as text."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ledger.report.model import Report
from ledger.units import format_decimal


def render_json(report: Report) -> bytes:
    """The file's bytes."""
    return (json.dumps(_plain(report), indent=2, ensure_ascii=False) + "\n").encode()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return format_decimal(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value
