import { enhance, read } from "./form.js";

// The hosted page, alone or in another site's frame.
const host = document.querySelector("[data-title]");
let earlier; // what stood there before a confirmation

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

addEventListener("popstate", (event) => turn(event.state));
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
