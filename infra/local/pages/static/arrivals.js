// Rows that arrive while one looks: they light up, and a button counts those below what is in sight.

/** @import {View} from "./reading.js" */
import { reference } from "./rows.js";

export class Arrivals {
  /** @type {Map<number, Set<string>>} what was shown before, by tab */
  #seen = new Map();
  /** @type {Set<string>} */
  #unread = new Set();
  /** @type {View | null} */
  #view = null;
  /** @type {string[]} what tells the rows of the view from each other */
  #keys = [];

  /**
   * @param {HTMLElement} scroll
   * @param {HTMLButtonElement} button
   */
  constructor(scroll, button) {
    this.scroll = scroll;
    this.button = button;
    button.onclick = () => {
      const [first] = this.#unread;
      this.#line(first)?.scrollIntoView({ block: "center" });
    };
    scroll.addEventListener("scroll", () => {
      if (this.#unread.size) this.announce();
    });
  }

  /**
   * Light up what is new in a table that has just been drawn.
   *
   * @param {View} view
   * @param {HTMLTableElement} table
   */
  mark(view, table) {
    if (view.id !== this.#view?.id) this.#unread.clear();
    this.#view = view;
    this.#keys = view.lines.map((line, row) => reference(view.lines, row) || line[0]);
    const before = this.#seen.get(view.id);
    this.#seen.set(view.id, new Set(this.#keys));
    this.#keys.forEach((key, row) => {
      if (!before || !key || before.has(key)) return;
      this.#unread.add(key);
      table.tBodies[0].rows[row].classList.add("fresh");
    });
  }

  announce() {
    const bottom = this.scroll.getBoundingClientRect().bottom;
    for (const key of this.#unread) {
      const line = this.#line(key);
      if (!line || line.getBoundingClientRect().top < bottom) this.#unread.delete(key);
    }
    const count = this.#unread.size;
    const noun = this.#view?.lines[0]?.includes("Référence") ? "demande" : "ligne";
    const many = count > 1 ? "s" : "";
    this.button.hidden = !count;
    this.button.textContent = `${count} nouvelle${many} ${noun}${many} ↓`;
  }

  /** @param {string} key */
  #line(key) {
    return this.scroll.querySelector("tbody")?.rows[this.#keys.indexOf(key)];
  }
}
