// A window on the spreadsheet: everything it shows and does goes through the Sheets API.

/** @import {Move} from "./editor.js" */
/** @import {Sheet, View} from "./reading.js" */
/** @import {KnownRow} from "./rows.js" */
/** @import {Place} from "./sheets.js" */
import { Arrivals } from "./arrivals.js";
import { makeField, watch } from "./editor.js";
import { Narrowing } from "./narrowing.js";
import { readTabs, readView } from "./reading.js";
import { findColumn, findRow, identify, person, rowOf } from "./rows.js";
import { cellName, css, currentVersion, quoted, root, send, values } from "./sheets.js";
import { draw, lockOf } from "./table.js";

/** @type {(selector: string) => HTMLElement} */
const part = (selector) => /** @type {HTMLElement} */ (root.querySelector(selector));
const scroll = part(".scroll");
const state = part(".state");
const where = part(".where");
/** @type {NodeListOf<HTMLButtonElement>} */
const tools = root.querySelectorAll(".tool");
const arrivals = new Arrivals(scroll, /** @type {HTMLButtonElement} */ (part(".arrivals")));
const narrowing = new Narrowing(
  /** @type {HTMLSelectElement} */ (part(".views")),
  /** @type {HTMLInputElement} */ (part(".search")),
  part(".count"),
);
const POLL = 1500; // milliseconds between two looks at the spreadsheet's version

const NOT_YET = /** @type {any} */ (null); // nobody can do anything before a tab is open and shown
let sheet = /** @type {Sheet} */ (NOT_YET); // the open tab
let view = /** @type {View} */ (NOT_YET); // what is shown of it
/** @type {Place | null} */
let selected = null;
/** @type {string | null} */
let version = null;
let editing = false;
let queue = Promise.resolve(); // changes are made one after the other
let unsaved = 0; // how many of them are not made yet
/** @type {Promise<unknown>} */
let reading = Promise.resolve();

/** @type {(text: string, wrong?: boolean) => void} */
function say(text, wrong = false) {
  state.textContent = text;
  state.classList.toggle("wrong", wrong);
}

const failed = () => state.classList.contains("wrong");

/**
 * Do something and say so; what went wrong stays to be read until the next click.
 *
 * @type {(doing: string, work: () => Promise<void>, lost?: string) => Promise<boolean>}
 */
async function attempt(doing, work, lost = "Cela n'a pas marché") {
  say(doing);
  try {
    await work();
    say("");
    return true;
  } catch (error) {
    say(`${lost} : ${sentenceOf(error)}.`, true);
    return false;
  }
}

/** @param {unknown} error */
const sentenceOf = (error) => (error instanceof Error ? error.message : String(error));

async function openBook() {
  const tabs = await readTabs();
  const asked = Number(linked().get("gid"));
  /** @param {number | undefined} id */
  const of = (id) => tabs.find((tab) => tab.properties.sheetId === id);
  const wanted = sheet ? narrowing.chosen : Number(linked().get("fvid"));
  sheet = of(sheet?.properties.sheetId) ?? of(asked) ?? tabs[0];
  narrowing.offer(sheet, wanted);
  drawTabs(tabs);
}

/** @param {Sheet[]} tabs */
function drawTabs(tabs) {
  const buttons = tabs.map((tab) => {
    const { title, sheetId, tabColorStyle } = tab.properties;
    const button = document.createElement("button");
    button.textContent = title;
    button.setAttribute("role", "tab");
    button.setAttribute("aria-selected", String(tab === sheet));
    button.style.setProperty("--tab", css(tabColorStyle?.rgbColor) ?? "var(--brand)");
    button.onclick = () => {
      sheet = tab;
      selected = null;
      narrowing.offer(sheet, 0);
      history.replaceState(null, "", `#gid=${sheetId}`);
      const show = async () => {
        drawTabs(tabs);
        await load();
        scroll.scrollTo(0, 0);
        arrivals.announce();
      };
      attempt("Ouverture…", () => inTurn(show));
    };
    return button;
  });
  part(".tabs").replaceChildren(...buttons);
}

