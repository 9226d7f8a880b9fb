// Draws a tab's cells as a table.

/** @import {View} from "./reading.js" */
/** @import {Place} from "./sheets.js" */
import { css, letter } from "./sheets.js";

const INDEX = 44; // pixels for the row numbers

/**
 * The table. `stick` is how many columns stay in sight.
 *
 * @param {View} view
 * @param {number} stick
 */
export function draw(view, stick) {
  const table = document.createElement("table");
  table.setAttribute("role", "grid"); // whose cells are reached by Tab once, then by arrows
  table.append(columns(view));
  const lefts = view.widths.map((_, column) => INDEX + sum(view.widths.slice(0, column)));
  /** @type {(cell: HTMLTableCellElement, column: number) => void} */
  const freeze = (cell, column) => {
    if (column >= stick) return;
    cell.classList.add("frozen");
    cell.classList.toggle("edge", column === stick - 1);
    cell.style.left = `${lefts[column]}px`;
  };
  const letters = table.createTHead().insertRow();
  letters.className = "letters";
  letters.append(heading("", "col"));
  view.widths.forEach((_, column) => {
    const head = heading(letter(column), "col");
    freeze(head, column);
    letters.append(head);
  });
  const body = table.createTBody();
  for (let row = 0; row < view.last; row += 1) {
    const line = body.insertRow();
    if (row < view.frozenRows) line.className = "frozen";
    line.append(heading(String(row + 1), "row", "index"));
    view.widths.forEach((_, column) => {
      const cell = line.insertCell();
      drawCell(cell, view, { row, column });
      freeze(cell, column);
    });
  }
  table.style.width = `${INDEX + sum(view.widths)}px`;
  return table;
}

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** @param {View} view */
function columns(view) {
  const group = document.createElement("colgroup");
  for (const width of [INDEX, ...view.widths]) {
    const column = document.createElement("col");
    column.style.width = `${width}px`;
    group.append(column);
  }
  return group;
}

/** @type {(text: string, scope: "row" | "col", name?: string) => HTMLTableCellElement} */
function heading(text, scope, name = "") {
  const head = document.createElement("th");
  head.scope = scope;
  head.textContent = text;
  head.className = name;
  return head;
}

/** @type {(cell: HTMLTableCellElement, view: View, place: Place) => void} */
function drawCell(cell, view, place) {
  const data = view.rows[place.row]?.values?.[place.column] ?? {};
  const format = data.effectiveFormat ?? {};
  cell.textContent = data.formattedValue ?? "";
  cell.dataset.row = String(place.row);
  cell.dataset.column = String(place.column);
  cell.className = format.wrapStrategy === "WRAP" ? "wrap" : "clip";
  if (data.effectiveValue?.numberValue !== undefined) cell.classList.add("number");
  cell.style.backgroundColor = css(format.backgroundColorStyle?.rgbColor) ?? "";
  cell.style.color = css(format.textFormat?.foregroundColorStyle?.rgbColor) ?? "";
  cell.style.fontWeight = format.textFormat?.bold ? "700" : "";
  const lock = lockOf(view, place);
  if (place.row < view.frozenRows) cell.setAttribute("role", "columnheader");
  if (lock) {
    cell.classList.add("locked");
    cell.setAttribute("aria-readonly", "true");
  }
  cell.title = data.note ?? (lock && `${lock} : ne se modifie pas ici.`);
}

/**
 * What holds a cell, in words; "" where people may write.
 *
 * @type {(view: View, place: Place) => string}
 */
export function lockOf(view, { row, column }) {
  /** @type {(from: number | undefined, at: number, to: number | undefined) => boolean} */
  const inside = (from, at, to) => at >= (from ?? 0) && at < (to ?? Infinity);
  const held = view.locked.some(
    ({ range }) =>
      inside(range.startRowIndex, row, range.endRowIndex) &&
      inside(range.startColumnIndex, column, range.endColumnIndex),
  );
  if (!held) return "";
  return row < view.frozenRows ? "En-tête" : "Tenu par le système";
}
