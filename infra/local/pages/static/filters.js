// Which rows a filter view shows.

/** @import {Formula, Value} from "./formulas.js" */
/** @import {Cell, FilterSpec, FilterView} from "./reading.js" */
import { parse, rangesOf } from "./formulas.js";
import { fold } from "./text.js";

/** @typedef {{values?: Cell[]}[]} Rows of a tab, header first */
/** @typedef {(cell: Cell, row: number) => boolean} Test of a cell of a column */

const UNIX_EPOCH = 25_569; // as a serial number of the spreadsheet
const DAY = 86_400_000; // milliseconds

/** @type {Record<string, number>} days from today */
const RELATIVE = { YESTERDAY: -1, TODAY: 0, TOMORROW: 1, PAST_WEEK: -7, PAST_MONTH: -30, PAST_YEAR: -365 };

/** @param {Cell} cell */
const textOf = (cell) => cell.formattedValue ?? "";
/** @type {(cell: Cell) => Value} */
const valueOf = (cell) => cell.effectiveValue?.numberValue ?? textOf(cell);

/** @type {Record<string, (given: string) => Test>} conditions on the text of a cell */
const TEXTS = {
  BLANK: () => (cell) => !textOf(cell),
  NOT_BLANK: () => (cell) => Boolean(textOf(cell)),
  TEXT_EQ: (given) => (cell) => textOf(cell).toLowerCase() === given.toLowerCase(),
  TEXT_CONTAINS: (given) => (cell) => textOf(cell).toLowerCase().includes(given.toLowerCase()),
  TEXT_NOT_CONTAINS: (given) => (cell) => !textOf(cell).toLowerCase().includes(given.toLowerCase()),
};

/**
 * The ranges of other tabs that the criteria of a view ask about.
 *
 * @param {FilterView} filter
 */
export const needs = ({ filterSpecs = [] }) =>
  filterSpecs.flatMap(({ filterCriteria }) =>
    (filterCriteria?.condition?.values ?? []).flatMap((value) => rangesOf(value.userEnteredValue ?? "")),
  );

/**
 * Whether a view shows a row, by its 0-based number. Throws, with words, where this page cannot tell.
 *
 * @param {FilterView} filter
 * @param {Rows} rows
 * @param {Map<string, Value[]>} ranges what `needs` names
 * @param {Date} now
 * @returns {(row: number) => boolean}
 */
export function shows({ filterSpecs = [], range = {} }, rows, ranges, now) {
  /** @type {(column: number, row: number) => Cell} */
  const cellAt = (column, row) => rows[row]?.values?.[column] ?? {};
  const asked = {
    /** @type {(column: number, row: number) => Value} */
    cell: (column, row) => valueOf(cellAt(column, row)),
    /** @param {string} name */
    range: (name) => ranges.get(name) ?? [],
    first: (range.startRowIndex ?? 0) + 1,
  };
  const tests = filterSpecs.map((spec) => {
    const column = spec.columnIndex ?? 0;
    const test = testOf(spec, asked, now);
    return (/** @type {number} */ row) => test(cellAt(column, row), row);
  });
  const header = range.startRowIndex ?? 0;
  const end = range.endRowIndex ?? Infinity;
  return (row) => row <= header || row >= end || tests.every((test) => test(row));
}

/**
 * @param {FilterSpec} spec
 * @param {import("./formulas.js").Asked} asked
 * @param {Date} now
 * @returns {Test}
 */
function testOf({ filterCriteria = {} }, asked, now) {
  const hidden = new Set(filterCriteria.hiddenValues ?? []);
  const { type = "", values = [] } = filterCriteria.condition ?? {};
  const [first] = values;
  const condition = type ? conditionOf(type, first ?? {}, asked, now) : () => true;
  return (cell, row) => !hidden.has(textOf(cell)) && condition(cell, row);
}

/**
 * @param {string} type
 * @param {{userEnteredValue?: string, relativeDate?: string}} value
 * @param {import("./formulas.js").Asked} asked
 * @param {Date} now
 * @returns {Test}
 */
function conditionOf(type, { userEnteredValue = "", relativeDate = "" }, asked, now) {
  if (TEXTS[type]) return TEXTS[type](userEnteredValue);
  if (type === "CUSTOM_FORMULA") {
    const formula = parse(userEnteredValue);
    return (_, row) => Boolean(formula(row, asked));
  }
  if (type.startsWith("DATE_") && relativeDate in RELATIVE) {
    const day = today(now) + RELATIVE[relativeDate];
    /** @param {number} serial */
    const fits = (serial) => (type === "DATE_BEFORE" ? serial < day : serial >= day + 1);
    if (type === "DATE_BEFORE" || type === "DATE_AFTER") {
      return (cell) => {
        const serial = cell.effectiveValue?.numberValue;
        return serial !== undefined && fits(serial);
      };
    }
  }
  throw new Error(`une condition que cette page ne connaît pas (${type})`);
}

/** @param {Date} now */
const today = (now) =>
  Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) / DAY + UNIX_EPOCH;

/**
 * Whether a row has all words somewhere, whatever their accents and capitals.
 *
 * @param {string} words
 * @returns {(line: string[]) => boolean}
 */
export function search(words) {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  return (line) => {
    const text = fold(line.join("\n"));
    return wanted.every((word) => text.includes(word));
  };
}
