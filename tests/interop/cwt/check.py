"""Verify a statement with `cwt`, which shares no code with the ledger: `check.py STATEMENT COSE_KEY`.

Both files hold CBOR. Prints the payload's bytes if the signature is right; exit status 1 and the reason if not.
"""

import sys
from pathlib import Path

import cbor2
from cwt import COSE, CWTError
from cwt.cose_key import COSEKey

ALG, KID = 1, 4
KEY_ALG = 3


def main(statement: Path, cose_key: Path) -> int:
    data = statement.read_bytes()
    protected = cbor2.loads(cbor2.loads(data).value[0])
    # cwt wants the algorithm named in the key, and then refuses a message whose header names another.
    key = COSEKey.new({**cbor2.loads(cose_key.read_bytes()), KEY_ALG: protected[ALG]})
    try:
        payload = COSE.new(verify_kid=True).decode(data, key)
    except (CWTError, ValueError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(payload)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
