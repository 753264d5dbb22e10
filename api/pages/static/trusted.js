// Which key of a log its reader trusts: chosen once, kept in this browser, by the log's origin.

const name = (origin) => `tally.key ${origin}`;

/** The key line kept for a log, or null; also where the browser keeps nothing. */
export function recall(origin) {
  try {
    return localStorage.getItem(name(origin));
  } catch {
    return null;
  }
}

export function remember(origin, line) {
  try {
    localStorage.setItem(name(origin), line);
  } catch {
    // Nothing is kept in a private window: the key serves until the page is left.
  }
}
