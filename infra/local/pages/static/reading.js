// Reads the spreadsheet: its tabs, and all that is shown of one.

import { call, quoted, values } from "./sheets.js";

/** @import {Rgb} from "./sheets.js" */
/** @import {KnownRow} from "./rows.js" */

// Resources of the Sheets API, as far as they are read here.
/**
 * @typedef {{startRowIndex?: number, endRowIndex?: number, startColumnIndex?: number,
 *   endColumnIndex?: number}} GridRange
 * @typedef {{range: GridRange, warningOnly?: boolean}} ProtectedRange
 * @typedef {{rgbColor?: Rgb}} ColorStyle
 * @typedef {{properties: {sheetId: number, title: string, hidden?: boolean,
 *   tabColorStyle?: ColorStyle, gridProperties: {rowCount: number, frozenRowCount?: number,
 *   frozenColumnCount?: number}}, protectedRanges?: ProtectedRange[],
 *   filterViews?: FilterView[]}} Sheet
 * @typedef {{hiddenValues?: string[], condition?: {type?: string,
 *   values?: {userEnteredValue?: string, relativeDate?: string}[]}}} FilterCriteria
 * @typedef {{columnIndex?: number, filterCriteria?: FilterCriteria}} FilterSpec
 * @typedef {{filterViewId: number, title?: string, range?: GridRange,
 *   filterSpecs?: FilterSpec[]}} FilterView
 * @typedef {{condition: {type: string, values: {userEnteredValue: string}[]},
 *   showCustomUi?: boolean}} Rule
 * @typedef {{formattedValue?: string, effectiveValue?: {numberValue?: number}, note?: string,
 *   effectiveFormat?: {backgroundColorStyle?: ColorStyle, wrapStrategy?: string,
 *   textFormat?: {bold?: boolean, foregroundColorStyle?: ColorStyle}},
 *   dataValidation?: Rule}} Cell
 * @typedef {{rowData?: {values?: Cell[]}[]}} GridData
 */

/**
 * What is shown of a tab.
 *
 * @typedef {object} View
 * @property {number} id the sheet's
 * @property {number} last how many rows are shown
 * @property {{values?: Cell[]}[]} rows
 * @property {string[][]} lines the texts of their cells
 * @property {Map<number, KnownRow>} known rows that are being edited, see rows.js
 * @property {number} frozenRows
 * @property {number} frozenColumns
 * @property {number[]} widths pixels
 * @property {(Rule | undefined)[]} rules by column
 * @property {ProtectedRange[]} locked
 */

const SPARE_ROWS = 30; // blank rows shown below the last one, to type into

/**
 * The tabs that people see.
 *
 * @returns {Promise<Sheet[]>}
 */
export async function readTabs() {
  const fields = "sheets(properties,protectedRanges(range,warningOnly),filterViews)";
  const book = await call(`?fields=${encodeURIComponent(fields)}`);
  return book.sheets.filter((/** @type {Sheet} */ sheet) => !sheet.properties.hidden);
}

/**
 * What is shown of a tab.
 *
 * @param {Sheet} sheet
 * @returns {Promise<View>}
 */
export async function readView({ properties, protectedRanges = [] }) {
  const { sheetId, title, gridProperties } = properties;
  const name = quoted(title);
  const last = Math.min((await values(name)).length + SPARE_ROWS, gridProperties.rowCount);
  /** @type {(fields: string, ...ranges: string[]) => Promise<any>} */
  const get = (fields, ...ranges) => {
    const asked = ranges.map((range) => `ranges=${encodeURIComponent(`${name}!${range}`)}`);
    return call(`?${asked.join("&")}&fields=${encodeURIComponent(fields)}`);
  };
  const end = gridProperties.rowCount;
  const cells =
    "formattedValue,effectiveValue(numberValue),note," +
    "effectiveFormat(backgroundColorStyle,wrapStrategy,textFormat(bold,foregroundColorStyle))";
  const [body, edges] = await Promise.all([
    get(`sheets.data(rowData.values(${cells}),columnMetadata.pixelSize)`, `1:${last}`),
    get("sheets.data.rowData.values.dataValidation", "2:2", `${end}:${end}`),
  ]);
  const data = body.sheets[0].data[0];
  /** @type {{values?: Cell[]}[]} */
  const rows = data.rowData ?? [];
  /** @type {{pixelSize?: number}[]} */
  const columns = data.columnMetadata;
  return {
    id: sheetId,
    last,
    rows,
    lines: rows.map((row) => (row.values ?? []).map((cell) => cell.formattedValue ?? "")),
    known: new Map(),
    frozenRows: gridProperties.frozenRowCount ?? 0,
    frozenColumns: gridProperties.frozenColumnCount ?? 0,
    widths: columns.map((column) => column.pixelSize ?? 100),
    rules: rulesOf(edges.sheets[0].data, columns.length),
    locked: protectedRanges,
  };
}

/**
 * Each column's rule: its first row's, or its last one's, for people insert rows without rules.
 *
 * @type {(edges: GridData[], columns: number) => (Rule | undefined)[]}
 */
function rulesOf(edges, columns) {
  const rows = edges.map((edge) => edge.rowData?.[0]?.values ?? []);
  return Array.from({ length: columns }, (_, column) =>
    rows.map((row) => row[column]?.dataValidation).find(Boolean),
  );
}
