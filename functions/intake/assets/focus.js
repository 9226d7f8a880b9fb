/**
 * Where somebody is in a form: the control, and the text selected in it.
 *
 * @typedef {{id: string, from: number | null, to: number | null}} Place
 */

/**
 * The document, or the shadow root, that a form stands in.
 *
 * @type {(host: HTMLElement) => Document | ShadowRoot}
 */
const rootOf = (host) => /** @type {Document | ShadowRoot} */ (host.getRootNode());

/**
 * Where somebody is in `form`; null where they are elsewhere.
 *
 * @param {HTMLElement} host
 * @param {HTMLFormElement | null} form
 * @returns {Place | null}
 */
export function placeIn(host, form) {
  const active = /** @type {HTMLInputElement | null} */ (rootOf(host).activeElement);
  if (!active || !form || active.form !== form) return null;
  // A list has none of these.
  const { id, selectionStart: from = null, selectionEnd: to = null } = active;
  return { id, from, to };
}

/**
 * Go to the same place in a form that was put in the other one's place; without one to the link
 * that did it.
 *
 * @param {HTMLElement} host
 * @param {Place | null} place
 */
export function goTo(host, place) {
  /** @type {HTMLInputElement | null} */
  const control = place?.id ? host.querySelector(`#${CSS.escape(place.id)}`) : null;
  /** @type {HTMLElement | null} */
  const target = control || host.querySelector(".language a");
  target?.focus();
  if (place && place.from !== null) control?.setSelectionRange(place.from, place.to);
}

/**
 * Go to what a page says first.
 *
 * @param {HTMLElement} host
 */
export function greet(host) {
  /** @type {HTMLElement | null} */
  const first = host.querySelector(".summary") || host.querySelector("h1, .h1");
  first?.setAttribute("tabindex", "-1");
  first?.focus();
}

/**
 * Follow the links to fields: an address such as #email finds nothing inside a shadow root by
 * itself.
 *
 * @param {HTMLElement} host
 */
export function followLinksToFields(host) {
  host.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest('a[href^="#"]');
    const target = link && rootOf(host).getElementById((link.getAttribute("href") || "").slice(1));
    if (!target) return;
    event.preventDefault();
    const controls = "input, select, textarea";
    /** @type {HTMLElement | null} */
    const inside = target.matches(controls) ? target : target.querySelector(controls);
    const control = inside || target;
    control.focus();
    control.scrollIntoView({ block: "center" });
  });
}
