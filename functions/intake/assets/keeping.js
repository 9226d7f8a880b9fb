/** @import {Field} from "./answers.js" */
import { isFields } from "./answers.js";

export const KEY = "idempotency_key"; // the field that holds it
export const KEPT_FOR = 7 * 24 * 3600_000; // milliseconds

/**
 * A submission that could not be sent: when it was first tried, in milliseconds, and whether the
 * server found fault with it.
 *
 * @typedef {{fields: Field[], since: number, refused: boolean}} Entry
 */

/** @typedef {ReturnType<typeof openKeeping>} Keeping */

/**
 * The submissions that could not be sent, in this browser, one for each idempotency key: a tablet
 * at a fair may hold those of several people. Where the browser keeps nothing, they last as long as
 * the page.
 *
 * @param {string} base the function's address
 */
export function openKeeping(base) {
  const { store, lasting } = openStore();
  const ours = "$SLUG ";
  const prefix = `${ours}${base} `;

  /** @type {(name: string) => Entry | null} */
  const read = (name) => {
    try {
      const entry = JSON.parse(store.getItem(name) || "");
      return isEntry(entry) && name.endsWith(` ${keyOf(entry.fields)}`) ? entry : null;
    } catch {
      return null;
    }
  };
  /** @type {(name: string, entry: Entry) => boolean} */
  const write = (name, entry) => {
    try {
      store.setItem(name, JSON.stringify(entry));
      return true;
    } catch {
      return false;
    }
  };
  /** @param {string} start */
  const names = (start) => Object.keys(store).filter((name) => name.startsWith(start));

  return {
    lasting,
    /** @returns {Entry[]} */
    all: () =>
      names(prefix)
        .flatMap((name) => read(name) || [])
        .sort((earlier, later) => earlier.since - later.since),
    /** @param {string} key */
    get: (key) => read(prefix + key),
    /** @param {string} key */
    drop: (key) => store.removeItem(prefix + key),
    /**
     * Keep an entry; false where the browser has no room for it.
     *
     * @param {Entry} entry
     */
    put: (entry) => write(prefix + keyOf(entry.fields), entry),
    /**
     * Drop what is too old or unreadable, also where the form has had another address; gives how
     * many were too old.
     *
     * @param {number} now milliseconds
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

/**
 * Whether it is one. May throw where it is none.
 *
 * @param {any} entry
 * @returns {entry is Entry}
 */
function isEntry(entry) {
  const { fields, since } = entry;
  return Number.isFinite(since) && since > 0 && isFields(fields);
}

/** @type {(fields: Field[]) => string} */
export const keyOf = (fields) =>
  (fields.find(([name]) => name === KEY) || [])[1] || "";

/** A key that nobody else has, as the server would draw it. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0")).join("");

/**
 * Whose request it is, in as few words as tell people apart who wait beside each other: « Ana D. ».
 *
 * @type {(fields: Field[]) => string}
 */
export function whose(fields) {
  const [first, last] = ["first_name", "last_name"].map((wanted) =>
    (fields.find(([name]) => name === wanted) || ["", ""])[1].trim());
  return first && last ? `${first} ${[...last][0]}.` : first || last;
}

/** @returns {{store: Storage, lasting: boolean}} */
function openStore() {
  try {
    localStorage.setItem("$SLUG", "");
    localStorage.removeItem("$SLUG");
    return { store: localStorage, lasting: true };
  } catch {
    /** @type {Record<string, any>} */
    const kept = Object.create({
      getItem(/** @type {string} */ name) { return kept[name]; },
      setItem(/** @type {string} */ name, /** @type {string} */ value) { kept[name] = value; },
      removeItem(/** @type {string} */ name) { delete kept[name]; },
    });
    return { store: /** @type {Storage} */ (kept), lasting: false };
  }
}
