/** @import {Entry} from "./keeping.js" */
/** @import {Sentences} from "./sentences.js" */
import { surely } from "./buttons.js";
import { element } from "./elements.js";
import { KEPT_FOR, whose } from "./keeping.js";

/**
 * What is told of what is kept: `lasting` says whether it is kept for longer than the page lasts,
 * `wait` after how many milliseconds the server wants to be asked again, 0 where it said nothing,
 * `restored` whether the form holds what was written before the page was loaded once more.
 *
 * @typedef {{say: Sentences, lasting: boolean, wait: number, restored: boolean}} About
 */

/**
 * What somebody does there: send an entry, while a button says what is going on, go on writing in
 * it, erase it, or start with a blank form. `losing` tells whether what somebody writes would be
 * lost if the form were replaced.
 *
 * @typedef {object} Acts
 * @property {(button: HTMLElement, entry: Entry) => void} send
 * @property {(entry: Entry) => void} resume
 * @property {(entry: Entry) => void} erase
 * @property {() => void} startAgain
 * @property {() => boolean} losing
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
     * Tell in full of the request that was kept last: people at a fair follow each other, and the
     * way to the next one's form must not move away from them.
     *
     * @param {string[]} notes
     * @param {Entry[]} entries
     * @param {About} about
     */
    draw(notes, entries, about) {
      const [latest, ...earlier] = [...entries].reverse();
      const parts = [
        ...notes.map((note) => element("p", {}, note)),
        ...(latest ? [drawEntry(latest, inFull(latest, about), about, acts)] : []),
        ...drawStart(Boolean(latest), about, acts),
        ...earlier.map((entry) => drawEntry(entry, inShort(entry, about), about, acts)),
      ];
      // A live region that is drawn anew is read out anew.
      const text = parts.map((part) => part.textContent).join("\n");
      if (text !== drawn) panel.replaceChildren(...parts);
      drawn = text;
    },
  };
}

/** @type {(entry: Entry, about: About) => string} */
function inFull({ since, refused }, { say, lasting, wait }) {
  const day = say.moment(since);
  if (refused) return say.refused(day);
  const why = wait ? say.crowded(wait / 1000) : say.offline;
  return `${why} ${lasting ? say.kept(day, say.moment(since + KEPT_FOR)) : say.held(day)}`;
}

/** @type {(entry: Entry, about: About) => string} */
const inShort = (entry, about) =>
  (entry.refused ? inFull(entry, about) : about.say.waiting(about.say.moment(entry.since)));

/** @type {(entry: Entry, text: string, about: About, acts: Acts) => HTMLElement} */
function drawEntry(entry, text, { say }, acts) {
  const { refused, fields } = entry;
  const name = whose(fields);
  const sends = element("button", { type: "button" }, refused ? say.correct : say.sendNow);
  const send = () => acts.send(sends, entry);
  sends.addEventListener("click", () =>
    (refused ? unlessLosing(sends, say.replaceSurely, acts, send) : send()));
  const resumes = element("button", { type: "button" }, say.resume);
  resumes.addEventListener("click", () =>
    unlessLosing(resumes, say.replaceSurely, acts, () => acts.resume(entry)));
  const erases = element("button", { type: "button" }, say.erase);
  erases.addEventListener("click", () =>
    surely(erases, say.eraseSurely, acts.announce, () => acts.erase(entry)));
  const buttons = refused ? [sends, " ", erases] : [sends, " ", resumes, " ", erases];
  return element("section", {},
    element("h2", {}, name ? `${say.unsent} (${name})` : say.unsent),
    element("p", {}, text),
    element("p", {}, ...buttons));
}

/**
 * The way to a blank form, for whoever comes next.
 *
 * @type {(waiting: boolean, about: About, acts: Acts) => HTMLElement[]}
 */
function drawStart(waiting, { say, restored }, acts) {
  if (!waiting && !restored) return [];
  const starts = element("button", { type: "button" }, waiting ? say.nextPerson : say.startAgain);
  starts.addEventListener("click", () =>
    unlessLosing(starts, say.blankSurely, acts, acts.startAgain));
  return [element("p", { class: waiting ? "next" : "next quiet" }, starts)];
}

/** @type {(button: HTMLElement, question: string, acts: Acts, act: () => void) => void} */
function unlessLosing(button, question, { losing, announce }, act) {
  if (losing()) surely(button, question, announce, act);
  else act();
}
