export const KEPT_FOR = 7 * 24 * 3600_000; // milliseconds

/**
 * The submissions that could not be sent, in this browser, one for each idempotency key: a tablet
 * at a fair may hold those of several people. Each is `{fields, since, refused}`, where `fields`
 * are name and value pairs. Where the browser keeps nothing, they last as long as the page.
 */
export function openKeeping(base) {
  const { store, lasting } = openStore();
  const prefix = `oh-my-lot ${base} `;

  const read = (name) => {
    try {
      const entry = JSON.parse(store.getItem(name));
      return Array.isArray(entry.fields) && entry.since > 0 ? entry : null;
    } catch {
      return null;
    }
  };
  const names = () => Object.keys(store).filter((name) => name.startsWith(prefix));

  return {
    lasting,
    all: () =>
      names().map(read).filter(Boolean).sort((one, other) => one.since - other.since),
    get: (key) => read(prefix + key),
    drop: (key) => store.removeItem(prefix + key),
    /** Keep an entry; false where the browser has no room for it. */
    put(entry) {
      try {
        store.setItem(prefix + keyOf(entry.fields), JSON.stringify(entry));
        return true;
      } catch {
        return false;
      }
    },
    /** Drop what is too old or unreadable; gives how many were too old. */
    expire(now) {
      let old = 0;
      for (const name of names()) {
        const entry = read(name);
        if (entry && now - entry.since < KEPT_FOR) continue;
        store.removeItem(name);
        old += entry ? 1 : 0;
      }
      return old;
    },
  };
}

export const keyOf = (fields) => (fields.find(([name]) => name === "idempotency_key") || [])[1];

function openStore() {
  try {
    localStorage.setItem("oh-my-lot", "");
    localStorage.removeItem("oh-my-lot");
    return { store: localStorage, lasting: true };
  } catch {
    const store = Object.create({
      getItem(name) { return this[name]; },
      setItem(name, value) { this[name] = value; },
      removeItem(name) { delete this[name]; },
    });
    return { store, lasting: false };
  }
}
