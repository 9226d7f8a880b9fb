import { call, pause } from "./calls.js";

// Milliseconds. The server takes what is quicker for a robot, and forgets a challenge after ten
// minutes (functions/intake/robots.py).
const RIPE = 4_000;
const STALE = 8 * 60_000;
const ASK_AGAIN = 10_000;
const MOST_TRIALS = 100_000;
// To wait for each trial before the next takes longer than the trials.
const AT_ONCE = 16;

/** Without WebCrypto, as on a page without TLS, nothing can be proved. */
export const canProve = () => Boolean(globalThis.crypto && crypto.subtle);

/**
 * Keeps a proof of work ready: `begin` when somebody writes, `proof` when the form leaves.
 *
 * @param {string} base
 */
export function openProver(base) {
  /** @typedef {{payload: string, ripe: number}} Made what to send, and from when on */
  /** @type {{since: number, failed: boolean, made: Promise<Made>} | null} */
  let current = null;

  async function make() {
    const answer = await call(`${base}/challenge`);
    if (answer.status !== 200) throw Object.assign(new Error("no challenge"), answer);
    const challenge = JSON.parse(answer.text);
    const ripe = Date.now() + RIPE;
    // A form without a proof is accepted too, and looked at: better than none at all.
    const payload = await solve(challenge).catch(() => "");
    return { payload, ripe };
  }

  function begin() {
    const lasting = current?.failed ? ASK_AGAIN : STALE;
    if (current && Date.now() - current.since < lasting) return current;
    const mine = { since: Date.now(), failed: false, made: make() };
    mine.made.catch(() => { mine.failed = true; });
    current = mine;
    return mine;
  }

  return {
    begin() { begin(); },
    forget() { current = null; },
    /** The payload to send; waits until it can be. Throws where the server gives no challenge. */
    async proof() {
      if (current?.failed) current = null;
      const { payload, ripe } = await begin().made;
      await pause(Math.max(0, ripe - Date.now()));
      return payload;
    },
  };
}

/**
 * ALTCHA, version 2, with PBKDF2: the payload that solves a challenge.
 *
 * @param {any} challenge as the server makes it
 */
async function solve(challenge) {
  const { algorithm, nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
  const began = performance.now();
  const hash = algorithm.replace("PBKDF2/", "");
  const start = bytes(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  const counters = new DataView(password.buffer, start.length);
  const derivation = { name: "PBKDF2", hash, salt: bytes(salt), iterations: cost };
  /** Each trial is done off the page's own thread, so that nothing freezes. */
  const trial = async (/** @type {number} */ counter) => {
    counters.setUint32(0, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    return hex(await crypto.subtle.deriveBits(derivation, key, keyLength * 8));
  };
  for (let first = 0; first < MOST_TRIALS; first += AT_ONCE) {
    const tried = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => trial(first + n)));
    const place = tried.findIndex((derived) => derived.startsWith(keyPrefix));
    if (place >= 0) {
      const time = Math.round(performance.now() - began);
      const solution = { counter: first + place, derivedKey: tried[place], time };
      return btoa(JSON.stringify({ challenge, solution }));
    }
  }
  throw new Error("no solution");
}

/** @type {(text: string) => Uint8Array<ArrayBuffer>} */
const bytes = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
/** @type {(buffer: ArrayBuffer) => string} */
const hex = (buffer) =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
