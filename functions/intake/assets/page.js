/** @import {News} from "./form.js" */
/** @import {Shown} from "./stage.js" */
import { enhance } from "./form.js";
import { keyOf } from "./keeping.js";
import { loadedBy, openDraft, openRecall } from "./recall.js";
import { read } from "./views.js";

// The hosted page, alone or in another site's frame.
const host = /** @type {HTMLElement} */ (document.querySelector("[data-title]"));
const framed = parent !== window;
const base = location.origin + location.pathname.replace(/\/+$/, "");
const recall = openRecall(base + location.search);
/** @type {Shown & {title: string} | null} */
let earlier = null; // the form that stood there before a confirmation
/** @type {(() => void) | null} */
let starting = null; // puts a blank form there, once the history stands where its form stood
const { confirmation, key } = history.state || {};

/** @returns {HTMLInputElement | null} */
const keyField = () => host.querySelector("form[method=post] [name=idempotency_key]");

/**
 * The key belongs to a step in the history, as what was typed there does: the copy of the page that
 * the browser gives back with it may be somebody else's, from another tab.
 */
function remember() {
  const field = keyField();
  const state = history.state || {};
  if (!field) return;
  if (state.confirmation) history.pushState({ key: field.value }, "", withoutMark());
  else history.replaceState({ ...state, key: field.value }, "");
}

const withoutMark = () => location.pathname + location.search;

/** @param {Shown & {title: string}} view */
function open(view) {
  name(view);
  return form.show(view);
}

/** @param {{title: string, lang: string}} view */
function name({ title, lang }) {
  document.title = title;
  document.documentElement.lang = lang;
}

/**
 * After a confirmation: the next person must not find what this one wrote by going back. The
 * browser keeps it with the form's own step in the history, where only that step itself can be
 * replaced.
 *
 * @param {() => void} start
 */
function another(start) {
  earlier = null;
  if (!history.state?.confirmation) {
    start();
    return;
  }
  history.replaceState(null, "", withoutMark());
  starting = start;
  history.back();
}

/** @param {News} news */
function shown({ reference, title, lang, text, before, blank }) {
  if (reference) {
    earlier = { ...before, title: document.title };
    // Its own step in the history: going back shows the form as it was, key and all, and a
    // reload shows the reference again. Its own address too: whoever opens the form's gets a
    // blank one, on a tablet that goes from hand to hand for instance.
    history.pushState({ confirmation: text }, "", "#demande-enregistree");
    if (framed) recall.put(reference);
  } else if (blank) {
    history.replaceState(null, "", withoutMark());
    earlier = null;
    recall.drop();
  } else if (lang !== before.lang) {
    const here = new URL(location.href);
    here.searchParams.set("lang", lang);
    history.replaceState(history.state, "", here);
  }
  remember();
  name({ title, lang });
}

const form = enhance(host, {
  base,
  recalled: framed && !confirmation ? recall.get() : null,
  // In a frame the history is the page's around it.
  draft: framed
    ? openDraft(base + location.search)
    : openDraft(base, (fields) => keyOf(fields) === key),
  shown,
  // In a frame, going back may move the page around it, or another frame.
  another: framed ? undefined : another,
});

/** @param {{confirmation?: string} | null} state of the step in the history */
function turn(state) {
  if (state?.confirmation) {
    const [stood, title] = [keyField(), document.title];
    const before = open(read(state.confirmation));
    if (stood) earlier = { ...before, title };
  } else if (earlier) {
    open(earlier);
  }
}

addEventListener("popstate", ({ state }) => {
  const start = starting;
  starting = null;
  if (start) {
    start();
    // Going back from here leads to this form, not away from it.
    history.pushState(history.state, "");
  } else {
    turn(state);
  }
});
const field = keyField();
if (confirmation) turn(history.state);
else if (key && field && loadedBy("back_forward")) field.value = key;
else remember();

if (framed) {
  const tell = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    parent.postMessage({ accueil: { height } }, "*");
  };
  new ResizeObserver(tell).observe(document.documentElement);
  addEventListener("message", ({ data }) => data?.accueil === "height" && tell());
  addEventListener("$SLUG:sent", (event) =>
    parent.postMessage({ accueil: { sent: /** @type {CustomEvent} */ (event).detail } }, "*"));
}
