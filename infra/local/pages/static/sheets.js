// The Sheets API as this page calls it, and how it names things.

const root = document.querySelector(".workbook");
const api = `${root.dataset.api}/v4/spreadsheets/${root.dataset.spreadsheet}`;
const drive = `${root.dataset.api}/drive/v3/files/${root.dataset.spreadsheet}?fields=version`;

async function ask(address, options) {
  const response = await fetch(address, options).catch(() => {
    throw new Error("le classeur ne répond pas");
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error?.message ?? `HTTP ${response.status}`);
  return answer;
}

export const call = (path) => ask(api + path);

export const send = (path, method, body) =>
  ask(api + path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/** The number that grows with every change, whoever makes it. */
export const currentVersion = async () => (await ask(drive)).version;

/** Cells as people see them; blank ones at the end of a line are left out. */
export const values = async (range) =>
  (await call(`/values/${encodeURIComponent(range)}`)).values ?? [];

export const quoted = (title) => `'${title.replaceAll("'", "''")}'`;

export function letter(column) {
  let text = "";
  for (let n = column + 1; n > 0; n = Math.floor((n - 1) / 26)) {
    text = String.fromCharCode(65 + ((n - 1) % 26)) + text;
  }
  return text;
}

export const cellName = ({ row, column }) => `${letter(column)}${row + 1}`;

export const css = (rgb) =>
  rgb && `rgb(${["red", "green", "blue"].map((part) => Math.round((rgb[part] ?? 0) * 255)).join(" ")})`;
