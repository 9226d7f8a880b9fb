import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { setImmediate } from "node:timers/promises";

import { openProver } from "../../../functions/intake/assets/proof.js";

const QUICKEST = 3_000; // milliseconds: what is quicker is a robot's, see robots.py
const FORGOTTEN = 10 * 60_000; // milliseconds: the server takes no older challenge, see robots.py
const SECOND = 1_000;

let asked; // the addresses called
let answers; // what the server answers next; after these, challenges

beforeEach((context) => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  asked = [];
  answers = [];
  context.mock.method(globalThis, "fetch", async (address) => {
    asked.push(address);
    const answer = answers.shift() || answerOf(200, challenge(asked.length));
    if (answer instanceof Error) throw answer;
    return answer;
  });
  // Nothing here waits for the real clock, nor for another thread; browsers solve real challenges
  // in tests/e2e.
  context.mock.method(crypto.subtle, "importKey", async () => ({}));
  context.mock.method(crypto.subtle, "deriveBits", async ({ iterations }) => {
    if (!iterations) throw new Error("not supported");
    return new ArrayBuffer(32);
  });
});

const answerOf = (status, body, headers = {}) => ({
  status,
  headers: new Headers(headers),
  text: async () => JSON.stringify(body),
});

/** A challenge that the first trial solves; its salt tells it from the others. */
function challenge(number, cost = 1) {
  const parameters = { algorithm: "PBKDF2/SHA-256", nonce: "00", cost, keyLength: 32 };
  return { parameters: { ...parameters, salt: `0${number}`, keyPrefix: "" } };
}

/** Which challenge a payload solves. */
const numberOf = (payload) => Number(JSON.parse(atob(payload)).challenge.parameters.salt);

/** What came of a promise once all is done that does not wait for the clock. */
async function outcome(promise) {
  let result = "waiting";
  promise.then((value) => { result = value; }, (error) => { result = error; });
  for (let turn = 0; turn < 3; turn += 1) {
    await setImmediate();
    mock.timers.tick(0);
  }
  return result;
}

test("a proof is given no sooner than the server believes a person to be", async () => {
  const proof = openProver("https://intake.example").proof();
  assert.equal(await outcome(proof), "waiting");
  mock.timers.tick(QUICKEST);
  assert.equal(await outcome(proof), "waiting");
  mock.timers.tick(SECOND);
  assert.equal(numberOf(await outcome(proof)), 1);
  assert.deepEqual(asked, ["https://intake.example/challenge"]);
});

test("who wrote for long enough waits no longer", async () => {
  const prover = openProver("");
  prover.begin();
  await outcome(Promise.resolve());
  mock.timers.tick(QUICKEST + SECOND);
  assert.equal(numberOf(await outcome(prover.proof())), 1);
});

test("a challenge is asked for once, and again before the server forgets it", async () => {
  const prover = openProver("");
  for (let minute = 0; minute < 7; minute += 1) {
    prover.begin();
    await outcome(Promise.resolve());
    mock.timers.tick(60 * SECOND);
  }
  assert.equal(asked.length, 1);
  mock.timers.tick(FORGOTTEN - 8 * 60 * SECOND);
  assert.equal(numberOf(await proofSoon(prover)), 2);
});

test("a proof does for several tries until it is forgotten", async () => {
  const prover = openProver("");
  assert.equal(numberOf(await proofSoon(prover)), 1);
  assert.equal(numberOf(await proofSoon(prover)), 1);
  prover.forget();
  assert.equal(numberOf(await proofSoon(prover)), 2);
});

test("without a challenge there is no proof, and the next try asks for one", async () => {
  const prover = openProver("");
  answers.push(answerOf(429, {}, { "Retry-After": "75" }));
  const { status, wait } = await outcome(prover.proof());
  assert.deepEqual([status, wait], [429, 75]);
  answers.push(new TypeError("no network"));
  assert.equal((await outcome(prover.proof())).message, "no network");
  assert.equal(numberOf(await proofSoon(prover)), 3);
});

test("who goes on writing asks for the challenge again after a while", async () => {
  const prover = openProver("");
  answers.push(new TypeError("no network"));
  prover.begin();
  await outcome(Promise.resolve());
  mock.timers.tick(9 * SECOND);
  prover.begin();
  assert.equal(asked.length, 1);
  mock.timers.tick(SECOND);
  prover.begin();
  assert.equal(asked.length, 2);
});

test("what cannot be solved is sent without a proof", async () => {
  answers.push(answerOf(200, challenge(1, 0)));
  assert.equal(await proofSoon(openProver("")), "");
});

/** The proof, by a clock that goes on. */
async function proofSoon(prover) {
  const proof = prover.proof();
  await outcome(proof);
  mock.timers.tick(QUICKEST + SECOND);
  return outcome(proof);
}

test("the first of several trials at once that solves it is sent", async (context) => {
  const solved = new Uint8Array(32).fill(0xab);
  context.mock.method(crypto.subtle, "importKey", async (_, password) =>
    new DataView(password.buffer).getUint32(password.length - 4));
  context.mock.method(crypto.subtle, "deriveBits", async (_, counter) =>
    counter === 21 || counter === 23 ? solved.buffer : new ArrayBuffer(32));
  const hard = challenge(1);
  hard.parameters.keyPrefix = "abab";
  answers.push(answerOf(200, hard));
  const given = openProver("").proof();
  await outcome(given);
  mock.timers.tick(QUICKEST * 2);
  const { solution } = JSON.parse(atob(await outcome(given)));
  assert.equal(solution.counter, 21);
  assert.ok(solution.derivedKey.startsWith("abab"));
});
