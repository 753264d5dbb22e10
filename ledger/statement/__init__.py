"""Signed bytes: what a statement is, and who signed it (specs/statement.md).

From the ground up: `cbor` (one encoding for each value), `cose` (the envelope), `keys` and `signer` (public and
private keys), `pkcs8` and `der` (key files), `payload` (the JSON inside), `envelope` (the statement), `commitment`
(confidential values in it). Pure: no file, no clock, no network; the only randomness is in making keys and salts, and
in encrypting.
"""
