// Which row is which, wherever other people's sorts, insertions and deletions have put it.

const HEADER = 0;
const filled = (line) => line.some(Boolean);

function same(one, other) {
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    if ((one[at] ?? "") !== (other[at] ?? "")) return false;
  }
  return true;
}

const valueOf = (title, lines, row) =>
  row === HEADER ? "" : lines[row]?.[lines[HEADER]?.indexOf(title)] ?? "";

export const reference = (lines, row) => valueOf("Référence", lines, row);

/** What tells a row from the others, and its columns apart. */
export const identify = (lines, row) => ({
  row,
  headers: [...(lines[HEADER] ?? [])],
  cells: [...(lines[row] ?? [])],
  reference: reference(lines, row),
});

/** Where a row is now. Throws, with a sentence, where that cannot be told. */
export function findRow(known, lines) {
  const isIt = known.reference
    ? (row) => reference(lines, row) === known.reference
    : (row) => same(lines[row] ?? [], known.cells);
  if (isIt(known.row)) return known.row;
  const found = lines.map((_, row) => row).filter(isIt);
  if (filled(known.cells) && found.length === 1) return found[0];
  const number = known.row + 1;
  throw new Error(
    filled(known.cells)
      ? `la ligne ${number} a été changée ou supprimée entre-temps`
      : `la ligne ${number} n'est plus vide`,
  );
}

/** Where a column of that row is now. Throws likewise. */
export function findColumn({ headers }, column, lines) {
  const now = lines[HEADER] ?? [];
  const title = headers[column] ?? "";
  if ((now[column] ?? "") === title) return column;
  if (title && now.filter((one) => one === title).length === 1) return now.indexOf(title);
  throw new Error("les colonnes ont changé entre-temps");
}

/** The row of a request, -1 where there is none. */
export const rowOf = (wanted, lines) =>
  lines.findIndex((_, row) => reference(lines, row) === wanted);

/** Whom a row is about: « Ana Martin ». */
export const person = (lines, row) =>
  ["Prénom", "Nom"].map((title) => valueOf(title, lines, row)).filter(Boolean).join(" ");
