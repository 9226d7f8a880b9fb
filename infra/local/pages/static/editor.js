// The field in which a cell is edited.

import { values } from "./sheets.js";

const fold = (text) => text.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();

/** A list to choose from where the column has a rule, else a text field. `typed` opened it. */
export async function makeField(rule, value, typed) {
  const choices = await choicesOf(rule);
  return choices ? list(choices, value, typed) : text(typed ?? value);
}

async function choicesOf(rule) {
  const kind = rule?.condition.type;
  if (!rule?.showCustomUi || (kind !== "ONE_OF_LIST" && kind !== "ONE_OF_RANGE")) return null;
  const given = rule.condition.values.map((one) => one.userEnteredValue);
  if (kind === "ONE_OF_LIST") return given;
  const listed = await values(given[0].replace(/^=/, "").replaceAll("$", ""));
  return listed.flat().filter(Boolean);
}

function text(value) {
  const field = document.createElement("textarea");
  field.value = value;
  return field;
}

/** It opens on the cell's value; a letter only points at a choice, which Enter then takes. */
function list(choices, value, typed) {
  const known = value && !choices.includes(value) ? [value, ...choices] : choices;
  const field = document.createElement("select");
  field.append(...["", ...known].map((one) => new Option(one, one, false, one === value)));
  const pointed = typed && known.find((one) => fold(one).startsWith(fold(typed)));
  if (pointed) field.value = pointed;
  return field;
}

/** Calls `done(keep, move)` once: what is typed is kept or not, and where to go from there. */
export function watch(field, done) {
  const isList = field.tagName === "SELECT";
  let pointing = false; // keys in a closed list point at choices, one after the other
  let over = false;
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
  field.onkeydown = (event) => {
    event.stopPropagation();
    pointing = true;
    const moves = { Enter: { rows: 1, columns: 0 }, Tab: { rows: 0, columns: 1 } };
    if (event.key === "Escape") close(false);
    else if (moves[event.key] && !event.shiftKey) {
      event.preventDefault();
      close(true, moves[event.key]);
    }
  };
}
