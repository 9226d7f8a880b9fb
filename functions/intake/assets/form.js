import { call, NONE } from "./calls.js";
import { carry, isChoice } from "./carrying.js";
import { proposeCommunes } from "./communes.js";
import { KEPT_FOR, keyOf, openKeeping } from "./keeping.js";
import { canProve } from "./proof.js";
import { openSender } from "./sending.js";
import { sentences } from "./sentences.js";
import { problem, read } from "./views.js";

const RETRY = 30_000; // milliseconds
const LONGEST = 3600_000; // milliseconds: a timer that is given too many does not wait at all
// The answers that say what is wrong with a submission. All others but 202 mean "not now", and so
// does every answer that is not the form's own: a portal's, before one is in the network.
const REFUSALS = [400, 403, 413, 422];

/**
 * Improves the form that stands in `host`, the root of a fragment: sends it with a proof of work,
 * shows the fragment that the server answers in its place, and keeps what cannot be sent.
 *
 * `base` is the function's address without a slash at the end. `told` is a confirmation of before,
 * `{reference, at}`. `shown` is told of each answer shown: `{status, reference, title, lang, html,
 * before, blank}`, where `before` is what stood there, and `blank` says that another request is
 * begun. `another` follows the link of a confirmation to a blank form, where that takes more than
 * putting it there. Gives `show({nodes, lang})`, to put others there.
 */
