// The Sheets API as this page calls it, and how it names things.

/** @typedef {{row: number, column: number}} Place of a cell, 0-based */

/** @typedef {{red?: number, green?: number, blue?: number}} Rgb each from 0 to 1 */

export const root = /** @type {HTMLElement} */ (document.querySelector(".workbook"));
const api = `${root.dataset.api}/v4/spreadsheets/${root.dataset.spreadsheet}`;
const drive = `${root.dataset.api}/drive/v3/files/${root.dataset.spreadsheet}?fields=version`;

/** @type {(address: string, options?: RequestInit) => Promise<any>} */
async function ask(address, options) {
  const response = await fetch(address, options).catch(() => {
    throw new Error("le classeur ne répond pas");
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error?.message ?? `HTTP ${response.status}`);
  return answer;
}

/** @param {string} path */
export const call = (path) => ask(api + path);

/** @type {(path: string, method: string, body: object) => Promise<any>} */
export const send = (path, method, body) =>
  ask(api + path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/**
 * The number that grows with every change, whoever makes it.
 *
 * @returns {Promise<string>}
 */
export const currentVersion = async () => (await ask(drive)).version;

/**
 * Cells as people see them; blank ones at the end of a line are left out.
 *
 * @type {(range: string) => Promise<string[][]>}
 */
export const values = async (range) =>
  (await call(`/values/${encodeURIComponent(range)}`)).values ?? [];

/** @param {string} title */
export const quoted = (title) => `'${title.replaceAll("'", "''")}'`;

/** @param {number} column */
export function letter(column) {
  let text = "";
  for (let n = column + 1; n > 0; n = Math.floor((n - 1) / 26)) {
    text = String.fromCharCode(65 + ((n - 1) % 26)) + text;
  }
  return text;
}

/** @param {Place} place */
export const cellName = ({ row, column }) => `${letter(column)}${row + 1}`;

/** @param {Rgb | undefined} rgb */
export function css(rgb) {
  if (!rgb) return undefined;
  const parts = [rgb.red, rgb.green, rgb.blue].map((part) => Math.round((part ?? 0) * 255));
  return `rgb(${parts.join(" ")})`;
}
