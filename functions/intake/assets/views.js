/** @import {Answer} from "./calls.js" */

/**
 * What a fragment that the server answered shows.
 *
 * @typedef {object} View
 * @property {HTMLElement | null} root null where the answer is no page of the form
 * @property {Node[]} nodes what stands in it
 * @property {string} title
 * @property {string} lang
 * @property {string} reference of the request that it confirms; "" where it confirms none
 * @property {boolean} reused whether its key belongs to a request sent before
 */

/**
 * Read a fragment that the server answered.
 *
 * @param {string} html
 * @returns {View}
 */
export function read(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  /** @type {HTMLElement | null} */
  const root = page.querySelector("[data-title]");
  return {
    root,
    nodes: root ? [...root.childNodes] : [],
    title: root?.dataset.title || "",
    lang: root?.lang || "",
    reference: root?.querySelector(".reference strong")?.textContent.trim() || "",
    reused: root?.dataset.reused !== undefined,
  };
}

/** @typedef {Answer & View} Reply an answer, and what it shows */

/** @type {(answer: Answer) => Reply} */
export const readAnswer = (answer) => ({ ...answer, ...read(answer.text) });

/**
 * The sentence of an answer that is an application/problem+json; "" of any other.
 *
 * @param {{type: string, text: string}} answer
 * @returns {string}
 */
export function problem({ type, text }) {
  try {
    return type.startsWith("application/problem+json") ? JSON.parse(text).title : "";
  } catch {
    return "";
  }
}
