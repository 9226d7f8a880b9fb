/** @import {Sentences} from "./sentences.js" */

import { element, setAttributes } from "./elements.js";

/** @typedef {{name: string, key: string}[]} Commune its name, then its former ones */

let made = 0;

/**
 * Makes a combobox (ARIA 1.2, list autocomplete) of each field that proposes names. The names are
 * those of its datalist; an option's `data-former` holds former names, separated by commas.
 *
 * @param {HTMLElement} host
 * @param {Sentences} say
 * @param {(text: string) => void} announce
 */
export function proposeCommunes(host, say, announce) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const inputs = host.querySelectorAll("input[list]");
  for (const input of inputs) {
    if (!input.list) continue;
    const communes = readNames(input.list);
    combobox(input, communes, say, announce);
    offer(input, communes);
  }
}

/**
 * The names that an error of a field proposes, as buttons that write them into it.
 *
 * @param {HTMLInputElement} input
 * @param {Commune[]} communes
 */
function offer(input, communes) {
  /** @type {HTMLElement | null | undefined} */
  const error = input.closest(".field")?.querySelector("[data-proposed]");
  if (!error) return;
  const offered = element("p", { class: "offered" });
  for (const name of (error.dataset.proposed || "").split("|").filter(Boolean)) {
    const button = element("button", { type: "button" }, name);
    button.addEventListener("click", () => {
      input.value = corrected(communes, input.value, name);
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
      error.remove();
      offered.remove();
      input.focus();
      input.dispatchEvent(new Event("chosen", { bubbles: true }));
    });
    offered.append(button, " ");
  }
  error.after(offered);
}

/**
 * @param {HTMLDataListElement} datalist
 * @returns {Commune[]}
 */
function readNames(datalist) {
  return Array.from(datalist.options, (option) => {
    const former = (option.dataset.former || "").split(",").filter(Boolean);
    return [option.value, ...former].map((name) => ({ name, key: plain(name) }));
  });
}

/**
 * Names as people type them: without case, accents and hyphens, « St » for « Saint ».
 *
 * @param {string} text
 */
export function plain(text) {
  return text
    .toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae")
    .normalize("NFD").replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, " ").trim()
    .replace(/\bst(e?)\b/g, "saint$1");
}

/**
 * The communes a text may mean, of none all: first those that are called so, then those whose name
 * begins so, then those with such a word; of each kind first those that are called so today.
 *
 * @param {Commune[]} communes
 * @param {string} text
 */
export function matching(communes, text) {
  const key = plain(text);
  /** @type {(called: {key: string}, index: number) => number} */
  const rank = ({ key: name }, index) => {
    const likeness =
      name === key ? 0 : name.startsWith(key) ? 1 : ` ${name}`.includes(` ${key}`) ? 2 : 3;
    return 2 * likeness + Number(index > 0);
  };
  return communes
    .map((names) => {
      const ranks = names.map(rank);
      const best = Math.min(...ranks);
      const former = best < ranks[0] ? names[ranks.indexOf(best)].name : "";
      return { name: names[0].name, former, best };
    })
    .filter(({ best }) => best < 6)
    .sort((first, second) => first.best - second.best || first.name.localeCompare(second.name));
}

/**
 * What somebody wrote, with a name that they chose from those that an error proposes. A field may
 * hold several names: the one that is no commune's is replaced.
 *
 * @param {Commune[]} communes
 * @param {string} text
 * @param {string} name
 */
export function corrected(communes, text, name) {
  const parts = text.split(/([,;\n])/);
  const isKnown = (/** @type {string} */ part) =>
    communes.some((names) => names.some(({ key }) => key === plain(part)));
  const wrong = parts.findIndex((part) => plain(part) && !isKnown(part));
  if (parts.length === 1 || wrong < 0) return name;
  parts[wrong] = wrong ? ` ${name}` : name;
  return parts.join("");
}

/**
 * @param {HTMLInputElement} input
 * @param {Commune[]} communes
 * @param {Sentences} say
 * @param {(text: string) => void} announce
 */
function combobox(input, communes, say, announce) {
  const id = `communes-${++made}`;
  const label = say.communes;
  const box = element("ul", { id, class: "proposals", role: "listbox", "aria-label": label });
  box.hidden = true;
  input.removeAttribute("list");
  setAttributes(input, {
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id,
  });
  input.after(box);

  let active = -1;

  function open() {
    const proposed = matching(communes, input.value);
    box.replaceChildren(...proposed.map(({ name, former }, index) => {
      const attributes = { id: `${id}-${index}`, role: "option", "data-name": name };
      return element("li", attributes, former ? `${name} (${former})` : name);
    }));
    box.hidden = !proposed.length;
    input.setAttribute("aria-expanded", String(!box.hidden));
    move(-1);
    box.scrollIntoView({ block: "nearest" });
    announce(/^\s*\d+\s*$/.test(input.value) ? say.byName : say.proposed(proposed.length));
  }

  function close() {
    box.hidden = true;
    input.setAttribute("aria-expanded", "false");
    move(-1);
  }

  /** @param {number} to */
  function move(to) {
    active = to;
    Array.from(box.children).forEach((option, index) =>
      option.setAttribute("aria-selected", String(index === active)));
    if (active < 0) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    input.setAttribute("aria-activedescendant", box.children[active].id);
    box.children[active].scrollIntoView({ block: "nearest" });
  }

  /** @param {Element} option */
  function choose(option) {
    input.value = option.getAttribute("data-name") || "";
    close();
    input.dispatchEvent(new Event("chosen", { bubbles: true }));
  }

  input.addEventListener("input", () => (input.value.trim() ? open() : close()));
  // The browser's own proposals would cover these. But a field without them is not given back when
  // one comes back to the page: only while somebody writes in it.
  input.addEventListener("focus", () => input.setAttribute("autocomplete", "off"));
  input.addEventListener("blur", () => {
    input.removeAttribute("autocomplete");
    close();
  });
  addEventListener("pagehide", () => input.removeAttribute("autocomplete"));
  input.addEventListener("keydown", (event) => {
    const last = box.children.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (box.hidden) open();
      if (box.hidden) return;
      const down = event.key === "ArrowDown";
      move(down ? (active < last ? active + 1 : 0) : active > 0 ? active - 1 : last);
    } else if (event.key === "Enter" && !box.hidden) {
      // The form leaves with the next one.
      event.preventDefault();
      if (active >= 0 || last === 0) choose(box.children[Math.max(active, 0)]);
      else close();
    } else if (event.key === "Escape" && !box.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Tab" && active >= 0) {
      choose(box.children[active]);
    }
  });
  // A press must not take the focus away, which would close the list before the click.
  box.addEventListener("pointerdown", (event) => event.preventDefault());
  box.addEventListener("mousedown", (event) => event.preventDefault());
  box.addEventListener("click", (event) => {
    const option = /** @type {Element} */ (event.target).closest("[role=option]");
    if (option) choose(option);
  });
}
