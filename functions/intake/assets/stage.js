/** @import {Field} from "./answers.js" */
/** @import {Display, Form} from "./deciding.js" */
/** @import {Sentences} from "./sentences.js" */
import { carry, fill, isEdited, redraw, unfold, written } from "./answers.js";
import { proposeCommunes } from "./communes.js";
import { element, lower } from "./elements.js";
import { KEY, keyOf, newKey } from "./keeping.js";
import { sentences } from "./sentences.js";

/** @typedef {{nodes: Node[], lang: string}} Shown what stands in the form's place */

/** @type {(root: HTMLElement) => HTMLFormElement | null} */
const formIn = (root) => root.querySelector("form[method=post]");

/**
 * The place where the form stands, or a confirmation: puts others there, and improves them.
 *
 * @param {HTMLElement} host
 * @param {object} around
 * @param {string} around.base the function's address without a slash at the end
 * @param {boolean} around.lowered whether the page around it has a main heading of its own
 * @param {HTMLElement[]} around.above what stays above all that is put there
 * @param {(text: string) => void} around.announce
 */
export function openStage(host, { base, lowered, above, announce }) {
  /** @type {HTMLElement | null} */
  let drawn = null; // a copy of what stood there with the last form, as the server drew it
  /** @type {Field[] | null} */
  let given = null; // what the page's address answers, in each blank form

  const form = () => formIn(host);
  const say = () => sentences(host.lang);
  const standing = () => [...host.childNodes].filter((node) => !above.some((kept) => kept === node));

  /** @returns {Form | null} */
  function look() {
    const current = form();
    if (!current) return null;
    const fields = written(current);
    return { key: keyOf(fields), fields, edited: isEdited(current) };
  }

  /**
   * Put nodes in the place of what stands there; gives what stood there.
   *
   * @param {Shown} view
   * @returns {Shown}
   */
  function put({ nodes, lang }) {
    const before = { nodes: standing(), lang: host.lang };
    for (const node of before.nodes) node.remove();
    host.append(...nodes);
    host.lang = lang;
    improve();
    return before;
  }

  /**
   * Put a reply there, with what was written since; gives what stood there.
   *
   * @param {Display} given
   */
  function display({ reply, known, since }) {
    const before = put(reply);
    const current = form();
    if (current && known && since) carry(since, known, current);
    unfolded();
    return before;
  }

  /**
   * Write answers of before into the form.
   *
   * @param {Field[]} fields
   */
  function answer(fields) {
    const current = form();
    if (current) fill(current, fields);
    unfolded();
  }

  function improve() {
    announce("");
    remember();
    // A relative address means this page's, which may be another site's.
    /** @type {NodeListOf<HTMLAnchorElement>} */
    const links = host.querySelectorAll('a[href^="?"]');
    for (const link of links) link.href = new URL(link.getAttribute("href") || "", base).href;
    const current = form();
    if (current) current.action = new URL(current.getAttribute("action") || "", base).href;
    if (lowered) lower(host);
    unfolded();
    proposeCommunes(host, say(), announce);
  }

  /** Show the sub-questions of what is chosen. */
  function unfolded() {
    const current = form();
    if (current) unfold(current);
  }

  function remember() {
    if (!form() || host.querySelector("[role=combobox]")) return; // drawn, and improved since
    const copy = element("div", { lang: host.lang }, ...standing().map((node) => node.cloneNode(true)));
    const current = formIn(copy);
    current?.reset(); // a browser may have given back what was written
    const isFaulty = copy.querySelector(".summary");
    given ??= (current ? written(current) : [])
      .filter(([name]) => name === "source" || (name !== KEY && !isFaulty));
    for (const old of copy.querySelectorAll(".summary, .error")) old.remove();
    for (const control of copy.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
      const described = (control.getAttribute("aria-describedby") || "").split(" ");
      control.setAttribute("aria-describedby", described.filter((id) => !/-erreur$/.test(id)).join(" "));
    }
    drawn = copy;
  }

  /**
   * A blank form with a key of its own, which needs no network; null where no form stood there yet.
   *
   * @returns {Shown & {title: string} | null}
   */
  function blank() {
    const copy = /** @type {HTMLElement | undefined} */ (drawn?.cloneNode(true));
    const current = copy && formIn(copy);
    if (!copy || !current) return null;
    redraw(current, [...(given || []), [KEY, newKey()]]);
    const title = `${copy.querySelector("h1")?.textContent} – $PROGRAMME`;
    return { nodes: [...copy.childNodes], lang: copy.lang, title };
  }

  return { form, look, say, put, display, answer, improve, unfolded, blank };
}
