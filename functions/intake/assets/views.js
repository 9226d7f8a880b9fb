/** The fragment that the server answered: its root, and what the script has to know of it. */
export function read(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const root = page.querySelector("[data-title]");
  const reference = root && root.querySelector(".reference strong");
  return {
    root,
    nodes: root ? [...root.childNodes] : [],
    title: root ? root.dataset.title : "",
    lang: root ? root.lang : "",
    reference: reference ? reference.textContent.trim() : "",
    reused: Boolean(root) && "reused" in root.dataset,
  };
}

/** The sentence of an answer that is an application/problem+json. */
export function problem({ type, text }) {
  try {
    return type.startsWith("application/problem+json") ? JSON.parse(text).title : "";
  } catch {
    return "";
  }
}
