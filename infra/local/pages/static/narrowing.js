// Shows only some rows of a tab: those of a filter view, and those that have what one searches for.

/** @import {FilterView, Sheet, View} from "./reading.js" */
/** @import {Value} from "./formulas.js" */
import { needs, search, shows } from "./filters.js";
import { values } from "./sheets.js";

/** @type {() => boolean} */
const ALL = () => true;

export class Narrowing {
  /** @type {(row: number) => boolean} */
  #matches = ALL;
  #refusal = ""; // why the chosen view cannot be applied

  /**
   * @param {HTMLSelectElement} choice of a view
   * @param {HTMLInputElement} field to search
   * @param {HTMLElement} count of the rows that are shown
   */
  constructor(choice, field, count) {
    this.choice = choice;
    this.field = field;
    this.count = count;
  }

  /** @returns {number} the id of the chosen view, 0 for none */
  get chosen() {
    return Number(this.choice.value);
  }

  /**
   * Offer the filter views of a tab; `wanted` is the id of the one to choose, if it is there.
   *
   * @param {Sheet} sheet
   * @param {number} wanted
   */
  offer({ filterViews = [] }, wanted) {
    const options = filterViews.map(
      ({ filterViewId, title = "" }) => new Option(title, String(filterViewId)),
    );
    this.choice.replaceChildren(new Option("Toutes les lignes", "0"), ...options);
    this.choice.value = filterViews.some((view) => view.filterViewId === wanted) ? String(wanted) : "0";
    this.choice.hidden = !options.length;
  }

  /**
   * Read what the chosen view asks of other tabs. If it cannot be applied, all rows are shown.
   *
   * @param {Sheet} sheet
   * @param {View} view
   */
  async prepare({ filterViews = [] }, view) {
    this.#matches = ALL;
    this.#refusal = "";
    const filter = filterViews.find(({ filterViewId }) => filterViewId === this.chosen);
    if (!filter) return;
    /** @type {Map<string, Value[]>} */
    const ranges = new Map();
    for (const range of new Set(needs(filter))) {
      // A blank row keeps its place, so that the columns of a tab stay side by side.
      ranges.set(range, (await values(range)).map(([cell = ""]) => cell));
    }
    try {
      this.#matches = shows(filter, view.rows, ranges, new Date());
    } catch (error) {
      this.#refusal = error instanceof Error ? error.message : String(error);
    }
  }

  /**
   * Hide the rows of a table that are not asked for, and say how many are left.
   *
   * @param {View} view
   * @param {HTMLTableElement} table
   */
  apply(view, table) {
    const words = this.field.value.trim();
    const has = search(words);
    let shown = 0;
    let all = 0;
    for (const line of table.tBodies[0].rows) {
      const row = line.sectionRowIndex;
      const filled = view.lines[row]?.some(Boolean);
      const isBody = row >= view.frozenRows;
      line.hidden = isBody && !(this.#matches(row) && (!words || has(view.lines[row] ?? [])));
      if (isBody && filled) {
        all += 1;
        shown += line.hidden ? 0 : 1;
      }
    }
    const narrowed = words || this.#matches !== ALL;
    this.count.textContent = this.#refusal
      ? `Toutes les lignes : cette vue a ${this.#refusal}.`
      : narrowed ? `${shown} sur ${all}` : "";
  }
}
