/** @import {Field} from "./answers.js" */
/** @import {Tell} from "./buttons.js" */
/** @import {Display, Effect, Event as Happening, Form} from "./deciding.js" */
/** @import {Place} from "./focus.js" */
/** @import {Entry} from "./keeping.js" */
/** @import {Told} from "./recall.js" */
/** @import {Reply} from "./views.js" */
import { carry, isEdited, written } from "./answers.js";
import { busily } from "./buttons.js";
import { call, NONE } from "./calls.js";
import { proposeCommunes } from "./communes.js";
import { begin, inWords, isReplacing, next, toldOf } from "./deciding.js";
import { element } from "./elements.js";
import { followLinksToFields, goTo, greet, placeIn } from "./focus.js";
import { keyOf, openKeeping } from "./keeping.js";
import { openPanel } from "./panel.js";
import { canProve } from "./proof.js";
import { openSender } from "./sending.js";
import { sentences } from "./sentences.js";
import { readAnswer } from "./views.js";

const RETRY = 30_000; // milliseconds

/** @typedef {{nodes: Node[], lang: string}} Shown what stands in the form's place */

/**
 * A reply that was shown; `before` is what stood there, and `blank` says that another request is
 * begun.
 *
 * @typedef {Reply & {before: Shown, blank: boolean}} News
 */

/**
 * Improves the form that stands in `host`, the root of a fragment: sends it with a proof of work,
 * shows the fragment that the server answers in its place, and keeps what cannot be sent.
 *
 * `base` is the function's address without a slash at the end. `told` is a confirmation of before.
 * `shown` is told of each answer shown. `another` follows the link of a confirmation to a blank
 * form, where that takes more than putting it there. Gives `show`, to put others there.
 *
 * What follows from what happens is decided in deciding.js; here it is carried out.
 *
 * @param {HTMLElement} host
 * @param {{base: string, told: Told | null, shown: (news: News) => void,
 *   another?: ((link: string) => void) | null}} around
 */