/** Read the open tab and show it, unless somebody began to type: false then. */
async function load() {
  const read = await readView(sheet);
  await narrowing.prepare(sheet, read);
  if (editing) return false;
  view = read;
  // On a narrow screen frozen columns would leave no room for the others.
  const table = draw(view, scroll.clientWidth > 700 ? view.frozenColumns : 0);
  table.setAttribute("aria-label", sheet.properties.title);
  arrivals.mark(view, table);
  narrowing.apply(view, table);
  const isInside = scroll.contains(document.activeElement);
  scroll.replaceChildren(table);
  select(selected);
  if (isInside) goToSelected();
  return true;
}

/** @type {(place: Place) => HTMLTableCellElement | null} */
const at = ({ row, column }) =>
  scroll.querySelector(`tr:not([hidden]) td[data-row="${row}"][data-column="${column}"]`);

/**
 * The cell that a move leads to, past rows that are not shown; the place itself at the end.
 *
 * @type {(from: Place, move: Move) => Place}
 */
function beyond(from, { rows, columns }) {
  let place = from;
  do {
    place = { row: place.row + rows, column: place.column + columns };
  } while (rows && place.row >= 0 && place.row < view.last && !at(place));
  return at(place) ? place : from;
}

/** @param {Place | null} place */
function select(place) {
  const before = scroll.querySelector("td[tabindex]");
  const cell = place && at(place);
  selected = cell ? place : null;
  // Tab leads to the selected cell, or to the first.
  const stop = cell ?? at({ row: 0, column: 0 });
  before?.classList.remove("selected");
  before?.removeAttribute("aria-selected");
  if (before !== stop) before?.removeAttribute("tabindex");
  stop?.setAttribute("tabindex", "0");
  cell?.setAttribute("aria-selected", "true");
  if (place && cell) {
    cell.classList.add("selected");
    const lock = lockOf(view, place).toLowerCase();
    const about = [cellName(place), person(view.lines, place.row), lock].filter(Boolean);
    where.textContent = `${about.join(" – ")} : ${cell.textContent || "vide"}`;
  } else {
    where.textContent = "Choisissez une cellule";
  }
  const inTable = place && cell && place.row >= view.frozenRows;
  const whole = view.locked.some(
    ({ range }) => range.startColumnIndex === undefined && range.startRowIndex === undefined,
  );
  for (const tool of tools) tool.disabled = !inTable || whole;
}

/** Bring the focus to the cell that Tab leads to, without moving the sheet. */
function goToSelected() {
  /** @type {HTMLElement | null} */
  const cell = scroll.querySelector("td[tabindex]");
  cell?.focus({ preventScroll: true });
}

/**
 * The row as it is now shown; edits of one row share it, and each tells it what it changed.
 *
 * @param {number} row
 * @returns {KnownRow}
 */
function known(row) {
  const identified = view.known.get(row) ?? identify(view.lines, row);
  view.known.set(row, identified);
  return identified;
}

/** @param {string} [typed] */
async function edit(typed) {
  const place = selected;
  const cell = place && at(place);
  if (!place || !cell || editing || lockOf(view, place)) return;
  const row = known(place.row);
  const before = cell.textContent;
  editing = true;
  const field = await makeField(view.rules[place.column], before, typed).catch((error) => {
    say(`Cela n'a pas marché : ${sentenceOf(error)}.`, true);
    return null;
  });
  if (!field) {
    editing = false;
    return;
  }
  cell.textContent = "";
  cell.classList.add("editing");
  cell.append(field);
  field.focus();
  if (field instanceof HTMLTextAreaElement && typed === undefined) field.select();
  watch(field, (keep, move) => {
    editing = false;
    const text = field.value;
    cell.classList.remove("editing");
    cell.textContent = keep ? text : before;
    if (keep && text !== before) write(row, place, text);
    select(move ? beyond(place, move) : place);
    goToSelected();
  });
}

