/** @import {Field} from "./answers.js" */
/** @import {Tell} from "./buttons.js" */
/** @import {Answered} from "./deciding.js" */
/** @import {Entry, Keeping} from "./keeping.js" */
/** @import {Sentences} from "./sentences.js" */
import { written } from "./answers.js";
import { busily } from "./buttons.js";
import { keyOf } from "./keeping.js";
import { openSender } from "./sending.js";
import { readAnswer } from "./views.js";

const RETRY = 30_000; // milliseconds

/**
 * Sends requests one after the other: what waits must not overtake what a person sends.
 *
 * @param {object} around
 * @param {string} around.base
 * @param {Keeping} around.keeping
 * @param {() => Sentences} around.say
 * @param {() => string} around.lang
 * @param {() => number} around.wait after how long to try again what is kept, in milliseconds; 0
 *   where the server said nothing
 * @param {(text: string) => void} around.announce
 * @param {(event: Answered) => void} around.answered
 * @param {() => void} around.expire erase what is too old
 */
export function openDelivery({ base, keeping, say, lang, wait, announce, answered, expire }) {
  const sender = openSender(base);
  let timer = 0;
  let queue = Promise.resolve();

  /** @param {() => Promise<void>} job */
  function inTurn(job) {
    queue = queue.then(job, job);
    return queue;
  }

  /** @type {(button: HTMLElement, job: (tell: Tell) => Promise<void>) => Promise<void>} */
  const busilyInTurn = (button, job) =>
    busily(button, say().checking, announce, (tell) => inTurn(() => job(tell)));

  /** @param {HTMLFormElement} form */
  function send(form) {
    const fields = written(form).filter(([name]) => name !== "altcha");
    const plausible = form.checkValidity();
    /** @type {HTMLElement | null} */
    const button = form.querySelector("button[type=submit]");
    if (button) busilyInTurn(button, (tell) => deliver({ fields, tell, plausible, byHand: true }));
  }

  /** @type {(button: HTMLElement, entry: Entry) => Promise<void>} */
  const sendKept = (button, { fields }) =>
    busilyInTurn(button, (tell) => resend(fields, tell, true));

  /** @type {(kept: Field[], tell: Tell, byHand: boolean) => Promise<void>} */
  async function resend(kept, tell, byHand) {
    const entry = keeping.get(keyOf(kept)); // another tab may have sent it
    if (entry) await deliver({ fields: entry.fields, tell, plausible: true, byHand });
  }

  async function resendAll() {
    expire();
    for (const { fields, refused } of keeping.all()) {
      if (!refused) await inTurn(() => resend(fields, () => {}, false));
    }
    plan();
  }

  function plan() {
    clearTimeout(timer);
    // Also what waits to be corrected lasts only so long.
    if (keeping.all().length) timer = setTimeout(resendAll, wait() || RETRY);
  }

  /**
   * @param {{fields: Field[], tell: Tell, plausible: boolean, byHand: boolean}} submission
   */
  async function deliver({ fields, tell, plausible, byHand }) {
    const key = keyOf(fields);
    const earlier = keeping.get(key);
    // Erased meanwhile, or sent by another tab.
    const gone = () => Boolean(earlier) && !keeping.get(key);
    /** @type {Field[]} Nobody is there to be asked whether the address is right. */
    const unasked = byHand ? [] : [["email_asked", "yes"]];
    const sent = [...fields, ...unasked];
    const submission = { fields: sent, lang: lang(), say: say(), tell, plausible, gone };
    const reply = readAnswer(await sender.send(submission));
    const tried = { fields, byHand, earlier, gone: gone(), now: Date.now() };
    answered({ type: "answered", reply, ...tried });
  }

  return { begin: sender.begin, inTurn, send, sendKept, resendAll, plan };
}
