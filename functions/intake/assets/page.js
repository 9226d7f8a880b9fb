import { enhance, read } from "./form.js";

// The hosted page, alone or in another site's frame.
const host = document.querySelector("[data-title]");
let earlier; // what stood there before a confirmation
let next; // the address of the blank form asked for after it

function open({ nodes, title }) {
  document.title = title;
  return form.show(nodes);
}

const form = enhance(host, {
  base: location.origin + location.pathname.replace(/\/+$/, ""),
  shown({ status, title, html, before }) {
    if (status === 202) {
      earlier = { nodes: before, title: document.title };
      // Its own step in the history: going back shows the form as it was, key and all, and a
      // reload shows the reference again. Its own address too: whoever opens the form's gets a
      // blank one, on a tablet that goes from hand to hand for instance.
      history.pushState({ confirmation: html }, "", "#demande-enregistree");
    }
    document.title = title;
  },
  another(link) {
    const blank = new URL(link);
    // What the script asked for was a fragment; this page may be in a frame.
    const frame = new URLSearchParams(location.search).get("frame");
    if (frame) blank.searchParams.set("frame", frame);
    const address = blank.href;
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
    const nodes = open(read(confirmation));
    earlier = earlier || { nodes, title };
  } else if (earlier) {
    open(earlier);
  }
}

addEventListener("popstate", (event) => (next ? location.replace(next) : turn(event.state)));
turn(history.state);

if (parent !== window) {
  const tell = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    parent.postMessage({ accueil: { height } }, "*");
  };
  new ResizeObserver(tell).observe(document.documentElement);
  addEventListener("oh-my-lot:sent", ({ detail }) =>
    parent.postMessage({ accueil: { sent: detail } }, "*"));
}
