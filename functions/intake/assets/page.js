import { enhance, read } from "./form.js";
import { openRecall } from "./recall.js";

// The hosted page, alone or in another site's frame.
const host = document.querySelector("[data-title]");
const framed = parent !== window;
const base = location.origin + location.pathname.replace(/\/+$/, "");
const recall = openRecall(base);
let earlier; // what stood there before a confirmation
let next; // the address of the blank form asked for after it

function open(view) {
  name(view);
  return form.show(view);
}

function name({ title, lang }) {
  document.title = title;
  document.documentElement.lang = lang;
}

const form = enhance(host, {
  base,
  shown({ status, title, lang, html, before }) {
    if (status === 202) {
      earlier = { ...before, title: document.title };
      // Its own step in the history: going back shows the form as it was, key and all, and a
      // reload shows the reference again. Its own address too: whoever opens the form's gets a
      // blank one, on a tablet that goes from hand to hand for instance.
      history.pushState({ confirmation: html }, "", "#demande-enregistree");
      if (framed) recall.put(html);
    } else if (lang !== before.lang) {
      const here = new URL(location.href);
      here.searchParams.set("lang", lang);
      history.replaceState(history.state, "", here);
    }
    name({ title, lang });
  },
  another(link) {
    const blank = new URL(link);
    // What the script asked for was a fragment; this page may be in a frame.
    const frame = new URLSearchParams(location.search).get("frame");
    if (frame) blank.searchParams.set("frame", frame);
    const address = blank.href;
    recall.drop();
    if (!(history.state && history.state.confirmation)) {
      location.assign(address);
      return;
    }
    // The next person must not find what this one wrote by going back. The browser keeps it with
    // the form's own step in the history, where only that step itself can be replaced.
    history.replaceState(null, "", address);
    earlier = null;
    next = address;
    history.back();
  },
});

function turn(state) {
  const confirmation = state && state.confirmation;
  const title = document.title;
  if (confirmation) {
    const before = open(read(confirmation));
    earlier = earlier || { ...before, title };
  } else if (earlier) {
    open(earlier);
  }
}

addEventListener("popstate", (event) => (next ? location.replace(next) : turn(event.state)));
turn(history.state);

if (framed) {
  const told = history.state ? "" : recall.get();
  if (told) open(read(told));
  const tell = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    parent.postMessage({ accueil: { height } }, "*");
  };
  new ResizeObserver(tell).observe(document.documentElement);
  addEventListener("oh-my-lot:sent", ({ detail }) =>
    parent.postMessage({ accueil: { sent: detail } }, "*"));
}
