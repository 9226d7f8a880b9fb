import { enhance, read } from "./form.js";

// On another site's page. Where anything fails, the link that stands there stays.
const base = import.meta.url.replace(/\/embed\.js([?#].*)?$/, "");
const PREFILLED = ["source", "projects", "target"];

async function place(host) {
  const lang = (host.dataset.lang || document.documentElement.lang).startsWith("en") ? "en" : "fr";
  const asked = new URLSearchParams(location.search);
  const query = new URLSearchParams({ lang });
  for (const name of PREFILLED) {
    const value = asked.get(name) || host.dataset[name];
    if (value) query.set(name, value);
  }
  const answer = await fetch(`${base}?${query}&frame=fragment`);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const box = document.createElement("div");
  box.className = "accueil";
  box.lang = lang;
  box.append(...read(await answer.text()).nodes);

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  const root = host.attachShadow({ mode: "open" });
  try {
    root.adoptedStyleSheets = [sheet];
    root.append(box);
    // The size this person reads text in, whatever the site makes of its page's.
    box.style.fontSize = "medium";
    box.style.setProperty("--rem", getComputedStyle(box).fontSize);
    box.style.fontSize = "";
    enhance(box, { base, query: `?${query}`, lang });
  } catch (error) {
    root.replaceChildren(document.createElement("slot"));
    throw error;
  }
}

/** Our pages in a frame tell how high they are, and that a request was sent. */
function listen({ source, origin, data }) {
  const told = data && data.accueil;
  if (!told || origin !== new URL(base).origin) return;
  for (const frame of document.querySelectorAll("iframe")) {
    if (frame.contentWindow !== source || !frame.src.startsWith(base)) continue;
    if (told.height > 0 && told.height < 50_000) frame.style.height = `${Math.ceil(told.height)}px`;
    if (told.sent) {
      const { source: from, lang } = told.sent;
      const detail = { source: String(from), lang: String(lang) };
      frame.dispatchEvent(new CustomEvent("oh-my-lot:sent", { bubbles: true, detail }));
    }
  }
}

addEventListener("message", listen);
for (const host of document.querySelectorAll("[data-oh-my-lot]")) {
  place(host).catch((error) => console.warn("Oh my Lot !", error));
}
