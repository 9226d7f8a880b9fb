/**
 * What follows from what happens to the form. Pure: nothing here touches the page, the browser's
 * storage, the network or the clock; form.js looks, asks `next` and carries out what it says.
 */

/** @import {Field} from "./answers.js" */
/** @import {Entry} from "./keeping.js" */
/** @import {Sentences} from "./sentences.js" */
/** @import {Reply} from "./views.js" */
import { keyOf, whose } from "./keeping.js";
import { problem } from "./views.js";

/**
 * Something to tell above the form, until something else is done.
 *
 * @typedef {{say: "sent", since: number, reference: string, changed: boolean, name: string}
 *   | {say: "answer", text: string}
 *   | {say: "offline" | "unkept" | "erased" | "expired" | "restored"}} Note
 */

/**
 * What is remembered from one event to the next.
 *
 * @typedef {object} State
 * @property {Note[]} notes
 * @property {number} wait milliseconds that the server asked for; 0 where it asked for none
 * @property {boolean} dirty whether somebody wrote in the form, or what they wrote was drawn anew
 * @property {Note | null} confirmed what the confirmation that stands on the page tells, which does
 *   not say whose it is
 */

/**
 * The form as it stands on the page; null where a confirmation stands there.
 *
 * @typedef {object} Form
 * @property {string} key
 * @property {Field[]} fields
 * @property {boolean} edited whether it holds something else than the server drew
 */

/**
 * What happens.
 *
 * - written: somebody writes in the form.
 * - replaced: a step in the history put others in the place of what stood there.
 * - expired: something kept was too old, and was erased.
 * - erased: somebody erases what is kept.
 * - unkept: the browser had no room for an entry.
 * - begun: somebody asks for a blank form.
 * - resumed: somebody goes on writing in what is kept.
 * - restored: what was written before the page was loaded once more stands in the form again.
 * - answered: a try to send came to its end, begun by hand or by itself. `earlier` is what was kept
 *   of it before, `gone` whether that has disappeared meanwhile, by another tab or somebody's hand.
 * - arrived: the form came in its other language, or did not; `sent` is what was written in it when
 *   it was asked for.
 *
 * @typedef {{type: "answered", reply: Reply, fields: Field[], byHand: boolean,
 *   earlier: Entry | null, gone: boolean, now: number}} Answered
 * @typedef {{type: "arrived", reply: Reply, sent: Field[]}} Arrived
 * @typedef {Answered | Arrived | {type: "erased", key: string}
 *   | {type: "unkept", entry: Entry} | {type: "resumed", entry: Entry}
 *   | {type: "written" | "replaced" | "expired" | "begun" | "restored"}} Event
 */

/**
 * What is to be done, and with what.
 *
 * - keep: keep an entry in the browser.
 * - leave: keep an entry and, if the browser has room for it, blank the form for the next person.
 * - drop: forget the entry of a key.
 * - display: show a reply in the place of what stands there, and carry into it what was written
 *   `since` something was `known` to the server.
 * - blank: show a blank form there, or one with these answers.
 * - report: say that a request was sent, and its source, for the site's audience measurement.
 * - plan: try again later what is kept.
 *
 * @typedef {{reply: Reply, known?: Field[], since?: Field[]}} Display
 * @typedef {["keep" | "leave", Entry] | ["drop", string] | ["display", Display]
 *   | ["blank", Field[] | null] | ["report", string] | ["plan"]} Effect
 */

/**
 * Where to go then: to what is told in the panel, to the top of what is shown, or to where somebody
 * was before.
 *
 * @typedef {"panel" | "top" | "place" | null} Focus
 */

/**
 * What follows from an event: what is remembered otherwise than before, what is to be done, where
 * to go.
 *
 * @typedef {Partial<State> & {effects?: Effect[], focus?: Focus}} Consequences
 */

/**
 * @template Happened
 * @typedef {(state: State, event: Happened, form: Form | null) => Consequences} Decide
 */

const LONGEST = 3600_000; // milliseconds: a timer that is given too many does not wait at all
// The answers that say what is wrong with a submission. All others but 202 mean "not now", and so
// does every answer that is not the form's own: a portal's, before one is in the network.
const REFUSALS = [400, 403, 413, 422];

/**
 * What is remembered when the page opens; `recalled` is a confirmation of before.
 *
 * @param {{reference: string, at: number} | null} recalled
 * @returns {State}
 */
export function begin(recalled) {
  const sent = /** @type {const} */ ({ say: "sent", changed: false, name: "" });
  const notes = recalled
    ? [{ ...sent, since: recalled.at, reference: recalled.reference }]
    : [];
  return { notes, wait: 0, dirty: false, confirmed: null };
}

/**
 * What is remembered after an event, what is to be done, in this order, and where to go then.
 *
 * @param {State} state
 * @param {Event} event
 * @param {Form | null} form as it stands when that happens
 * @returns {{state: State, effects: Effect[], focus: Focus}}
 */
export function next(state, event, form) {
  const follow = /** @type {Decide<any>} */ (CONSEQUENCES[event.type]);
  const { effects = [], focus = null, ...changes } = follow(state, event, form);
  return { state: { ...state, ...changes }, effects, focus };
}

/**
 * Whether something would be lost if the form were replaced.
 *
 * @type {(state: State, form: Form | null) => boolean}
 */
export const isLoss = ({ dirty }, form) => form !== null && (dirty || form.edited);

/**
 * The entries to tell of: what stands on the page needs no second mention.
 *
 * @param {Entry[]} kept
 * @param {Form | null} form
 */
