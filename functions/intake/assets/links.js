/** @import {Arrived} from "./deciding.js" */
import { written } from "./answers.js";
import { call, NONE } from "./calls.js";
import { readAnswer } from "./views.js";

/**
 * Do what a form's links ask for in its place: `start` a blank form after a confirmation, where one
 * `canStart`, or `translate` the form. A second press does nothing.
 *
 * @param {HTMLElement} host
 * @param {{canStart: () => boolean, start: () => void, translate: (link: string) => Promise<void>}} acts
 */
export function followLinks(host, { canStart, start, translate }) {
  let translating = false;
  host.addEventListener("click", (event) => {
    /** @type {HTMLAnchorElement | null} */
    const link = /** @type {Element} */ (event.target).closest(".again a, .language a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return; // for a tab of its own
    const isAgain = link.closest(".again");
    if (isAgain && !canStart()) return; // a page that was sent without a script
    event.preventDefault();
    if (isAgain) start();
    else if (!translating) {
      translating = true;
      translate(link.href).finally(() => { translating = false; });
    }
  });
}

/**
 * Ask for a form in its other language, with what is written in it, and what is wrong with it.
 *
 * @param {HTMLFormElement} form
 * @param {string} link
 * @param {boolean} isChecked whether what is wrong with it is shown
 * @returns {Promise<Arrived>}
 */
export async function askTranslated(form, link, isChecked) {
  const address = new URL(link);
  address.searchParams.set("frame", "fragment");
  address.searchParams.set("step", "translate");
  if (isChecked) address.searchParams.set("checked", "yes");
  const sent = written(form);
  const body = new URLSearchParams(sent);
  const answer = await call(address, { method: "POST", body }).catch(() => NONE);
  return { type: "arrived", reply: readAnswer(answer), sent };
}
