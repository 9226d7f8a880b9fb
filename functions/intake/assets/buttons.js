/** @typedef {(text: string) => void} Tell */

/**
 * Do a job while a button says what is going on, `words` at first; a second press does nothing.
 *
 * @param {HTMLElement} button
 * @param {string} words
 * @param {Tell} announce
 * @param {(tell: Tell) => Promise<void>} job
 */
export async function busily(button, words, announce, job) {
  if (button.getAttribute("aria-disabled")) return;
  const before = button.textContent;
  /** @type {Tell} */
  const tell = (text) => {
    button.textContent = text;
    announce(text);
  };
  button.setAttribute("aria-disabled", "true");
  tell(words);
  try {
    await job(tell);
  } finally {
    button.removeAttribute("aria-disabled");
    button.textContent = before;
    announce("");
  }
}

/**
 * Do at the second press what loses something; at the first one the button asks whether to.
 *
 * @param {HTMLElement} button
 * @param {string} question
 * @param {Tell} announce
 * @param {() => void} act
 */
export function surely(button, question, announce, act) {
  if (button.textContent === question) {
    act();
    return;
  }
  button.textContent = question;
  announce(question);
}
