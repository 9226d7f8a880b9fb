import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { corrected, matching, plain } from "../../../functions/intake/assets/communes.js";

const called = (...names) => names.map((name) => ({ name, key: plain(name) }));
const COMMUNES = [
  called("Porte-du-Quercy", "Saint-Matré", "Fargues"),
  called("Bellefont-La Rauze", "Cours", "Laburgade Saint"),
  called("Saint-Céré"),
  called("Saint-Denis-lès-Martel"),
  called("Martel"),
  called("Montcuq-en-Quercy-Blanc", "Montcuq", "Saint-Cyprien"),
  called("Cœur de Causse", "Labastide-Murat"),
];
const proposed = (text) =>
  matching(COMMUNES, text).map(({ name, former }) => (former ? `${name} (${former})` : name));

describe("the communes proposed", () => {
  test("are first those that begin so today, then those that began so, then others, by name", () => {
    assert.deepEqual(proposed("saint"), [
      "Saint-Céré",
      "Saint-Denis-lès-Martel",
      "Montcuq-en-Quercy-Blanc (Saint-Cyprien)",
      "Porte-du-Quercy (Saint-Matré)",
      "Bellefont-La Rauze (Laburgade Saint)",
    ]);
  });

  test("are before all the one that is called so", () => {
    assert.deepEqual(proposed("martel"), ["Martel", "Saint-Denis-lès-Martel"]);
    assert.deepEqual(proposed("montcuq"), ["Montcuq-en-Quercy-Blanc (Montcuq)"]);
  });

  test("are found however they are spelled, and none is found for nonsense", () => {
    assert.deepEqual(proposed("ST CERE"), ["Saint-Céré"]);
    assert.deepEqual(proposed("coeur"), ["Cœur de Causse"]);
    assert.deepEqual(proposed("nulle part"), []);
    assert.equal(proposed("").length, COMMUNES.length);
  });
});

test("a name chosen from an error takes the place of the one that is no commune's", () => {
  assert.equal(corrected(COMMUNES, "Martell", "Martel"), "Martel");
  assert.equal(corrected(COMMUNES, "st cere, Martell; coeur de causse", "Martel"),
    "st cere, Martel; coeur de causse");
  assert.equal(corrected(COMMUNES, "Martell, Saint-Céré", "Martel"), "Martel, Saint-Céré");
  assert.equal(corrected(COMMUNES, "46100, Saint-Céré", "Martel"), "Martel, Saint-Céré");
});
