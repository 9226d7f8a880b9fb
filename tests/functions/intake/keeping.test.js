import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { openKeeping } from "../../../functions/intake/assets/keeping.js";

const BASE = "https://example.org/intake";
const NOW = Date.parse("2026-11-23T09:00:00Z");
const DAY = 24 * 3600_000;

const fieldsOf = (key) => [["idempotency_key", key], ["first_name", "Ana"]];
const entryOf = (key, since = NOW) => ({ fields: fieldsOf(key), since, refused: false });

/** A browser's storage; the methods of a real one are not among its keys either. */
const newStorage = () => Object.create({
  getItem(name) { return this[name] ?? null; },
  setItem(name, text) { this[name] = text; },
  removeItem(name) { delete this[name]; },
});

beforeEach(() => { globalThis.localStorage = newStorage(); });

describe("what is kept", () => {
  test("is one request for each key, the oldest first", () => {
    const keeping = openKeeping(BASE);
    assert.equal(keeping.put(entryOf("b", NOW)), true);
    assert.equal(keeping.put(entryOf("a", NOW - 1)), true);
    assert.equal(keeping.put({ ...entryOf("b", NOW), refused: true }), true);
    assert.deepEqual(keeping.all(), [entryOf("a", NOW - 1), { ...entryOf("b", NOW), refused: true }]);
    keeping.drop("a");
    assert.equal(keeping.get("a"), null);
    assert.equal(keeping.lasting, true);
  });

  for (const [days, old] of [[6.99, 0], [7.01, 1]]) {
    test(`is kept for seven days, and this is ${days}`, () => {
      const keeping = openKeeping(BASE);
      keeping.put(entryOf("a"));
      assert.equal(keeping.expire(NOW + days * DAY), old);
      assert.equal(keeping.all().length, 1 - old);
    });
  }

  test("is kept for no longer where a clock was wrong", () => {
    const keeping = openKeeping(BASE);
    keeping.put(entryOf("a", NOW + 4 * 365 * DAY));
    assert.equal(keeping.expire(NOW), 0);
    assert.equal(keeping.expire(NOW + 7.01 * DAY), 1);
  });

  test("is erased, too, where the form has had another address", () => {
    const [before, keeping] = [openKeeping(`${BASE}/old`), openKeeping(BASE)];
    before.put(entryOf("a", NOW - 6.9 * DAY));
    before.put(entryOf("b", NOW - 7.1 * DAY));
    localStorage.setItem("another script's", "1");
    assert.equal(keeping.expire(NOW), 1);
    assert.deepEqual(keeping.all(), []);
    assert.deepEqual(before.all(), [entryOf("a", NOW - 6.9 * DAY)]);
    assert.equal(localStorage.getItem("another script's"), "1");
  });

  test("is nothing that another script wrote there", () => {
    const keeping = openKeeping(BASE);
    keeping.put(entryOf("a"));
    const [name] = Object.keys(localStorage);
    for (const text of ["", "{", "null", '{"fields": [["idempotency_key", 1]], "since": 1}']) {
      localStorage.setItem(name, text);
      assert.deepEqual(keeping.all(), []);
    }
    assert.equal(keeping.expire(NOW), 0);
    assert.deepEqual(Object.keys(localStorage), []);
  });

  test("lasts as long as the page where the browser keeps nothing", () => {
    globalThis.localStorage = { setItem() { throw new Error("no room"); } };
    const keeping = openKeeping(BASE);
    assert.equal(keeping.lasting, false);
    assert.equal(keeping.put(entryOf("a")), true);
    assert.deepEqual(keeping.all(), [entryOf("a")]);
  });

  test("says so when the room is used up", () => {
    const keeping = openKeeping(BASE);
    Object.getPrototypeOf(localStorage).setItem = () => { throw new Error("no room"); };
    assert.equal(keeping.put(entryOf("a")), false);
  });
});
