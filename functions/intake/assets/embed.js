import { call } from "./calls.js";
import { enhance } from "./form.js";
import { openDraft, openRecall } from "./recall.js";
import { read } from "./views.js";

// On another site's page. Where anything fails, the link that stands there stays.
const base = import.meta.url.replace(/\/embed\.js([?#].*)?$/, "");
const PREFILLED = ["source", "projects", "target"];
const STYLE = "$STYLE"; // put there when the files are put together

/**
 * @param {HTMLElement} host
 * @param {number} index which of the page's it is
 */
async function place(host, index) {
  const here = `${base} ${index} ${location.pathname}${location.search}`;
  const recall = openRecall(here);
  const form = await fetchForm(host);

  // A style sheet of its own needs no leave from the site's Content-Security-Policy.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  const root = host.attachShadow({ mode: "open" });
  try {
    root.adoptedStyleSheets = [sheet];
    root.append(form);
    enhance(form, {
      base,
      recalled: recall.get(),
      draft: openDraft(here),
      lowered: true,
      shown({ reference, blank }) {
        if (reference) recall.put(reference);
        if (blank) recall.drop();
      },
    });
  } catch (error) {
    root.replaceChildren(document.createElement("slot"));
    throw error;
  }
}

/** @param {HTMLElement} host */
async function fetchForm(host) {
  const lang = (host.dataset.lang || document.documentElement.lang).startsWith("en") ? "en" : "fr";
  const asked = new URLSearchParams(location.search);
  const query = new URLSearchParams({ frame: "fragment", lang });
  for (const name of PREFILLED) {
    const value = asked.get(name) || host.dataset[name];
    if (value) query.set(name, value);
  }
  const { status, text } = await call(`${base}?${query}`);
  const { root } = read(text);
  if (status !== 200 || !root) throw new Error(`${status}`);
  return root;
}

/**
 * Our pages in a frame tell how high they are, and that a request was sent.
 *
 * @param {MessageEvent} message
 */
function listen({ source, origin, data }) {
  const news = data?.accueil;
  if (!news || origin !== new URL(base).origin) return;
  for (const frame of document.querySelectorAll("iframe")) {
    if (frame.contentWindow !== source || !frame.src.startsWith(base)) continue;
    if (news.height > 0 && news.height < 50_000) frame.style.height = `${Math.ceil(news.height)}px`;
    if (news.sent) {
      const { source: from, lang } = news.sent;
      const detail = { source: String(from), lang: String(lang) };
      frame.dispatchEvent(new CustomEvent("$SLUG:sent", { bubbles: true, detail }));
    }
  }
}

addEventListener("message", listen);
// A frame that was there before this script told its height to nobody.
for (const frame of document.querySelectorAll("iframe")) {
  if (frame.src.startsWith(base)) frame.contentWindow?.postMessage({ accueil: "height" }, "*");
}
/** @type {NodeListOf<HTMLElement>} */
const hosts = document.querySelectorAll("[data-$SLUG]");
hosts.forEach((host, index) => {
  place(host, index).catch((error) => console.warn("$PROGRAMME", error));
});
