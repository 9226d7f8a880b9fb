// The field in which a cell is edited.

/** @import {Rule} from "./reading.js" */
import { values } from "./sheets.js";
import { fold } from "./text.js";

/** @typedef {HTMLTextAreaElement | HTMLSelectElement} Field */
/** @typedef {{rows: number, columns: number}} Move where to go from a cell */

/**
 * A list to choose from where the column has a rule, else a text field. `typed` opened it.
 *
 * @type {(rule: Rule | undefined, value: string, typed: string | undefined) => Promise<Field>}
 */
export async function makeField(rule, value, typed) {
  const choices = await choicesOf(rule);
  return choices ? listField(choices, value, typed) : textField(typed ?? value);
}

/**
 * @param {Rule | undefined} rule
 * @returns {Promise<string[] | null>}
 */
async function choicesOf(rule) {
  const kind = rule?.condition.type;
  if (!rule?.showCustomUi || (kind !== "ONE_OF_LIST" && kind !== "ONE_OF_RANGE")) return null;
  const given = rule.condition.values.map((choice) => choice.userEnteredValue);
  if (kind === "ONE_OF_LIST") return given;
  const listed = await values(given[0].replace(/^=/, "").replaceAll("$", ""));
  return listed.flat().filter(Boolean);
}

/** @param {string} value */
function textField(value) {
  const field = document.createElement("textarea");
  field.value = value;
  return field;
}

/**
 * It opens on the cell's value; a letter only points at a choice, which Enter then takes.
 *
 * @type {(choices: string[], value: string, typed: string | undefined) => HTMLSelectElement}
 */
function listField(choices, value, typed) {
  const known = value && !choices.includes(value) ? [value, ...choices] : choices;
  const field = document.createElement("select");
  for (const choice of ["", ...known]) {
    field.append(new Option(choice, choice, false, choice === value));
  }
  const pointed = typed && known.find((choice) => fold(choice).startsWith(fold(typed)));
  if (pointed) field.value = pointed;
  return field;
}

/**
 * Calls `done(keep, move)` once: what is typed is kept or not, and where to go from there.
 *
 * @param {Field} field
 * @param {(keep: boolean, move?: Move) => void} done
 */
export function watch(field, done) {
  const isList = field.tagName === "SELECT";
  let pointing = false; // keys in a closed list point at choices, one after the other
  let over = false;
  /** @type {(keep: boolean, move?: Move) => void} */
  const close = (keep, move) => {
    if (over) return;
    over = true;
    done(keep, move);
  };
  field.onblur = () => close(!isList);
  field.onpointerdown = () => { pointing = false; };
  field.onchange = () => {
    if (isList && !pointing) close(true);
  };
  field.onkeydown = (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation();
    pointing = true;
    /** @type {Record<string, Move>} */
    const moves = { Enter: { rows: 1, columns: 0 }, Tab: { rows: 0, columns: 1 } };
    if (event.key === "Escape") close(false);
    else if (moves[event.key] && !event.shiftKey) {
      event.preventDefault();
      close(true, moves[event.key]);
    }
  };
}