export function enhance(host, { base, told, shown = () => {}, another }) {
  let say = sentences(host.lang);
  const sender = openSender(base);
  const keeping = openKeeping(base);
  const panel = element("div", { className: "kept", role: "status", tabindex: "-1" });
  const voice = element("p", { className: "unseen", role: "status" });
  host.prepend(panel, voice);

  let dirty = false; // somebody wrote in the form, or what they wrote was drawn anew
  let notes = told ? [say.sent(say.moment(told.at), told.reference)] : [];
  let drawn = "";
  let wait = 0; // milliseconds that the server asked for
  let timer = 0;
  let queue = Promise.resolve();
  let following = false; // a link

  const announce = (text) => { voice.textContent = text; };
  const current = () => host.querySelector("form[method=post]");
  const written = () => [...new FormData(current())];
  const currentKey = () => (current() ? keyOf(written()) : null);
  // A browser gives back what was written in a page after its script has run, and tells nobody.
  const isLoss = () => Boolean(current()) && (dirty || [...current().elements].some(changed));

  /** Put nodes in the place of what stands there; gives what stood there. */
  function show({ nodes, lang }) {
    const stood = [...host.childNodes].filter((node) => node !== panel && node !== voice);
    const before = { nodes: stood, lang: host.lang };
    for (const node of stood) node.remove();
    host.append(...nodes);
    host.lang = lang;
    say = sentences(lang);
    improve();
    draw();
    return before;
  }

  function improve() {
    announce("");
    // A relative address means this page's, which may be another site's.
    for (const link of host.querySelectorAll('a[href^="?"]')) {
      link.href = new URL(link.getAttribute("href"), base);
    }
    const form = current();
    dirty = false;
    if (form) form.action = new URL(form.getAttribute("action"), base);
    proposeCommunes(host, say, announce);
  }

  /**
   * Do a job while a button says what is going on; a second press does nothing. One job comes
   * after the other: what waits must not overtake what a person sends.
   */
  async function busily(button, job) {
    if (button.getAttribute("aria-disabled")) return;
    const words = button.textContent;
    const tell = (text) => { button.textContent = text; announce(text); };
    button.setAttribute("aria-disabled", "true");
    tell(say.checking);
    try {
      await inTurn(() => job(tell));
    } finally {
      button.removeAttribute("aria-disabled");
      button.textContent = words;
      announce("");
    }
  }

  /** Do at the second press what loses something. */
  function surely(button, question, act) {
    if (button.textContent === question) act();
    else {
      button.textContent = question;
      announce(question);
    }
  }

  function inTurn(job) {
    queue = queue.then(job, job);
    return queue;
  }

  function send(form) {
    const fields = [...new FormData(form)].filter(([name]) => name !== "altcha");
    const plausible = form.checkValidity();
    const button = form.querySelector("button[type=submit]");
    return busily(button, (tell) => deliver({ fields, tell, plausible, byHand: true }));
  }

  async function resend(key, tell, byHand) {
    const entry = keeping.get(key); // another tab may have sent it
    if (entry) await deliver({ fields: entry.fields, tell, plausible: true, byHand });
  }

  async function resendAll() {
    expire();
    for (const entry of keeping.all()) {
      const key = keyOf(entry.fields);
      if (!entry.refused) await inTurn(() => resend(key, () => {}, false));
    }
    plan();
  }

  function plan() {
    clearTimeout(timer);
    // Also what waits to be corrected lasts only so long.
    if (keeping.all().length) timer = setTimeout(resendAll, wait || RETRY);
  }

  function expire() {
    if (keeping.expire(Date.now())) notes.push(say.expired);
    draw();
  }

  /** Try to send, and do what follows. */
  async function deliver({ fields, tell, plausible, byHand }) {
    const key = keyOf(fields);
    const earlier = keeping.get(key);
    // Erased meanwhile, or sent by another tab.
    const gone = () => Boolean(earlier) && !keeping.get(key);
    const answer = await sender.send({ fields, lang: host.lang, say, tell, plausible, gone });
    settle(answer, { fields, byHand, earlier, gone: gone() });
  }

  /** What follows from an answer: nobody is told « sent » before a 202. */
  function settle(answer, { fields, byHand, earlier, gone }) {
    const key = keyOf(fields);
    const view = read(answer.text);
    const reason = problem(answer);
    const sent = answer.status === 202 && Boolean(view.reference);
    const refused = REFUSALS.includes(answer.status) && Boolean(view.root || reason);
    const entry = { since: Date.now(), ...earlier, fields, refused };
    const mine = key === currentKey();
    const changedSince = mine && String(written()) !== String(fields);
    // What somebody has written stays, and so does a confirmation; nobody is shown what another
    // person wrote but who asks for it.
    const asked = byHand && Boolean(earlier) && earlier.refused;
    const fits = sent ? (mine ? !changedSince : current() && !isLoss()) : mine || asked;
    const displayed = (sent || (refused && !gone)) && fits && Boolean(view.root);
    if (byHand && !gone) notes = [];
    if (answer.status) notes = notes.filter((note) => note !== say.offline);
    wait = 0;
    if (sent) {
      keeping.drop(key);
      if (displayed) {
        display(answer, view);
        greet();
      } else {
        const note = say.sent(say.moment(entry.since), view.reference);
        notes.push(changedSince ? `${note}. ${say.changed}` : note);
      }
      report(fields);
    } else if (gone) {
      // There is nothing left that could be kept, or told.
    } else if (refused) {
      // What came first with its key is recorded: the page drawn now has what was written since.
      if (view.reused && displayed) keeping.drop(key);
      else if (earlier) keeping.put(entry);
      if (displayed) correct(answer, view, fields);
      else if (!view.root) notes.push(reason);
    } else {
      wait = answer.status === 429 ? Math.min(1000 * Math.max(answer.wait, 1), LONGEST) : 0;
      if (!keeping.put(entry)) notes = [`${say.unsent}. ${say.offline}`];
      plan();
    }
    draw();
    if (byHand && !displayed) panel.focus();
  }

  /** For the site's audience measurement: nothing about the person. */
  function report(fields) {
    const source = (fields.find(([name]) => name === "source") || [])[1] || "";
    const told = { bubbles: true, composed: true, detail: { source, lang: host.lang } };
    host.dispatchEvent(new CustomEvent("oh-my-lot:sent", told));
  }

  function display({ status, text }, view, blank = false) {
    const { reference, title, lang } = view;
    const before = show(view);
    shown({ status, reference, title, lang, html: text, before, blank });
  }

  /** Show what is to be corrected in what was sent, with what was written since. */
  function correct(answer, view, sent) {
    const since = keyOf(sent) === currentKey() ? written() : sent;
    display(answer, view);
    if (current()) carry(since, sent, current());
    dirty = true;
    greet();
  }

  /** Follow a link; a second press does nothing. */
  async function follow(act) {
    if (following) return;
    following = true;
    await act().finally(() => { following = false; });
  }

  /** Show the form in its other language, with what is written in it, and what is wrong with it. */
  async function translate(link) {
    if (!current()) return; // sent meanwhile
    const address = new URL(link);
    address.searchParams.set("frame", "fragment");
    address.searchParams.set("step", "translate");
    if (host.querySelector(".summary")) address.searchParams.set("checked", "yes");
    const sent = written();
    const body = new URLSearchParams(sent);
    const answer = await call(address, { method: "POST", body }).catch(() => NONE);
    const view = read(answer.text);
    if (keyOf(sent) !== currentKey()) return; // one went back or forward meanwhile
    const translated = answer.status === 200 && Boolean(view.root);
    notes = translated ? [] : [say.offline];
    if (translated) {
      const [since, loss, place] = [written(), isLoss(), whereOneIs()];
      display(answer, view);
      carry(since, sent, current());
      dirty = loss;
      goTo(place);
    }
    draw();
    if (!translated) panel.focus();
  }

  /** The control somebody is in, and the text selected in it. */
  function whereOneIs() {
    const at = host.getRootNode().activeElement;
    if (!at || at.form !== current()) return null;
    return { id: at.id, from: at.selectionStart, to: at.selectionEnd };
  }

  function goTo(place) {
    const control = place && place.id && host.querySelector(`#${CSS.escape(place.id)}`);
    (control || host.querySelector(".language a")).focus();
    if (control && Number.isInteger(place.from)) control.setSelectionRange(place.from, place.to);
  }

  function greet() {
    const first = host.querySelector(".summary") || host.querySelector("h1");
    if (first) {
      first.tabIndex = -1;
      first.focus();
    }
  }

  /** Put a blank form in the place of a confirmation. */
  async function startAgain(link) {
    const answer = await call(`${link}&frame=fragment`).catch(() => NONE);
    const view = read(answer.text);
    if (current()) return; // one went back meanwhile
    const begun = answer.status === 200 && Boolean(view.root);
    notes = begun ? [] : [say.offline];
    if (begun) display(answer, view, true);
    draw();
    if (begun) greet();
    else panel.focus();
  }

  /** Tell what is kept. */
  function draw() {
    const mine = currentKey();
    // What is to be corrected and stands on the page already needs no second mention.
    const told = keeping.all().filter((one) => !(one.refused && keyOf(one.fields) === mine));
    const parts = told.map(drawKept);
    parts.unshift(...notes.map((note) => element("p", {}, note)));
    // A live region that is drawn anew is read out anew.
    const text = parts.map((part) => part.textContent).join("\n");
    if (text !== drawn) panel.replaceChildren(...parts);
    drawn = text;
  }

  function drawKept({ fields, since, refused }) {
    const key = keyOf(fields);
    const day = say.moment(since);
    const why = wait ? say.crowded(wait / 1000) : say.offline;
    const kept = keeping.lasting ? say.kept(day, say.moment(since + KEPT_FOR)) : say.held(day);
    const again = element("button", { type: "button" }, refused ? say.correct : say.sendNow);
    again.addEventListener("click", () => {
      const act = () => busily(again, (tell) => resend(key, tell, true));
      if (refused && isLoss() && key !== currentKey()) surely(again, say.replaceSurely, act);
      else act();
    });
    const erase = element("button", { type: "button" }, say.erase);
    erase.addEventListener("click", () => surely(erase, say.eraseSurely, () => {
      keeping.drop(key);
      notes = [say.erased];
      draw();
      panel.focus();
    }));
    return element("section", {},
      element("h2", {}, say.unsent),
      element("p", {}, refused ? say.refused(day) : `${why} ${kept}`),
      element("p", {}, again, " ", erase));
  }

  host.addEventListener("focusin", (event) => {
    if (canProve() && event.target.closest("form")) sender.begin();
  });
  host.addEventListener("input", () => {
    dirty = true;
    if (canProve()) sender.begin();
  });
  host.addEventListener("submit", (event) => {
    if (!canProve() || event.target !== current()) return;
    event.preventDefault();
    send(event.target);
  });
  host.addEventListener("click", (event) => {
    const link = event.target.closest(".again a, .language a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return; // for a tab of its own
    event.preventDefault();
    if (link.closest(".again") && another) another(link.href);
    else if (link.closest(".again")) follow(() => startAgain(link.href));
    // What is being sent comes first: its answer belongs to the form as it stands.
    else follow(() => inTurn(() => translate(link.href)));
  });
  // An address such as #email finds nothing inside a shadow root by itself.
  host.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const target = link && host.getRootNode().getElementById(link.getAttribute("href").slice(1));
    if (!target) return;
    event.preventDefault();
    const control = target.matches("input, select, textarea")
      ? target : target.querySelector("input, select, textarea") || target;
    control.focus();
    control.scrollIntoView({ block: "center" });
  });
  addEventListener("online", resendAll);

  improve();
  expire();
  if (canProve()) resendAll();
  return { show };
}

/** Whether a control holds something else than the server drew. */
function changed(control) {
  if (isChoice(control)) return control.checked !== control.defaultChecked;
  if (control.options) {
    return [...control.options].some((one, index) =>
      one.selected !== one.defaultSelected && (index > 0 || control.selectedIndex > 0));
  }
  return control.defaultValue !== undefined && control.value !== control.defaultValue;
}

function element(tag, attributes, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in made && name !== "role") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...inside);
  return made;
}
