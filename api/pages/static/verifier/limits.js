// Every bound of the verifier, equal to ledger/limits.py; a test compares. A limit is checked before the work it bounds.

export const STATEMENT_BYTES = 16 * 1024;
export const COSE_BYTES = 64 * 1024;
export const CBOR_DEPTH = 16;
export const JSON_DEPTH = 16;
export const SHORT_TEXT_CHARS = 200;
export const REF_ROLES = 16;
export const REFS_PER_ROLE = 100;
export const TREE_SIZE_MAX = 2n ** 63n - 1n;
export const RECEIPT_BYTES = 4 * 1024;
export const NOTE_BYTES = 128 * 1024;
export const NOTE_SIGNATURES = 64;
export const BUNDLE_BYTES = 256 * 1024 * 1024;
export const BUNDLE_STATEMENTS = 200_000;
