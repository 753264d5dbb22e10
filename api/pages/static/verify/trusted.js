// Which keys of logs the reader trusts, kept in this browser by the log's origin, and only where the reader said so.

const PREFIX = "tally.key ";

/** The key lines kept. None where the browser keeps nothing. */
export function known() {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(PREFIX))
      .sort()
      .map((name) => localStorage.getItem(name));
  } catch {
    return [];
  }
}

export function remember({ name }, line) {
  try {
    localStorage.setItem(PREFIX + name, line);
  } catch {
    // Nothing is kept in a private window: the key serves until the page is left.
  }
}

export function forgetAll() {
  for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
}