/**
 * Write into a cell of a row, wherever that row is by now.
 *
 * @type {(row: KnownRow, place: Place, text: string) => void}
 */
function write(row, place, text) {
  const shown = view;
  const tab = quoted(sheet.properties.title);
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  change(
    async () => {
      const lines = await values(tab);
      const to = { row: findRow(row, lines), column: findColumn(row, place.column, lines) };
      if ((lines[to.row]?.[to.column] ?? "") !== (row.cells[place.column] ?? "")) {
        throw new Error("quelqu'un a changé cette cellule entre-temps");
      }
      const range = encodeURIComponent(`${tab}!${cellName(to)}`);
      const options = "valueInputOption=USER_ENTERED&includeValuesInResponse=true";
      const answer = await send(`/values/${range}?${options}`, "PUT", { values: [[text]] });
      row.row = to.row;
      row.cells[place.column] = answer.updatedData.values?.[0]?.[0] ?? "";
    },
    text ? `« ${short} » n'est pas enregistré` : "La cellule n'est pas vidée",
    () => {
      const cell = shown === view && at(place);
      if (cell && !cell.classList.contains("editing")) {
        cell.textContent = view.lines[place.row]?.[place.column] ?? "";
      }
    },
  );
}

/**
 * Change the spreadsheet after the changes before, and show it; `restore` if it fails.
 *
 * @type {(work: () => Promise<void>, lost?: string, restore?: () => void) => void}
 */
function change(work, lost, restore = () => {}) {
  unsaved += 1;
  queue = queue.then(async () => {
    const saved = await attempt("Enregistrement…", work, lost);
    unsaved -= 1;
    if (!saved) restore();
    await refresh().catch(() => {}); // the next look finds it
  });
}

window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

/** @type {Record<string, (row: number, column: number, data: DOMStringMap) => object>} */
const actions = {
  sort: (row, column, { order }) => ({
    sortRange: {
      range: {
        sheetId: sheet.properties.sheetId,
        startRowIndex: view.frozenRows,
        startColumnIndex: 0,
        endColumnIndex: view.widths.length,
      },
      sortSpecs: [{ dimensionIndex: column, sortOrder: order }],
    },
  }),
  insert: (row) => ({ insertDimension: { range: oneRow(row), inheritFromBefore: true } }),
  delete: (row) => ({ deleteDimension: { range: oneRow(row) } }),
};

/** @param {number} row */
const oneRow = (row) => ({
  sheetId: sheet.properties.sheetId,
  dimension: "ROWS",
  startIndex: row,
  endIndex: row + 1,
});

for (const tool of tools) {
  tool.onclick = () => {
    const { action = "" } = tool.dataset;
    if (!selected) return;
    const place = selected;
    const row = known(place.row);
    const tab = quoted(sheet.properties.title);
    const question = `Supprimer la ligne ${place.row + 1} ? Elle ne reviendra pas.`;
    if (action === "delete" && !confirm(question)) return;
    change(async () => {
      const lines = await values(tab);
      const column = findColumn(row, place.column, lines);
      const to = action === "sort" ? place.row : findRow(row, lines);
      await send(":batchUpdate", "POST", { requests: [actions[action](to, column, tool.dataset)] });
    });
  };
}

narrowing.choice.onchange = () => {
  const id = narrowing.chosen;
  const { sheetId } = sheet.properties;
  history.replaceState(null, "", `#gid=${sheetId}${id ? `&fvid=${id}` : ""}`);
  attempt("Ouverture…", () => inTurn(async () => void (await load())));
};
narrowing.field.oninput = () => {
  const table = scroll.querySelector("table");
  if (!table || editing) return;
  narrowing.apply(view, table);
  select(selected);
  scroll.scrollTo({ top: 0 });
};

