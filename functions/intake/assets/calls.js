const PATIENCE = 20_000; // milliseconds
export const NONE = { status: 0, type: "", text: "", wait: 0 }; // no answer at all

/**
 * Call the server. Gives the status, the body's media type and text, and after how many seconds to
 * try again (0 where it says nothing). Throws where there is no answer in time.
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

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
