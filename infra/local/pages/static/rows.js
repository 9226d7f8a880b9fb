// Which row is which, wherever other people's sorts, insertions and deletions have put it.

/**
 * What tells a row from the others, and its columns apart.
 *
 * @typedef {{row: number, headers: string[], cells: string[], reference: string}} KnownRow
 */

const HEADER = 0;
/** @param {string[]} line */
const filled = (line) => line.some(Boolean);

/** @type {(line: string[], other: string[]) => boolean} */
function same(line, other) {
  for (let at = 0; at < Math.max(line.length, other.length); at += 1) {
    if ((line[at] ?? "") !== (other[at] ?? "")) return false;
  }
  return true;
}

/** @type {(title: string, lines: string[][], row: number) => string} */
const valueOf = (title, lines, row) =>
  row === HEADER ? "" : lines[row]?.[lines[HEADER]?.indexOf(title)] ?? "";

/** @type {(lines: string[][], row: number) => string} */
export const reference = (lines, row) => valueOf("Référence", lines, row);

/** @type {(lines: string[][], row: number) => KnownRow} */
export const identify = (lines, row) => ({
  row,
  headers: [...(lines[HEADER] ?? [])],
  cells: [...(lines[row] ?? [])],
  reference: reference(lines, row),
});

/**
 * Where a row is now. Throws, with a sentence, where that cannot be told.
 *
 * @type {(known: KnownRow, lines: string[][]) => number}
 */
export function findRow(known, lines) {
  /** @param {number} row */
  const isIt = (row) =>
    known.reference
      ? reference(lines, row) === known.reference
      : same(lines[row] ?? [], known.cells);
  if (isIt(known.row)) return known.row;
  const rows = lines.map((_, row) => row).filter(isIt);
  if (filled(known.cells) && rows.length === 1) return rows[0];
  const number = known.row + 1;
  throw new Error(
    filled(known.cells)
      ? `la ligne ${number} a été changée ou supprimée entre-temps`
      : `la ligne ${number} n'est plus vide`,
  );
}

/**
 * Where a column of that row is now. Throws likewise.
 *
 * @type {(known: KnownRow, column: number, lines: string[][]) => number}
 */
export function findColumn({ headers }, column, lines) {
  const now = lines[HEADER] ?? [];
  const title = headers[column] ?? "";
  if ((now[column] ?? "") === title) return column;
  if (title && now.filter((header) => header === title).length === 1) return now.indexOf(title);
  throw new Error("les colonnes ont changé entre-temps");
}

/**
 * The row of a request, -1 where there is none.
 *
 * @type {(wanted: string, lines: string[][]) => number}
 */
export const rowOf = (wanted, lines) =>
  lines.findIndex((_, row) => reference(lines, row) === wanted);

/**
 * Whom a row is about: « Ana Martin ».
 *
 * @type {(lines: string[][], row: number) => string}
 */
export const person = (lines, row) =>
  ["Prénom", "Nom"].map((title) => valueOf(title, lines, row)).filter(Boolean).join(" ");
