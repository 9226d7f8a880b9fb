const RECALLED_FOR = 600_000; // milliseconds
const MOST_STEPS = 50; // that a history has: then it grows no longer

/** @typedef {{reference: string, at: number}} Told a reference, and when it was told */

/**
 * The reference told last in this tab, for a page that is loaded once more where the history is
 * another site's: nobody should send a request again only to see it. Where the browser keeps
 * nothing, it is gone.
 *
 * @param {string} place
 */
export function openRecall(place) {
  const name = `$SLUG reference ${place}`;
  const drop = () => quietly(() => sessionStorage.removeItem(name));
  return {
    drop,
    /** @param {string} reference */
    put(reference) {
      const told = { reference, at: Date.now(), steps: history.length };
      quietly(() => sessionStorage.setItem(name, JSON.stringify(told)));
    },
    /**
     * Null for whoever comes anew.
     *
     * @returns {Told | null}
     */
    get() {
      const told = quietly(() => JSON.parse(sessionStorage.getItem(name) || "null"));
      if (told && isTold(told) && loadedAgain(told)) return told;
      drop();
      return null;
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

/** @type {(told: Told) => boolean} */
const isTold = ({ reference, at }) => /^[0-9A-Z-]{13}$/.test(reference) && at > 0;

/** @param {Told & {steps: number}} told */
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