export function enhance(host, { base, told, shown, another }) {
  let say = sentences(host.lang);
  let state = begin(told);
  let timer = 0;
  let queue = Promise.resolve();
  let following = false; // a link
  /** @type {Place | null} */
  let place = null; // where somebody was before another view was put there
  const sender = openSender(base);
  const keeping = openKeeping(base);
  const voice = element("p", { class: "unseen", role: "status" });
  const { panel, draw } = openPanel({
    announce,
    send: (button, { fields }) => busilyInTurn(button, (tell) => resend(fields, tell, true)),
    replacing: (entry) => isReplacing(state, entry, look()),
    erase: ({ fields }) => happen({ type: "erased", key: keyOf(fields) }),
  });
  /** @type {{[Act in Effect[0]]: (given: any) => void}} */
  const acts = { keep, drop: keeping.drop, display, report, plan };
  host.prepend(panel, voice);

  /** @returns {HTMLFormElement | null} */
  const current = () => host.querySelector("form[method=post]");

  /** @returns {Form | null} */
  function look() {
    const form = current();
    if (!form) return null;
    const fields = written(form);
    return { key: keyOf(fields), fields, edited: isEdited(form) };
  }

  /** @param {Happening} event */
  function happen(event) {
    const { state: after, effects, focus } = next(state, event, look());
    state = after;
    for (const [act, given] of effects) acts[act](given);
    drawPanel();
    if (focus === "told") panel.focus();
    else if (focus === "top") greet(host);
    else if (focus === "place") goTo(host, place);
  }

  /** @param {Entry} entry */
  function keep(entry) {
    if (!keeping.put(entry)) happen({ type: "unkept", entry });
  }

  /** @param {Display} given */
  function display({ reply, blank = false, known, since }) {
    place = placeIn(host, current());
    shown({ ...reply, before: put(reply), blank });
    const form = current();
    if (form && known && since) carry(since, known, form);
  }

  /**
   * Put nodes in the place of what stands there; gives what stood there.
   *
   * @param {Shown} view
   * @returns {Shown}
   */
  function put({ nodes, lang }) {
    const stood = [...host.childNodes].filter((node) => node !== panel && node !== voice);
    const before = { nodes: stood, lang: host.lang };
    for (const node of stood) node.remove();
    host.append(...nodes);
    host.lang = lang;
    say = sentences(lang);
    improve();
    return before;
  }

  function improve() {
    announce("");
    // A relative address means this page's, which may be another site's.
    /** @type {NodeListOf<HTMLAnchorElement>} */
    const links = host.querySelectorAll('a[href^="?"]');
    for (const link of links) link.href = new URL(link.getAttribute("href") || "", base).href;
    const form = current();
    if (form) form.action = new URL(form.getAttribute("action") || "", base).href;
    proposeCommunes(host, say, announce);
  }

  function drawPanel() {
    const notes = state.notes.map((note) => inWords(note, say));
    draw(notes, toldOf(keeping.all(), look()), { say, lasting: keeping.lasting, wait: state.wait });
  }

  /** @param {string} text */
  function announce(text) {
    voice.textContent = text;
  }

  /** @param {string} source */
  function report(source) {
    const detail = { source, lang: host.lang }; // nothing about the person
    const options = { bubbles: true, composed: true, detail };
    host.dispatchEvent(new CustomEvent("$SLUG:sent", options));
  }

  /**
   * One job comes after the other: what waits must not overtake what a person sends.
   *
   * @param {() => Promise<void>} job
   */
  function inTurn(job) {
    queue = queue.then(job, job);
    return queue;
  }

  /** @type {(button: HTMLElement, job: (tell: Tell) => Promise<void>) => Promise<void>} */
  const busilyInTurn = (button, job) =>
    busily(button, say.checking, announce, (tell) => inTurn(() => job(tell)));

  /** @param {HTMLFormElement} form */
  function send(form) {
    const fields = written(form).filter(([name]) => name !== "altcha");
    const plausible = form.checkValidity();
    /** @type {HTMLElement | null} */
    const button = form.querySelector("button[type=submit]");
    if (button) busilyInTurn(button, (tell) => deliver({ fields, tell, plausible, byHand: true }));
  }

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
    if (keeping.all().length) timer = setTimeout(resendAll, state.wait || RETRY);
  }

  function expire() {
    if (keeping.expire(Date.now())) happen({ type: "expired" });
    else drawPanel();
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
    const answer = await sender.send({ fields: [...fields, ...unasked], lang: host.lang, say, tell, plausible, gone });
    const tried = { fields, byHand, earlier, gone: gone(), now: Date.now() };
    happen({ type: "answered", reply: readAnswer(answer), ...tried });
  }

  /**
   * Follow a link; a second press does nothing.
   *
   * @param {() => Promise<void>} act
   */
  async function follow(act) {
    if (following) return;
    following = true;
    await act().finally(() => { following = false; });
  }

  /**
   * Show the form in its other language, with what is written in it, and what is wrong with it.
   *
   * @param {string} link
   */
  async function translate(link) {
    const form = current();
    if (!form) return; // sent meanwhile
    const address = new URL(link);
    address.searchParams.set("frame", "fragment");
    address.searchParams.set("step", "translate");
    if (host.querySelector(".summary")) address.searchParams.set("checked", "yes");
    const sent = written(form);
    const reply = await ask(address, { method: "POST", body: new URLSearchParams(sent) });
    happen({ type: "arrived", reply, sent });
  }

  /**
   * Put a blank form in the place of a confirmation.
   *
   * @param {string} link
   */
  async function startAgain(link) {
    happen({ type: "arrived", reply: await ask(`${link}&frame=fragment`), sent: null });
  }

  host.addEventListener("focusin", ({ target }) => {
    if (canProve() && /** @type {Element} */ (target).closest("form")) sender.begin();
  });
  host.addEventListener("input", () => {
    happen({ type: "written" });
    if (canProve()) sender.begin();
  });
  host.addEventListener("submit", (event) => {
    const form = current();
    if (!form || event.target !== form || !canProve()) return;
    event.preventDefault();
    send(form);
  });
  host.addEventListener("click", (event) => {
    /** @type {HTMLAnchorElement | null} */
    const link = /** @type {Element} */ (event.target).closest(".again a, .language a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return; // for a tab of its own
    event.preventDefault();
    const isAgain = link.closest(".again");
    if (isAgain && another) another(link.href);
    else if (isAgain) follow(() => startAgain(link.href));
    // What is being sent comes first: its answer belongs to the form as it stands.
    else follow(() => inTurn(() => translate(link.href)));
  });
  followLinksToFields(host);
  addEventListener("online", resendAll);

  improve();
  expire();
  if (canProve()) resendAll();
  return {
    /** @param {Shown} view */
    show(view) {
      const before = put(view);
      happen({ type: "replaced" });
      return before;
    },
  };
}

/** @type {(address: string | URL, options?: RequestInit) => Promise<Reply>} */
const ask = async (address, options) => readAnswer(await call(address, options).catch(() => NONE));
