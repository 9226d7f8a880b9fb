/** @import {Entry} from "./keeping.js" */
/** @import {Sentences} from "./sentences.js" */
import { surely } from "./buttons.js";
import { element } from "./elements.js";
import { KEPT_FOR } from "./keeping.js";

/**
 * What is told of what is kept: `lasting` says whether it is kept for longer than the page lasts,
 * `wait` after how many milliseconds the server wants to be asked again, 0 where it said nothing.
 *
 * @typedef {{say: Sentences, lasting: boolean, wait: number}} About
 */

/**
 * What somebody does there: send an entry, while a button says what is going on, or erase it.
 * `replacing` tells whether to send it would replace what somebody writes.
 *
 * @typedef {object} Acts
 * @property {(button: HTMLElement, entry: Entry) => void} send
 * @property {(entry: Entry) => boolean} replacing
 * @property {(entry: Entry) => void} erase
 * @property {(text: string) => void} announce
 */

/**
 * The panel above a form, which tells what is kept and what else there is to know.
 *
 * @param {Acts} acts
 */
export function openPanel(acts) {
  const panel = element("div", { class: "kept", role: "status", tabindex: "-1" });
  let drawn = "";
  return {
    panel,
    /**
     * @param {string[]} notes
     * @param {Entry[]} entries
     * @param {About} about
     */
    draw(notes, entries, about) {
      const parts = [
        ...notes.map((note) => element("p", {}, note)),
        ...entries.map((entry) => drawEntry(entry, about, acts)),
      ];
      // A live region that is drawn anew is read out anew.
      const text = parts.map((part) => part.textContent).join("\n");
      if (text !== drawn) panel.replaceChildren(...parts);
      drawn = text;
    },
  };
}

/** @type {(entry: Entry, about: About, acts: Acts) => HTMLElement} */
function drawEntry(entry, { say, lasting, wait }, { send, replacing, erase, announce }) {
  const { since, refused } = entry;
  const day = say.moment(since);
  const why = wait ? say.crowded(wait / 1000) : say.offline;
  const kept = lasting ? say.kept(day, say.moment(since + KEPT_FOR)) : say.held(day);
  const sends = element("button", { type: "button" }, refused ? say.correct : say.sendNow);
  sends.addEventListener("click", () => {
    const act = () => send(sends, entry);
    if (replacing(entry)) surely(sends, say.replaceSurely, announce, act);
    else act();
  });
  const erases = element("button", { type: "button" }, say.erase);
  erases.addEventListener("click", () =>
    surely(erases, say.eraseSurely, announce, () => erase(entry)));
  return element("section", {},
    element("h2", {}, say.unsent),
    element("p", {}, refused ? say.refused(day) : `${why} ${kept}`),
    element("p", {}, sends, " ", erases));
}
