"""Write specs/schemas: one JSON Schema for each event type, made from the models."""

from pathlib import Path

from ledger.events.catalogue import schemas

FOLDER = Path(__file__).parents[1] / "specs" / "schemas"


def main() -> None:
    files = dict(schemas())
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.iterdir():
        if stale.name not in files:
            stale.unlink()
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    main()
