/** @import {Field} from "./answers.js" */
/** @import {Display, Effect, Event as Happening} from "./deciding.js" */
/** @import {Place} from "./focus.js" */
/** @import {Entry} from "./keeping.js" */
/** @import {Draft, Recalled} from "./recall.js" */
/** @import {Shown} from "./stage.js" */
import { leaveOutHidden, written } from "./answers.js";
import { begin, besides, inWords, isLoss, next } from "./deciding.js";
import { openDelivery } from "./delivery.js";
import { element, lower } from "./elements.js";
import { followLinksToFields, goTo, greet, placeIn } from "./focus.js";
import { keyOf, openKeeping } from "./keeping.js";
import { askTranslated, followLinks } from "./links.js";
import { openPanel } from "./panel.js";
import { canProve } from "./proof.js";
import { openStage } from "./stage.js";

/**
 * What was put in the form's place: the fragment that confirms a request and its reference, both ""
 * for all others; `before` is what stood there, and `blank` says that another request is begun.
 *
 * @typedef {{title: string, lang: string, text: string, reference: string, before: Shown,
 *   blank: boolean}} News
 */

/**
 * Improves the form that stands in `host`, the root of a fragment: sends it with a proof of work,
 * shows the fragment that the server answers in its place, and keeps what cannot be sent.
 *
 * `base` is the function's address without a slash at the end. `recalled` is a confirmation of
 * before. `draft` remembers what is being written. `lowered` says whether the page around it has a
 * main heading of its own. `shown` is told of all that is shown. `another` does what has to be done
 * first when somebody leaves a confirmation for a blank form. Gives `show`, to put others there.
 *
 * What follows from what happens is decided in deciding.js; here it is carried out.
 *
 * @param {HTMLElement} host
 * @param {{base: string, recalled: Recalled | null, draft: Draft, lowered?: boolean,
 *   shown: (news: News) => void, another?: (begin: () => void) => void}} around
 */
export function enhance(host, { base, recalled, draft, lowered = false, shown, another }) {
  let state = begin(recalled);
  /** @type {Place | null} */
  let place = null; // where somebody was before another view was put there
  const voice = element("p", { class: "unseen", role: "status" });
  /** @type {(text: string) => void} */
  const announce = (text) => { voice.textContent = text; };
  const { panel, draw } = openPanel({
    announce,
    losing: () => isLoss(state, stage.look()),
    send: (button, entry) => delivery.sendKept(button, entry),
    resume: (entry) => happen({ type: "resumed", entry }),
    erase: ({ fields }) => happen({ type: "erased", key: keyOf(fields) }),
    startAgain,
  });
  const stage = openStage(host, { base, lowered, above: [panel, voice], announce });
  const keeping = openKeeping(base);
  const delivery = openDelivery({
    base,
    keeping,
    say: stage.say,
    lang: () => host.lang,
    wait: () => state.wait,
    announce,
    answered: happen,
    expire,
  });
  /** @type {{[Act in Effect[0]]: (given: any) => void}} */
  const acts = {
    ...{ keep, leave, display, blank, drop: keeping.drop, plan: delivery.plan },
    report: (source) => report(host, source),
  };
  host.prepend(panel, voice);

  /** @param {Happening} event */
  function happen(event) {
    const { state: after, effects, focus } = next(state, event, stage.look());
    state = after;
    for (const [act, given] of effects) acts[act](given);
    if (!state.dirty) draft.drop();
    drawPanel();
    if (focus === "panel") panel.focus();
    else if (focus === "top") greet(host);
    else if (focus === "place") goTo(host, place);
  }

  /** @param {Entry} entry */
  function keep(entry) {
    const isKept = keeping.put(entry);
    if (!isKept) happen({ type: "unkept", entry });
    return isKept;
  }

  /** @param {Entry} entry */
  function leave(entry) {
    if (keep(entry)) blank(null);
  }

  /** @param {Display} given */
  function display(given) {
    place = placeIn(host, stage.form());
    shown({ ...given.reply, before: stage.display(given), blank: false });
  }

  /** @param {Field[] | null} fields */
  function blank(fields) {
    const view = stage.blank();
    if (!view) return;
    const before = stage.put(view);
    if (fields) stage.answer(fields);
    shown({ ...view, text: "", reference: "", before, blank: true });
  }

  function drawPanel() {
    const notes = state.notes.map((note) => inWords(note, stage.say()));
    const restored = state.notes.some((note) => note.say === "restored");
    const { lasting } = keeping;
    const about = { say: stage.say(), lasting, wait: state.wait, restored };
    draw(notes, besides(keeping.all(), stage.look()), about);
    if (lowered) lower(panel);
  }

  function expire() {
    if (keeping.expire(Date.now())) happen({ type: "expired" });
    else drawPanel();
  }

  function startAgain() {
    const start = () => happen({ type: "begun" });
    if (another) another(start);
    else start();
  }

  /** @param {string} link */
  async function translate(link) {
    const form = stage.form(); // null where it was sent meanwhile
    const isChecked = Boolean(host.querySelector(".summary"));
    if (form) happen(await askTranslated(form, link, isChecked));
  }

  function restore() {
    const fields = draft.get();
    if (!fields || !stage.form()) return;
    stage.answer(fields);
    happen({ type: "restored" });
  }

  host.addEventListener("focusin", ({ target }) => {
    if (canProve() && /** @type {Element} */ (target).closest("form")) delivery.begin();
  });
  // Not "change": a field that is taken away while somebody writes in it has that event, too.
  for (const type of ["input", "chosen"]) {
    host.addEventListener(type, () => {
      stage.unfolded();
      happen({ type: "written" });
      const form = stage.form();
      if (!form || !canProve()) return;
      draft.put(written(form));
      delivery.begin();
    });
  }
  host.addEventListener("submit", (event) => {
    const form = stage.form();
    stage.unfolded();
    if (!form || event.target !== form) return;
    if (!canProve()) {
      leaveOutHidden(form);
      return;
    }
    event.preventDefault();
    delivery.send(form);
  });
  followLinks(host, {
    canStart: () => Boolean(stage.blank()),
    start: startAgain,
    // What is being sent comes first: its answer belongs to the form as it stands.
    translate: (link) => delivery.inTurn(() => translate(link)),
  });
  followLinksToFields(host);
  addEventListener("online", delivery.resendAll);
  // A browser gives back what was written after the script has run, and tells nobody.
  addEventListener("pageshow", stage.unfolded);

  stage.improve();
  restore();
  expire();
  if (canProve()) delivery.resendAll();
  return {
    /** @param {Shown} view */
    show(view) {
      const before = stage.put(view);
      happen({ type: "replaced" });
      return before;
    },
  };
}

/**
 * Tell the page that a request was sent; nothing about the person.
 *
 * @type {(host: HTMLElement, source: string) => void}
 */
function report(host, source) {
  const detail = { source, lang: host.lang };
  host.dispatchEvent(new CustomEvent("$SLUG:sent", { bubbles: true, composed: true, detail }));
}
