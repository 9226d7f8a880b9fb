import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { needs, search, shows } from "../../../../infra/local/pages/static/filters.js";
import { parse } from "../../../../infra/local/pages/static/formulas.js";

const NOW = new Date(2026, 10, 23, 9);
const TODAY = 46_349; // as a serial number

const cell = (value) =>
  typeof value === "number"
    ? { formattedValue: `le ${value}`, effectiveValue: { numberValue: value } }
    : value === "" ? {} : { formattedValue: value };
const rowsOf = (...lines) => lines.map((line) => ({ values: line.map(cell) }));

/** The values of the first column in the rows that a view shows. */
function shown(filter, lines, ranges = {}) {
  const rows = rowsOf(["Titre"], ...lines);
  const isShown = shows(filter, rows, new Map(Object.entries(ranges)), NOW);
  return lines.filter((_, at) => isShown(at + 1)).map(([first]) => first);
}
const by = (filterCriteria, columnIndex = 0) => ({ filterSpecs: [{ columnIndex, filterCriteria }] });
const when = (type, ...values) => by({ condition: { type, values } });
const typed = (text) => ({ userEnteredValue: text });

describe("criteria", () => {
  test("hidden values are hidden, and all others shown", () => {
    assert.deepEqual(shown(by({ hiddenValues: ["a", ""] }), [["a"], ["b"], [""]]), ["b"]);
  });

  test("conditions on texts", () => {
    const lines = [["Ana Roux"], ["ana roux"], ["Ana"], [""]];
    assert.deepEqual(shown(when("TEXT_EQ", typed("Ana Roux")), lines), ["Ana Roux", "ana roux"]);
    assert.deepEqual(shown(when("TEXT_CONTAINS", typed("ROUX")), lines), ["Ana Roux", "ana roux"]);
    assert.deepEqual(shown(when("BLANK"), lines), [""]);
    assert.deepEqual(shown(when("NOT_BLANK"), lines).length, 3);
  });

  test("a date before tomorrow is today's or an earlier one, and no text", () => {
    const filter = when("DATE_BEFORE", { relativeDate: "TOMORROW" });
    const lines = [[TODAY - 40], [TODAY], [TODAY + 0.9], [TODAY + 1], ["demain"], [""]];
    assert.deepEqual(shown(filter, lines), [TODAY - 40, TODAY, TODAY + 0.9]);
  });

  test("all criteria have to fit", () => {
    const filter = {
      filterSpecs: [...by({ hiddenValues: ["a"] }).filterSpecs, ...by({ hiddenValues: ["x"] }, 1).filterSpecs],
    };
    assert.deepEqual(shown(filter, [["a", "y"], ["b", "x"], ["c", "y"]]), ["c"]);
  });

  test("what is outside of a view's range is shown", () => {
    const filter = { ...by({ hiddenValues: ["a"] }), range: { endRowIndex: 2 } };
    assert.deepEqual(shown(filter, [["a"], ["a"]]), ["a"]);
  });

  test("a formula is about the row below the header, which may stand below title rows", () => {
    const filter = { ...when("CUSTOM_FORMULA", typed('=$A4="a"')), range: { startRowIndex: 2 } };
    assert.deepEqual(shown(filter, [["titre"], ["en-tête"], ["a"], ["b"], ["a"]]), ["titre", "en-tête", "a", "a"]);
  });

  test("a condition that is not known is refused with its name", () => {
    assert.throws(() => shown(when("NUMBER_GREATER", typed("3")), []), /NUMBER_GREATER/);
  });
});

describe("formulas", () => {
  const formula = (text) => when("CUSTOM_FORMULA", typed(text));

  test("they are about the row they are in", () => {
    assert.deepEqual(shown(formula('=OR($A2="";$B2<>"x")'), [["a", "x"], ["b", "y"], ["", "x"]]), ["b", ""]);
    assert.deepEqual(shown(formula('=AND($A2="A";NOT(ISTEXT($B2)))'), [["a", 3], ["a", "3"], ["a", ""]]), ["a", "a"]);
  });

  test("regular expressions are those of the spreadsheet", () => {
    const lines = [["Figeac, Cahors"], ["figeac"], ["Grand-Figeac"], ["SAINT CÉRÉ"], [46100]];
    const figeac = formula('=REGEXMATCH(TO_TEXT($A2);"(?i)(^|[,;])\\s*(Figeac)\\s*($|[,;])")');
    assert.deepEqual(shown(figeac, lines), ["Figeac, Cahors", "figeac"]);
    assert.deepEqual(shown(formula('=REGEXMATCH($A2;"(?i)saint[- ]c[ée]r[ée]")'), lines), ["SAINT CÉRÉ"]);
  });

  test("lines of another tab are counted", () => {
    const text =
      "=COUNTIFS(INDIRECT(\"'À vérifier'!C2:C\");$A2)" +
      ">COUNTIFS(INDIRECT(\"'À vérifier'!C2:C\");$A2;INDIRECT(\"'À vérifier'!E2:E\");\"Oui\")";
    const ranges = {
      "'À vérifier'!C2:C": ["LOT-1", "LOT-2", "LOT-3", "LOT-3"],
      "'À vérifier'!E2:E": ["", "Oui", "Oui"],
    };
    assert.deepEqual(new Set(needs(formula(text))), new Set(Object.keys(ranges)));
    const lines = [["LOT-1"], ["LOT-2"], ["LOT-3"], ["LOT-4"]];
    assert.deepEqual(shown(formula(text), lines, ranges), ["LOT-1", "LOT-3"]);
  });

  for (const text of ["Figeac", "=SUM(A2)", "=OR($A2", '=$A2=""x', "=1+1", "=", "=A2)"]) {
    test(`« ${text} » is refused`, () => {
      assert.throws(() => parse(text), /ne sait pas calculer/);
    });
  }
});

test("a search looks in all cells for all words, whatever their spelling", () => {
  const line = ["LOT-65AC-WHNK", "Delprat", "Élodie", "Saint-Céré"];
  assert.ok(search("elodie DELPRAT")(line));
  assert.ok(search("céré 65ac")(line));
  assert.ok(search("  ")(line));
  assert.ok(!search("elodie martin")(line));
});
