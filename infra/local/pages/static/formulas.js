// Computes the formulas of filter views: a small part of the spreadsheet's language.

/** @typedef {string | number | boolean} Value "" is a blank cell */
/** @typedef {Value | Value[]} Result a list is what a range holds */
/**
 * What a formula needs to know.
 *
 * @typedef {object} Asked
 * @property {(column: number, row: number) => Value} cell the value of a cell, both 0-based
 * @property {(range: string) => Value[]} range the values of a range in A1 notation
 * @property {number} first the 0-based row below the header, for which a formula is written
 */
/** @typedef {(row: number, asked: Asked) => Result} Formula its value for a 0-based row */

const TOKEN = /\s*(?:("(?:[^"]|"")*")|(\d+(?:\.\d+)?)|\$?([A-Z]{1,3})\$?(\d+)(?![A-Z(])|([A-Z_]+)(?=\()|(<>|<=|>=|[=<>();]))/gy;
const REFUSED = "une formule que cette page ne sait pas calculer";

/** @type {(result: Result) => string} */
const textOf = (result) => String(result);
/** @type {(result: Result) => string} */
const folded = (result) => textOf(result).toLowerCase();

/** @type {Record<string, (left: Result, right: Result) => boolean>} */
const OPERATORS = {
  "=": (left, right) => folded(left) === folded(right),
  "<>": (left, right) => folded(left) !== folded(right),
  "<": (left, right) => Number(left) < Number(right),
  ">": (left, right) => Number(left) > Number(right),
  "<=": (left, right) => Number(left) <= Number(right),
  ">=": (left, right) => Number(left) >= Number(right),
};

/** @type {Map<string, RegExp>} */
const patterns = new Map();

/** @param {string} source as RE2 writes it */
function patternOf(source) {
  const known = patterns.get(source);
  if (known) return known;
  const anyCase = source.startsWith("(?i)");
  const made = new RegExp(anyCase ? source.slice(4) : source, anyCase ? "iu" : "u");
  patterns.set(source, made);
  return made;
}

/** @param {Result[]} given ranges and what each has to hold, in turn */
function countIfs(given) {
  const lists = given.filter((_, place) => place % 2 === 0);
  const wanted = given.filter((_, place) => place % 2 === 1).map(folded);
  const [first] = lists;
  if (!Array.isArray(first) || lists.length !== wanted.length) throw new Error(REFUSED);
  return first.filter((_, at) =>
    lists.every((list, place) => Array.isArray(list) && folded(list[at] ?? "") === wanted[place]),
  ).length;
}

/** @type {Record<string, (given: Result[], asked: Asked) => Result>} */
const FUNCTIONS = {
  OR: (given) => given.some(Boolean),
  AND: (given) => given.every(Boolean),
  NOT: ([given]) => !given,
  TO_TEXT: ([given]) => textOf(given),
  ISTEXT: ([given]) => typeof given === "string" && given !== "",
  REGEXMATCH: ([text, pattern]) => patternOf(textOf(pattern)).test(textOf(text)),
  INDIRECT: ([range], asked) => asked.range(textOf(range)),
  COUNTIFS: (given) => countIfs(given),
};

/** @param {string} letters */
const columnOf = (letters) =>
  [...letters].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0) - 1;

/** @param {string} text */
function tokensOf(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const token = TOKEN.exec(text);
    if (!token) throw new Error(REFUSED);
    tokens.push(token);
  }
  return tokens;
}

/**
 * A formula, such as `=OR($A2="";ISTEXT($B2))`. Throws, with words, where it is not known.
 *
 * @param {string} text
 * @returns {Formula}
 */
export function parse(text) {
  if (!text.startsWith("=")) throw new Error(REFUSED);
  const tokens = tokensOf(text.slice(1));
  let next = 0;
  /** @param {string} sign */
  const takes = (sign) => {
    const is = tokens[next]?.[6] === sign;
    if (is) next += 1;
    return is;
  };
  /** @param {string} sign */
  const expect = (sign) => {
    if (!takes(sign)) throw new Error(REFUSED);
  };

  /** @returns {Formula} */
  function comparison() {
    const left = term();
    const operator = OPERATORS[tokens[next]?.[6] ?? ""];
    if (!operator) return left;
    next += 1;
    const right = term();
    return (row, asked) => operator(left(row, asked), right(row, asked));
  }

  /** @returns {Formula} */
  function term() {
    if (takes("(")) {
      const inner = comparison();
      expect(")");
      return inner;
    }
    const [, string, number, letters, line, name] = tokens[next] ?? [];
    next += 1;
    if (string !== undefined) {
      const value = string.slice(1, -1).replaceAll('""', '"');
      return () => value;
    }
    if (number !== undefined) return () => Number(number);
    if (letters !== undefined) {
      const column = columnOf(letters);
      return (row, asked) => asked.cell(column, row + Number(line) - 1 - asked.first);
    }
    return call(FUNCTIONS[name ?? ""]);
  }

  /**
   * @param {((given: Result[], asked: Asked) => Result) | undefined} compute
   * @returns {Formula}
   */
  function call(compute) {
    if (!compute) throw new Error(REFUSED);
    expect("(");
    const given = [comparison()];
    while (takes(";")) given.push(comparison());
    expect(")");
    return (row, asked) => compute(given.map((part) => part(row, asked)), asked);
  }

  const whole = comparison();
  if (next < tokens.length) throw new Error(REFUSED);
  return whole;
}

/**
 * The ranges that a formula reads in other tabs.
 *
 * @param {string} text
 */
export const rangesOf = (text) =>
  [...text.matchAll(/INDIRECT\("((?:[^"]|"")*)"\)/g)].map(([, range]) => range.replaceAll('""', '"'));
