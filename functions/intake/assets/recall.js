const RECALLED_FOR = 600_000; // milliseconds
const MOST_STEPS = 50; // that a history has: then it grows no longer

/**
 * The reference told last in this tab, for a page that is loaded once more where the history is
 * another site's: nobody should send a request again only to see it. Where the browser keeps
 * nothing, it is gone.
 */
export function openRecall(place) {
  const name = `oh-my-lot reference ${place}`;
  const drop = () => quietly(() => sessionStorage.removeItem(name));
  return {
    drop,
    put(reference) {
      const told = { reference, at: Date.now(), steps: history.length };
      quietly(() => sessionStorage.setItem(name, JSON.stringify(told)));
    },
    /** `{reference, at}`; null for whoever comes anew. */
    get() {
      const told = quietly(() => JSON.parse(sessionStorage.getItem(name)));
      if (told && isTold(told) && loadedAgain(told)) return told;
      drop();
      return null;
    },
  };
}

/** Whether the page was loaded in one of these ways: navigate, reload, back_forward. */
export function loadedBy(...ways) {
  const [loaded] = performance.getEntriesByType("navigation");
  return Boolean(loaded) && ways.includes(loaded.type);
}

const isTold = ({ reference, at }) => /^[0-9A-Z-]{13}$/.test(reference) && at > 0;

function loadedAgain({ at, steps }) {
  if (loadedBy("reload", "back_forward")) return true;
  // A frame is not told that the page around it was loaded once more; but the history that they
  // share has no new step then.
  const same = steps === history.length && steps < MOST_STEPS;
  return parent !== window && same && Date.now() - at < RECALLED_FOR;
}

function quietly(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
