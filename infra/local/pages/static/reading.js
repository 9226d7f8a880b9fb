// Reads the spreadsheet: its tabs, and all that is shown of one.

import { call, quoted, values } from "./sheets.js";

const SPARE_ROWS = 30; // blank rows shown below the last one, to type into

/** The Sheet resources of the tabs that people see. */
export async function readTabs() {
  const fields = "sheets(properties,protectedRanges(range,warningOnly))";
  const book = await call(`?fields=${encodeURIComponent(fields)}`);
  return book.sheets.filter((one) => !one.properties.hidden);
}

/** What is shown of a tab: cells, their texts, widths, rules, what is protected. */
export async function readView({ properties, protectedRanges = [] }) {
  const { sheetId, title, gridProperties } = properties;
  const name = quoted(title);
  const last = Math.min((await values(name)).length + SPARE_ROWS, gridProperties.rowCount);
  const get = (fields, ...ranges) => {
    const asked = ranges.map((range) => `ranges=${encodeURIComponent(`${name}!${range}`)}`);
    return call(`?${asked.join("&")}&fields=${encodeURIComponent(fields)}`);
  };
  const end = gridProperties.rowCount;
  const cell =
    "formattedValue,effectiveValue(numberValue),note," +
    "effectiveFormat(backgroundColorStyle,wrapStrategy,textFormat(bold,foregroundColorStyle))";
  const [body, edges] = await Promise.all([
    get(`sheets.data(rowData.values(${cell}),columnMetadata.pixelSize)`, `1:${last}`),
    get("sheets.data.rowData.values.dataValidation", "2:2", `${end}:${end}`),
  ]);
  const data = body.sheets[0].data[0];
  const rows = data.rowData ?? [];
  return {
    id: sheetId,
    last,
    rows,
    lines: rows.map((row) => (row.values ?? []).map((one) => one.formattedValue ?? "")),
    known: new Map(), // rows that are being edited, see rows.js
    frozenRows: gridProperties.frozenRowCount ?? 0,
    frozenColumns: gridProperties.frozenColumnCount ?? 0,
    widths: data.columnMetadata.map((one) => one.pixelSize ?? 100),
    rules: rulesOf(edges.sheets[0].data, data.columnMetadata.length),
    locked: protectedRanges,
  };
}

/** Each column's rule: its first row's, or its last one's, for people insert rows without rules. */
function rulesOf(edges, columns) {
  const rows = edges.map((one) => one.rowData?.[0]?.values ?? []);
  return Array.from({ length: columns }, (_, column) =>
    rows.map((row) => row[column]?.dataValidation).find(Boolean),
  );
}
