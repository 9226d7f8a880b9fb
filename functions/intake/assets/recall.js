/** @import {Field} from "./answers.js" */
import { isFields } from "./answers.js";

const RECALLED_FOR = 600_000; // milliseconds
const DRAFTED_FOR = 900_000; // since the last word: the next person at a tablet comes soon
const MOST_STEPS = 50; // that a history has: then it grows no longer

/** @typedef {{reference: string, at: number}} Recalled a reference, and when it was shown */

/**
 * The reference shown last in this tab, for a page that is loaded once more where the history is
 * another site's: nobody should send a request again only to see it.
 *
 * @param {string} place
 */
export function openRecall(place) {
  const { get, put, drop } = openMemory(`$SLUG reference ${place}`, readRecalled);
  return {
    get,
    drop,
    /** @param {string} reference */
    put: (reference) => put({ reference }),
  };
}

/** @typedef {ReturnType<typeof openDraft>} Draft */

/**
 * What is being written in this tab, for a page that is loaded once more. `isOf` tells whether it
 * belongs to the step in the history that the page stands at.
 *
 * @param {string} place
 * @param {(fields: Field[]) => boolean} [isOf]
 */
export function openDraft(place, isOf = () => true) {
  const { get, put, drop } = openMemory(`$SLUG draft ${place}`, readDraft);
  return {
    drop,
    /** @param {Field[]} fields */
    put: (fields) => put({ fields }),
    /** @returns {Field[] | null} */
    get() {
      const fields = get();
      return fields && isOf(fields) ? fields : null;
    },
  };
}

/**
 * One thing that this tab remembers until the page is opened anew, which the next person does.
 * Where the browser keeps nothing, it is gone.
 *
 * @template Thing
 * @param {string} name
 * @param {(thing: any) => Thing | null} read makes sure of what another script may have written
 */
function openMemory(name, read) {
  const drop = () => quietly(() => sessionStorage.removeItem(name));
  return {
    drop,
    /** @param {object} thing */
    put(thing) {
      const kept = { ...thing, at: Date.now(), steps: history.length };
      quietly(() => sessionStorage.setItem(name, JSON.stringify(kept)));
    },
    /**
     * Null for whoever comes anew.
     *
     * @returns {Thing | null}
     */
    get() {
      const stored = quietly(() => JSON.parse(sessionStorage.getItem(name) || "null"));
      const thing = stored && loadedAgain(stored) ? quietly(() => read(stored)) : null;
      if (!thing) drop();
      return thing;
    },
  };
}

/**
 * Whether the page was loaded in one of these ways.
 *
 * @param {...NavigationTimingType} ways
 */
export function loadedBy(...ways) {
  const [loaded] = /** @type {PerformanceNavigationTiming[]} */ (
    performance.getEntriesByType("navigation")
  );
  return Boolean(loaded) && ways.includes(loaded.type);
}

/** @type {(thing: any) => Recalled | null} */
const readRecalled = ({ reference, at }) =>
  (/^[0-9A-Z-]{13}$/.test(reference) && at > 0 ? { reference, at } : null);

/** @type {(thing: any) => Field[] | null} */
const readDraft = ({ fields, at }) =>
  (isFields(fields) && Date.now() - at < DRAFTED_FOR ? fields : null);

/** @param {{at: number, steps: number}} thing */
function loadedAgain({ at, steps }) {
  if (loadedBy("reload", "back_forward")) return true;
  // A frame is not told that the page around it was loaded once more; but the history that they
  // share has no new step then.
  const same = steps === history.length && steps < MOST_STEPS;
  return parent !== window && same && Date.now() - at < RECALLED_FOR;
}

/**
 * @template T
 * @param {() => T} act
 * @returns {T | null}
 */
function quietly(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
