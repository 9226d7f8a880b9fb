export const KEPT_FOR = 7 * 24 * 3600_000; // milliseconds

/**
 * The submissions that could not be sent, in this browser, one for each idempotency key: a tablet
 * at a fair may hold those of several people. Each is `{fields, since, refused}`, where `fields`
 * are name and value pairs. Where the browser keeps nothing, they last as long as the page.
 */
export function openKeeping(base) {
  const { store, lasting } = openStore();
  const ours = "oh-my-lot ";
  const prefix = `${ours}${base} `;

  const read = (name) => {
    try {
      const entry = JSON.parse(store.getItem(name));
      return isEntry(entry) && name.endsWith(` ${keyOf(entry.fields)}`) ? entry : null;
    } catch {
      return null;
    }
  };
  const write = (name, entry) => {
    try {
      store.setItem(name, JSON.stringify(entry));
      return true;
    } catch {
      return false;
    }
  };
  const names = (start) => Object.keys(store).filter((name) => name.startsWith(start));

  return {
    lasting,
    all: () =>
      names(prefix).map(read).filter(Boolean).sort((one, other) => one.since - other.since),
    get: (key) => read(prefix + key),
    drop: (key) => store.removeItem(prefix + key),
    /** Keep an entry; false where the browser has no room for it. */
    put: (entry) => write(prefix + keyOf(entry.fields), entry),
    /**
     * Drop what is too old or unreadable, also where the form has had another address; gives how
     * many were too old.
     */
    expire(now) {
      let old = 0;
      for (const name of names(ours)) {
        const entry = read(name);
        if (entry && now - entry.since < KEPT_FOR) {
          // A clock that was wrong must not make it last for years.
          if (entry.since > now) write(name, { ...entry, since: now });
          continue;
        }
        store.removeItem(name);
        old += entry ? 1 : 0;
      }
      return old;
    },
  };
}

/** Whether it is one: a site's other scripts may write here, too. */
function isEntry({ fields, since }) {
  const isPair = (one) => one.length === 2 && one.every((part) => typeof part === "string");
  return Number.isFinite(since) && since > 0 && fields.every(isPair);
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
