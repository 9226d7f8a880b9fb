const PATIENCE = 20_000; // milliseconds

/**
 * What the server answered; `wait`: after how many seconds to try again, 0 where it says nothing.
 *
 * @typedef {{status: number, type: string, text: string, wait: number}} Answer
 */

/**
 * No answer at all.
 *
 * @type {Answer}
 */
export const NONE = { status: 0, type: "", text: "", wait: 0 };

/**
 * Call the server. Throws where there is no answer in time.
 *
 * @param {string | URL} address
 * @param {RequestInit} [options]
 * @returns {Promise<Answer>}
 */
export async function call(address, options = {}) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE);
  try {
    const answer = await fetch(address, { ...options, signal: giveUp.signal });
    return {
      status: answer.status,
      type: answer.headers.get("Content-Type") || "",
      text: await answer.text(),
      wait: Number(answer.headers.get("Retry-After")) || 0,
    };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {number} milliseconds
 * @returns {Promise<void>}
 */
export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