let again = false; // whether what is being clicked was selected already

/**
 * Select the cell of an event, if it is not; tells whether it was.
 *
 * @param {MouseEvent} event
 */
function point(event) {
  const cell = /** @type {Element} */ (event.target).closest("td");
  if (!cell || editing) return false;
  if (failed()) say("");
  const place = { row: Number(cell.dataset.row), column: Number(cell.dataset.column) };
  const was = selected?.row === place.row && selected?.column === place.column;
  if (!was) select(place);
  return was;
}

// On the way down already: the table may be drawn anew before the button is up.
scroll.addEventListener("mousedown", (event) => {
  again = point(event);
});
scroll.addEventListener("click", (event) => {
  if (!point(event)) return;
  goToSelected();
  if (again) edit();
});
scroll.addEventListener("focusin", ({ target }) => {
  const cell = /** @type {HTMLElement} */ (target);
  if (cell.tagName !== "TD" || cell.classList.contains("selected")) return;
  select({ row: Number(cell.dataset.row), column: Number(cell.dataset.column) });
});
scroll.addEventListener("dblclick", () => edit());
scroll.addEventListener("keydown", (event) => {
  if (!selected || editing || event.ctrlKey || event.metaKey || event.altKey) return;
  /** @type {Record<string, [rows: number, columns: number]>} */
  const moves = {
    ...{ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] },
    ...{ Home: [0, -selected.column], End: [0, view.widths.length - 1 - selected.column] },
  };
  if (moves[event.key]) {
    const [rows, columns] = moves[event.key];
    select(beyond(selected, { rows, columns }));
    goToSelected();
    at(selected)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    event.preventDefault();
  } else if (event.key === "Enter" || event.key === "F2") {
    edit();
    event.preventDefault();
  } else if (event.key === "Delete" || event.key === "Backspace") {
    if (!lockOf(view, selected)) write(known(selected.row), selected, "");
  } else if (event.key.length === 1) {
    edit(event.key);
    event.preventDefault();
  }
});

/**
 * One reading at a time: else an older one may end last and be what is shown.
 *
 * @param {() => Promise<void>} work
 */
function inTurn(work) {
  const turn = reading.then(work);
  reading = turn.catch(() => {});
  return turn;
}

/** Look whether anybody changed the spreadsheet, and show it if so. */
const refresh = () =>
  inTurn(async () => {
    const now = await currentVersion();
    if (now === version || editing) return;
    const kept = { left: scroll.scrollLeft, top: scroll.scrollTop };
    await openBook();
    if (!(await load())) return;
    version = now;
    scroll.scrollTo(kept);
    arrivals.announce();
  });

const linked = () => new URLSearchParams(location.hash.slice(1));

/** Links in mails lead to a request, wherever it is by now, or to a row: #gid=1&range=A5. */
function goToLinkedRow() {
  const request = linked().get("demande");
  const cell = /^[A-Z]+(\d+)$/.exec(linked().get("range") ?? "");
  const row = request ? rowOf(request, view.lines) : cell ? Number(cell[1]) - 1 : -1;
  const place = { row, column: 0 };
  const linkedCell = at(place);
  if (linkedCell) {
    select(place);
    linkedCell.scrollIntoView({ block: "center" });
  } else if (request) {
    select(null);
    say(`La demande ${request} n'est plus dans cet onglet.`, true);
  }
}

async function open() {
  if (await attempt("Ouverture…", refresh)) goToLinkedRow();
}

window.addEventListener("hashchange", () => {
  sheet = NOT_YET;
  version = null;
  open();
});

await open();

const ABSENT = "Le classeur ne répond pas ; nouvel essai…";
for (;;) {
  await new Promise((wake) => setTimeout(wake, POLL));
  if (document.hidden) continue;
  try {
    await refresh();
    if (state.textContent === ABSENT) say("");
  } catch {
    if (!failed()) say(ABSENT);
  }
}
