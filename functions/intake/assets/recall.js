/**
 * The confirmation shown last in this tab, for a page that is loaded once more where the history is
 * another site's: a reload must not make people send their request again. Nothing of what they
 * wrote is in it. Where the browser keeps nothing, it is gone.
 */
export function openRecall(place) {
  const name = `oh-my-lot confirmation ${place}`;
  const drop = () => quietly(() => sessionStorage.removeItem(name));
  return {
    drop,
    put(html) {
      quietly(() => sessionStorage.setItem(name, JSON.stringify({ html, steps: history.length })));
    },
    /** Its HTML; empty for whoever comes anew, who gets a form. */
    get() {
      const told = quietly(() => JSON.parse(sessionStorage.getItem(name)));
      if (told && loadedAgain(told.steps)) return told.html;
      drop();
      return "";
    },
  };
}

function loadedAgain(steps) {
  const [loaded] = performance.getEntriesByType("navigation");
  if (loaded && ["reload", "back_forward"].includes(loaded.type)) return true;
  // A frame is not told that the page around it was loaded once more; but the history that they
  // share has no new step then.
  return parent !== window && steps === history.length;
}

function quietly(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
