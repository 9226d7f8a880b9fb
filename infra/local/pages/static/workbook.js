// A window on the spreadsheet: everything it shows and does goes through the Sheets API.

const root = document.querySelector(".workbook");
const scroll = root.querySelector(".scroll");
const api = `${root.dataset.api}/v4/spreadsheets/${root.dataset.spreadsheet}`;
const drive = `${root.dataset.api}/drive/v3/files/${root.dataset.spreadsheet}?fields=version`;
const POLL = 1500; // milliseconds between two looks at the spreadsheet's version
const SPARE_ROWS = 30; // blank rows shown below the last one, to type into

let book = { sheets: [] };
let sheet = null; // the open tab's properties
let view = null; // what is shown of it: cells, widths, rules
let selected = null; // {row, column}, 0-based
let version = null;
let editing = false;
let seen = new Map(); // rows shown before, by tab, so that new ones stand out

const state = root.querySelector(".state");
const where = root.querySelector(".where");

async function call(path, options) {
  const response = await fetch(api + path, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error?.message ?? `HTTP ${response.status}`);
  return answer;
}

const send = (path, method, body) =>
  call(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

async function attempt(doing, work) {
  state.classList.remove("wrong");
  state.textContent = doing;
  try {
    await work();
    state.textContent = "";
  } catch (error) {
    state.classList.add("wrong");
    state.textContent = `Cela n'a pas marché : ${error.message}`;
  }
}

const quoted = (title) => `'${title.replaceAll("'", "''")}'`;

function letter(column) {
  let text = "";
  for (let n = column + 1; n > 0; n = Math.floor((n - 1) / 26)) {
    text = String.fromCharCode(65 + ((n - 1) % 26)) + text;
  }
  return text;
}

const cellName = ({ row, column }) => `${letter(column)}${row + 1}`;

async function openBook() {
  const fields = "sheets(properties,protectedRanges(range,warningOnly))";
  book = await call(`?fields=${encodeURIComponent(fields)}`);
  const visible = book.sheets.filter((one) => !one.properties.hidden);
  const wanted = new URLSearchParams(location.hash.slice(1));
  const asked = visible.find((one) => String(one.properties.sheetId) === wanted.get("gid"));
  const still = sheet && visible.find((one) => one.properties.sheetId === sheet.sheetId);
  sheet = (still ?? asked ?? visible[0]).properties;
  drawTabs(visible);
}

function drawTabs(visible) {
  const tabs = visible.map(({ properties }) => {
    const button = document.createElement("button");
    button.textContent = properties.title;
    button.setAttribute("role", "tab");
    button.setAttribute("aria-selected", properties.sheetId === sheet.sheetId);
    button.style.setProperty("--tab", css(properties.tabColorStyle?.rgbColor) ?? "var(--brand)");
    button.onclick = () => {
      sheet = properties;
      selected = null;
      history.replaceState(null, "", `#gid=${properties.sheetId}`);
      attempt("Ouverture…", async () => {
        drawTabs(visible);
        await load();
        scroll.scrollTo(0, 0);
      });
    };
    return button;
  });
  root.querySelector(".tabs").replaceChildren(...tabs);
}

async function load() {
  const name = quoted(sheet.title);
  const rows = (await call(`/values/${encodeURIComponent(name)}`)).values?.length ?? 1;
  const last = Math.min(rows + SPARE_ROWS, sheet.gridProperties.rowCount);
  const get = (range, fields) =>
    call(`?ranges=${encodeURIComponent(`${name}!${range}`)}&fields=${encodeURIComponent(fields)}`);
  const cell =
    "formattedValue,effectiveValue(numberValue),note," +
    "effectiveFormat(backgroundColorStyle,wrapStrategy,textFormat(bold,foregroundColorStyle))";
  const [body, first] = await Promise.all([
    get(`1:${last}`, `sheets.data(rowData.values(${cell}),columnMetadata.pixelSize)`),
    get("2:2", "sheets.data.rowData.values.dataValidation"),
  ]);
  const data = body.sheets[0].data[0];
  view = {
    id: sheet.sheetId,
    last,
    rows: data.rowData ?? [],
    widths: data.columnMetadata.map((one) => one.pixelSize ?? 100),
    rules: (first.sheets[0].data[0].rowData?.[0]?.values ?? []).map((one) => one.dataValidation),
    locked: book.sheets.find((one) => one.properties.sheetId === sheet.sheetId).protectedRanges ?? [],
  };
  draw();
}

const css = (rgb) =>
  rgb && `rgb(${["red", "green", "blue"].map((part) => Math.round((rgb[part] ?? 0) * 255)).join(" ")})`;

const isLocked = (row, column) =>
  view.locked.some(({ range }) => {
    const inside = (from, at, to) => at >= (from ?? 0) && at < (to ?? Infinity);
    return (
      inside(range.startRowIndex, row, range.endRowIndex) &&
      inside(range.startColumnIndex, column, range.endColumnIndex)
    );
  });

function draw() {
  const frozenRows = sheet.gridProperties.frozenRowCount ?? 0;
  const frozenColumns = sheet.gridProperties.frozenColumnCount ?? 0;
  // On a narrow screen frozen columns would leave no room for the others.
  const stick = scroll.clientWidth > 700 ? frozenColumns : 0;
  const before = seen.get(view.id);
  const keys = new Set();
  const table = document.createElement("table");
  const columns = document.createElement("colgroup");
  columns.append(...[44, ...view.widths].map((width) => {
    const column = document.createElement("col");
    column.style.width = `${width}px`;
    return column;
  }));
  const letters = table.createTHead().insertRow();
  letters.className = "letters";
  letters.append(...["", ...view.widths.map((_, i) => letter(i))].map((text) => {
    const head = document.createElement("th");
    head.textContent = text;
    return head;
  }));
  const body = table.createTBody();
  for (let row = 0; row < view.last; row += 1) {
    const line = body.insertRow();
    const cells = view.rows[row]?.values ?? [];
    if (row < frozenRows) line.className = "frozen";
    const head = document.createElement("th");
    head.className = "index";
    head.textContent = row + 1;
    line.append(head);
    let left = 44;
    view.widths.forEach((width, column) => {
      const cell = line.insertCell();
      drawCell(cell, cells[column] ?? {}, row, column);
      if (column < stick) {
        cell.classList.add("frozen");
        cell.style.left = `${left}px`;
        if (column === stick - 1) cell.classList.add("edge");
        left += width;
      }
    });
    const key = cells[0]?.formattedValue;
    if (key) {
      keys.add(key);
      if (before && !before.has(key)) line.classList.add("fresh");
    }
  }
  seen.set(view.id, keys);
  table.prepend(columns);
  table.style.width = `${44 + view.widths.reduce((sum, width) => sum + width, 0)}px`;
  scroll.replaceChildren(table);
  select(selected);
}

function drawCell(cell, data, row, column) {
  const format = data.effectiveFormat ?? {};
  cell.textContent = data.formattedValue ?? "";
  cell.dataset.row = row;
  cell.dataset.column = column;
  cell.className = format.wrapStrategy === "WRAP" ? "wrap" : "clip";
  if (data.effectiveValue?.numberValue !== undefined) cell.classList.add("number");
  const background = css(format.backgroundColorStyle?.rgbColor);
  if (background) cell.style.backgroundColor = background;
  const color = css(format.textFormat?.foregroundColorStyle?.rgbColor);
  if (color) cell.style.color = color;
  if (format.textFormat?.bold) cell.style.fontWeight = "700";
  if (isLocked(row, column)) {
    cell.classList.add("locked");
    cell.title = "Tenu par le système : ne se modifie pas ici.";
  }
  if (data.note) cell.title = data.note;
}

const at = ({ row, column }) =>
  scroll.querySelector(`td[data-row="${row}"][data-column="${column}"]`);

function select(place) {
  scroll.querySelector("td.selected")?.classList.remove("selected");
  const cell = place && at(place);
  selected = cell ? place : null;
  if (cell) {
    cell.classList.add("selected");
    const lock = cell.classList.contains("locked") ? " – tenu par le système" : "";
    where.textContent = `${cellName(place)}${lock} : ${cell.textContent || "vide"}`;
  } else {
    where.textContent = "Choisissez une cellule";
  }
  const inTable = cell && place.row >= (sheet.gridProperties.frozenRowCount ?? 0);
  const whole = view?.locked.some(({ range }) => range.startColumnIndex === undefined && range.startRowIndex === undefined);
  for (const tool of root.querySelectorAll(".tool")) tool.disabled = !inTable || whole;
}

async function edit(start) {
  const place = selected;
  const cell = place && at(place);
  if (!cell || editing || cell.classList.contains("locked")) return;
  const before = cell.textContent;
  editing = true;
  const field = await editor(place, start ?? before);
  cell.textContent = "";
  cell.classList.add("editing");
  cell.append(field);
  field.focus();
  if (field.select && start === undefined) field.select();
  const close = (keep, move) => {
    if (!editing) return;
    editing = false;
    const value = field.value;
    cell.classList.remove("editing");
    cell.textContent = keep ? value : before;
    if (keep && value !== before) write(place, value);
    select(move ? { row: place.row + move.rows, column: place.column + move.columns } : place);
    scroll.focus({ preventScroll: true });
  };
  field.onblur = () => close(true);
  field.onkeydown = (event) => {
    event.stopPropagation();
    const moves = { Enter: { rows: 1, columns: 0 }, Tab: { rows: 0, columns: 1 } };
    if (event.key === "Escape") close(false);
    else if (moves[event.key] && !event.shiftKey) {
      event.preventDefault();
      close(true, moves[event.key]);
    }
  };
  if (field.tagName === "SELECT") field.onchange = () => close(true);
}

/** A list to choose from where the cell has a rule, else a text field. */
async function editor(place, value) {
  const rule = view.rules[place.column];
  const kind = rule?.condition.type;
  if (rule?.showCustomUi && (kind === "ONE_OF_LIST" || kind === "ONE_OF_RANGE")) {
    const given = rule.condition.values.map((one) => one.userEnteredValue);
    const choices = kind === "ONE_OF_LIST" ? given : await listed(given[0].replace(/^=/, ""));
    if (value && !choices.includes(value)) choices.unshift(value);
    const field = document.createElement("select");
    field.append(...["", ...choices].map((choice) => new Option(choice, choice, false, choice === value)));
    return field;
  }
  const field = document.createElement("textarea");
  field.value = value;
  return field;
}

async function listed(range) {
  const { values = [] } = await call(`/values/${encodeURIComponent(range.replaceAll("$", ""))}`);
  return values.flat().filter(Boolean);
}

function write(place, value) {
  const range = `${quoted(sheet.title)}!${cellName(place)}`;
  return attempt("Enregistrement…", async () => {
    const path = `/values/${encodeURIComponent(range)}?valueInputOption=USER_ENTERED`;
    await send(path, "PUT", { values: [[value]] });
    await refresh();
  });
}

const actions = {
  sort: ({ order }) => ({
    sortRange: {
      range: {
        sheetId: sheet.sheetId,
        startRowIndex: sheet.gridProperties.frozenRowCount ?? 0,
        startColumnIndex: 0,
        endColumnIndex: view.widths.length,
      },
      sortSpecs: [{ dimensionIndex: selected.column, sortOrder: order }],
    },
  }),
  insert: () => ({ insertDimension: { range: selectedRow(), inheritFromBefore: true } }),
  delete: () => ({ deleteDimension: { range: selectedRow() } }),
};

const selectedRow = () => ({
  sheetId: sheet.sheetId,
  dimension: "ROWS",
  startIndex: selected.row,
  endIndex: selected.row + 1,
});

for (const tool of root.querySelectorAll(".tool")) {
  tool.onclick = () => {
    const { action } = tool.dataset;
    if (!selected) return;
    if (action === "delete" && !confirm(`Supprimer la ligne ${selected.row + 1} ? Elle ne reviendra pas.`)) return;
    attempt("Enregistrement…", async () => {
      await send(":batchUpdate", "POST", { requests: [actions[action](tool.dataset)] });
      await refresh();
    });
  };
}

scroll.addEventListener("click", (event) => {
  const cell = event.target.closest("td");
  if (!cell || editing) return;
  const place = { row: Number(cell.dataset.row), column: Number(cell.dataset.column) };
  const again = selected && selected.row === place.row && selected.column === place.column;
  select(place);
  scroll.focus({ preventScroll: true });
  if (again) edit();
});
scroll.addEventListener("dblclick", () => edit());
scroll.addEventListener("keydown", (event) => {
  if (!selected || editing || event.ctrlKey || event.metaKey || event.altKey) return;
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  if (moves[event.key]) {
    const [rows, columns] = moves[event.key];
    const place = { row: selected.row + rows, column: selected.column + columns };
    if (at(place)) select(place);
    at(selected).scrollIntoView({ block: "nearest", inline: "nearest" });
    event.preventDefault();
  } else if (event.key === "Enter" || event.key === "F2") {
    edit();
    event.preventDefault();
  } else if (event.key === "Delete" || event.key === "Backspace") {
    if (!at(selected).classList.contains("locked")) write(selected, "");
  } else if (event.key.length === 1) {
    edit(event.key);
    event.preventDefault();
  }
});

/** Look whether anybody changed the spreadsheet, and show it if so. */
async function refresh() {
  const response = await fetch(drive);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const now = (await response.json()).version;
  if (now === version || editing) return;
  version = now;
  const kept = { left: scroll.scrollLeft, top: scroll.scrollTop };
  await openBook();
  await load();
  scroll.scrollTo(kept);
}

/** Links in mails lead to a row: #gid=123&range=A5. */
function goToLinkedRow() {
  const found = /^[A-Z]+(\d+)$/.exec(new URLSearchParams(location.hash.slice(1)).get("range") ?? "");
  const place = found && { row: Number(found[1]) - 1, column: 0 };
  if (!place || !at(place)) return;
  select(place);
  at(place).scrollIntoView({ block: "center" });
}

window.addEventListener("hashchange", () => {
  sheet = null;
  version = null;
  attempt("Ouverture…", async () => {
    await refresh();
    goToLinkedRow();
  });
});

await attempt("Ouverture…", async () => {
  await refresh();
  goToLinkedRow();
});

for (;;) {
  await new Promise((wake) => setTimeout(wake, POLL));
  if (document.hidden) continue;
  try {
    await refresh();
    if (state.textContent.startsWith("Le classeur")) state.textContent = "";
  } catch {
    state.textContent = "Le classeur ne répond pas ; nouvel essai…";
  }
}