export const besides = (kept, form) => kept.filter(({ fields }) => !isOn(form, fields));

/**
 * A note in words.
 *
 * @param {Note} note
 * @param {Sentences} say
 * @returns {string}
 */
export function inWords(note, say) {
  if (note.say === "answer") return note.text;
  if (note.say === "unkept") return `${say.unsent}. ${say.offline}`;
  if (note.say !== "sent") return say[note.say];
  const sent = say.of(note.name, say.sent(say.moment(note.since), note.reference));
  return note.changed ? `${sent}. ${say.changed}` : sent;
}

/** What is remembered with a blank form. */
const BLANK = { notes: [], dirty: false, confirmed: null };

/** @type {{[Type in Event["type"]]: Decide<Extract<Event, {type: Type}>>}} */
const CONSEQUENCES = {
  written: () => ({ dirty: true }),
  replaced: () => ({ dirty: false, confirmed: null }),
  expired: ({ notes }) => ({ notes: [...notes, { say: "expired" }] }),
  erased: (_, { key }) => ({ notes: [{ say: "erased" }], effects: [["drop", key]], focus: "panel" }),
  // What is to be corrected is told as such already.
  unkept: (_, { entry }) => (entry.refused ? {} : { notes: [{ say: "unkept" }], dirty: true }),
  begun: () => ({ ...BLANK, effects: [["blank", null]], focus: "top" }),
  resumed: (_, { entry }) =>
    ({ ...BLANK, dirty: true, effects: [["blank", entry.fields]], focus: "top" }),
  restored: ({ notes }) => ({ notes: [...notes, { say: "restored" }], dirty: true }),
  answered,
  arrived,
};

/**
 * Whether a form is the one that something was written in.
 *
 * @type {(form: Form | null, fields: Field[]) => boolean}
 */
const isOn = (form, fields) => form?.key === keyOf(fields);

/** @type {Decide<Answered>} */
function answered(state, event, form) {
  const { reply, byHand, gone } = event;
  const { status } = reply;
  const said = byHand && !gone ? [] : state.notes;
  const notes = said.filter(({ say }) => !status || say !== "offline");
  let decide = whenUnsent;
  // Nobody is told « sent » before a 202.
  if (status === 202 && reply.reference) decide = whenSent;
  else if (gone) decide = () => ({}); // there is nothing left that could be kept, or told
  else if (REFUSALS.includes(status) && (reply.root || problem(reply))) decide = whenRefused;
  const focus = byHand ? "panel" : null;
  return { notes, wait: 0, focus, ...decide({ ...state, notes }, event, form) };
}

/** @type {Decide<Answered>} */
function whenSent(state, { reply, fields, earlier, now }, form) {
  const [, source = ""] = fields.find(([name]) => name === "source") || [];
  /** @type {Effect[]} */
  const effects = [["drop", keyOf(fields)], ["report", source]];
  const mine = isOn(form, fields);
  const changed = mine && String(form?.fields) !== String(fields);
  const { reference } = reply;
  const sent = { say: "sent", since: earlier?.since ?? now, reference, changed, name: whose(fields) };
  const note = /** @type {Note} */ (sent);
  // What somebody has written stays, and so does a confirmation.
  if (mine ? !changed : form && !isLoss(state, form)) {
    effects.splice(1, 0, ["display", { reply }]);
    return { dirty: false, confirmed: note, effects, focus: "top" };
  }
  // Beside another one it has to be said whose the confirmation is.
  const before = state.confirmed ? [...state.notes, state.confirmed] : state.notes;
  return { notes: [...before, note], confirmed: null, effects };
}

/** @type {Decide<Answered>} */
function whenRefused({ notes }, { reply, fields, byHand, earlier }, form) {
  const mine = isOn(form, fields);
  // Nobody is shown what another person wrote but who asks for it.
  const displayed = reply.root && (mine || (byHand && earlier?.refused));
  /** @type {Effect[]} */
  const effects = [];
  // What came first with its key is recorded: the page drawn now has what was written since.
  if (reply.reused && displayed) effects.push(["drop", keyOf(fields)]);
  else if (earlier) effects.push(["keep", { ...earlier, fields, refused: true }]);
  if (!displayed) {
    const answer = /** @type {Note} */ ({ say: "answer", text: problem(reply) });
    return { effects, notes: reply.root ? notes : [...notes, answer] };
  }
  const since = mine ? form?.fields : fields;
  effects.push(["display", { reply, known: fields, since }]);
  return { dirty: true, confirmed: null, effects, focus: "top" };
}

/** @type {Decide<Answered>} */
function whenUnsent(_, { reply, fields, byHand, earlier, now }, form) {
  const wait = reply.status === 429 ? Math.min(1000 * Math.max(reply.wait, 1), LONGEST) : 0;
  const entry = { since: earlier?.since ?? now, fields, refused: false };
  if (!byHand || !form || !isOn(form, fields)) return { wait, effects: [["keep", entry], ["plan"]] };
  // The next person must not write over it, so the form goes; with it what was changed since.
  const whole = { ...entry, fields: form.fields };
  return { wait, dirty: false, effects: [["leave", whole], ["plan"]] };
}

/** @type {Decide<Arrived>} */
function arrived(state, { reply, sent: known }, form) {
  if (!form || !isOn(form, known)) return {}; // somebody went back or forward meanwhile
  if (reply.status !== 200 || !reply.root) return { notes: [{ say: "offline" }], focus: "panel" };
  return {
    notes: [],
    dirty: isLoss(state, form),
    effects: [["display", { reply, known, since: form.fields }]],
    focus: "place",
  };
}
