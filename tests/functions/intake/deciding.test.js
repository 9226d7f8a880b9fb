import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  begin,
  besides,
  inWords,
  isLoss,
  next,
} from "../../../functions/intake/assets/deciding.js";
import { whose } from "../../../functions/intake/assets/keeping.js";
import { sentences } from "../../../functions/intake/assets/sentences.js";

const NOW = Date.parse("2026-11-23T09:00:00Z");
const BEFORE = NOW - 3_600_000;
const REFERENCE = "LOT-65AC-WHNK";
const OFFLINE = { say: "offline" };
const SENT = { say: "sent", since: NOW, reference: REFERENCE, changed: false, name: "Ana" };

const fieldsOf = (key, name, source = "salon") => [
  ["idempotency_key", key],
  ["first_name", name],
  ["source", source],
];
const ANA = fieldsOf("a", "Ana");
const ANNA = fieldsOf("a", "Anna"); // the same form, changed since
const BRUNO = fieldsOf("b", "Bruno");

const formWith = (fields, edited = false) => ({ key: fields[0][1], fields, edited });
const entryOf = (fields, refused = false) => ({ fields, since: BEFORE, refused });
const stateWith = (changes) => ({ ...begin(null), ...changes });

const page = { type: "text/html", text: "<div>", root: {}, nodes: [], title: "", lang: "fr", wait: 0 };
const CONFIRMED = { ...page, status: 202, reference: REFERENCE, reused: false };
const FAULTY = { ...page, status: 422, reference: "", reused: false };
const REUSED = { ...FAULTY, reused: true };
const BARE = { ...FAULTY, text: "<p>", root: null }; // a portal's page
const NOTHING = { ...BARE, status: 0, type: "", text: "" };
const PROBLEM = { ...BARE, type: "application/problem+json", text: '{"title": "Trop long."}' };
const BLANK = { ...page, status: 200, reference: "", reused: false };

/** What follows once ANA's form was tried, by hand unless something else is said. */
function tried(reply, { state = begin(null), form = formWith(ANA), ...others } = {}) {
  const attempt = { fields: ANA, byHand: true, earlier: null, gone: false, now: NOW, ...others };
  return next(state, { type: "answered", reply, ...attempt }, form);
}

const named = ({ effects }) => effects.map(([act]) => act);
const given = ({ effects }, wanted) => effects.find(([act]) => act === wanted)?.[1];

describe("a confirmation", () => {
  test("takes the place of the form that was sent, and is told to the site", () => {
    const state = stateWith({ dirty: true, notes: [OFFLINE], wait: 5_000 });
    assert.deepEqual(tried(CONFIRMED, { state }), {
      state: stateWith({ confirmed: SENT }),
      effects: [["drop", "a"], ["display", { reply: CONFIRMED }], ["report", "salon"]],
      focus: "top",
    });
  });

  test("of a form that was changed since is told above it, with the change", () => {
    const state = stateWith({ dirty: true, notes: [{ say: "expired" }] });
    const after = tried(CONFIRMED, { form: formWith(ANNA), state });
    assert.deepEqual(named(after), ["drop", "report"]);
    assert.deepEqual(after.state, stateWith({ notes: [{ ...SENT, changed: true }], dirty: true }));
    assert.equal(after.focus, "panel");
  });

  test("of something kept takes the place of a form in which nobody wrote", () => {
    const after = tried(CONFIRMED, { form: formWith(BRUNO), byHand: false, earlier: entryOf(ANA) });
    assert.deepEqual(named(after), ["drop", "display", "report"]);
    assert.equal(after.focus, "top");
  });

  for (const [why, form, dirty] of [
    ["somebody writes in", formWith(BRUNO), true],
    ["the browser filled in", formWith(BRUNO, true), false],
    ["was replaced by another confirmation", null, false],
  ]) {
    test(`of something kept leaves a form that ${why}`, () => {
      const others = { form, byHand: false, earlier: entryOf(ANA), state: stateWith({ dirty }) };
      const after = tried(CONFIRMED, others);
      assert.deepEqual(named(after), ["drop", "report"]);
      const note = { ...SENT, since: BEFORE };
      assert.deepEqual(after.state, stateWith({ notes: [note], wait: 0, dirty }));
      assert.equal(after.focus, null);
    });
  }

  test("beside another one says whose that is", () => {
    const first = { ...SENT, name: "Bruno", reference: "LOT-0000-0000" };
    const state = stateWith({ confirmed: first, notes: [{ say: "expired" }] });
    const after = tried(CONFIRMED, { state, form: null, byHand: false, earlier: entryOf(ANA) });
    const notes = [{ say: "expired" }, first, { ...SENT, since: BEFORE }];
    assert.deepEqual(after.state, stateWith({ notes }));
  });

  test("counts also where another tab sent the same meanwhile", () => {
    const after = tried(CONFIRMED, { earlier: entryOf(ANA), gone: true });
    assert.deepEqual(named(after), ["drop", "display", "report"]);
  });

  test("needs a reference, and 202", () => {
    for (const reply of [{ ...CONFIRMED, reference: "" }, { ...CONFIRMED, status: 200 }]) {
      assert.deepEqual(named(tried(reply)), ["leave", "plan"]);
    }
  });

  test("of a form without a source reports none", () => {
    const fields = ANA.slice(0, 2);
    assert.equal(given(tried(CONFIRMED, { fields, form: formWith(fields) }), "report"), "");
  });
});

describe("a refusal", () => {
  for (const status of [400, 403, 413, 422]) {
    test(`(${status}) is shown in the form, with what was written since`, () => {
      const reply = { ...FAULTY, status };
      const after = tried(reply, { form: formWith(ANNA), state: stateWith({ notes: [OFFLINE] }) });
      assert.deepEqual(after, {
        state: stateWith({ notes: [], wait: 0, dirty: true }),
        effects: [["display", { reply, known: ANA, since: ANNA }]],
        focus: "top",
      });
    });
  }

  test("of something kept is kept until it is corrected", () => {
    const after = tried(FAULTY, { fields: ANNA, earlier: entryOf(ANA), form: formWith(ANNA) });
    assert.deepEqual(named(after), ["keep", "display"]);
    assert.deepEqual(given(after, "keep"), { fields: ANNA, since: BEFORE, refused: true });
  });

  test("of something kept is not shown to somebody else", () => {
    for (const [byHand, earlier] of [[false, entryOf(ANA, true)], [true, entryOf(ANA)]]) {
      const after = tried(FAULTY, { form: formWith(BRUNO), byHand, earlier });
      assert.deepEqual(named(after), ["keep"]);
      assert.deepEqual(after.state.notes, []);
      assert.equal(after.focus, byHand ? "panel" : null);
    }
  });

  test("is shown in another's place to who asks to correct it", () => {
    const after = tried(FAULTY, { form: formWith(BRUNO), earlier: entryOf(ANA, true) });
    assert.deepEqual(given(after, "display"), { reply: FAULTY, known: ANA, since: ANA });
    assert.equal(after.state.dirty, true);
  });

  test("is shown in the place of a confirmation to who asks to correct it", () => {
    const after = tried(FAULTY, { form: null, earlier: entryOf(ANA, true) });
    assert.deepEqual(given(after, "display"), { reply: FAULTY, known: ANA, since: ANA });
  });

  test("of a key that was used before forgets what is kept of it", () => {
    const after = tried(REUSED, { earlier: entryOf(ANA) });
    assert.deepEqual(named(after), ["drop", "display"]);
    assert.equal(given(after, "drop"), "a");
  });

  test("of a key that was used before keeps what is not shown", () => {
    const others = { form: formWith(BRUNO), byHand: false, earlier: entryOf(ANA) };
    assert.deepEqual(named(tried(REUSED, others)), ["keep"]);
  });

  test("that is no page is told in its own words", () => {
    const after = tried({ ...PROBLEM, status: 413 });
    assert.deepEqual(after.effects, []);
    assert.deepEqual(after.state.notes, [{ say: "answer", text: "Trop long." }]);
    assert.equal(after.focus, "panel");
  });

  test("that is not the form's own means: not now", () => {
    const portals = [200, 202, 400, 403, 413, 422, 503].map((status) => ({ ...BARE, status }));
    for (const reply of [...portals, { ...PROBLEM, type: "application/json" }, { ...PROBLEM, text: "{" }]) {
      assert.deepEqual(named(tried(reply)), ["leave", "plan"]);
    }
  });
});

describe("what cannot be sent", () => {
  test("is kept, makes room for the next person, and is tried again", () => {
    const after = tried(NOTHING, { state: stateWith({ dirty: true, wait: 5_000 }) });
    assert.deepEqual(after, {
      state: stateWith({ notes: [], wait: 0, dirty: false }),
      effects: [["leave", { since: NOW, fields: ANA, refused: false }], ["plan"]],
      focus: "panel",
    });
  });

  test("is kept with what was changed while it was tried", () => {
    const after = tried(NOTHING, { form: formWith(ANNA), state: stateWith({ dirty: true }) });
    assert.deepEqual(given(after, "leave"), { since: NOW, fields: ANNA, refused: false });
  });

  test("is kept since it was first tried, as it is now, and no longer as refused", () => {
    const changed = { fields: ANNA, form: formWith(ANNA), earlier: entryOf(ANA, true) };
    const after = tried(NOTHING, changed);
    assert.deepEqual(given(after, "leave"), { since: BEFORE, fields: ANNA, refused: false });
  });

  test("leaves what somebody else writes, and what is corrected meanwhile", () => {
    const state = stateWith({ dirty: true });
    for (const [form, byHand] of [[formWith(BRUNO), true], [null, true], [formWith(ANNA), false]]) {
      const after = tried(NOTHING, { form, byHand, state, earlier: entryOf(ANA) });
      assert.deepEqual(after.effects, [["keep", entryOf(ANA)], ["plan"]]);
      assert.equal(after.state.dirty, true);
    }
  });

  test("by itself moves nobody's focus, and leaves what is told", () => {
    const after = tried(NOTHING, { byHand: false, state: stateWith({ notes: [OFFLINE] }) });
    assert.deepEqual(after.state.notes, [OFFLINE]);
    assert.equal(after.focus, null);
  });

  for (const [asked, milliseconds] of [[75, 75_000], [0, 1_000], [9_999_999, 3_600_000]]) {
    test(`is tried again when the server says (${asked} s)`, () => {
      const crowded = { ...NOTHING, status: 429, wait: asked };
      assert.equal(tried(crowded).state.wait, milliseconds);
    });
  }

  test("waits for nothing that others than 429 say", () => {
    assert.equal(tried({ ...NOTHING, status: 503, wait: 75 }).state.wait, 0);
  });

  test("is told where the browser has no room for it", () => {
    const state = stateWith({ notes: [OFFLINE], wait: 1_000 });
    const after = next(state, { type: "unkept", entry: entryOf(ANA) }, formWith(ANA));
    assert.deepEqual(after.state, { ...state, dirty: true, notes: [{ say: "unkept" }] });
    const refused = next(state, { type: "unkept", entry: entryOf(ANA, true) }, formWith(ANA));
    assert.deepEqual(refused.state, state);
  });

  test("is not kept again once it was erased, or sent by another tab", () => {
    for (const reply of [NOTHING, FAULTY, BARE]) {
      const state = stateWith({ notes: [{ say: "erased" }] });
      const after = tried(reply, { state, earlier: entryOf(ANA), gone: true });
      assert.deepEqual(after, { state, effects: [], focus: "panel" });
    }
  });
});

test("an answer ends the news that there was none", () => {
  const notes = [OFFLINE, { say: "expired" }];
  const waiting = { state: stateWith({ notes }), byHand: false, earlier: entryOf(ANA) };
  for (const reply of [{ ...NOTHING, status: 503 }, FAULTY, CONFIRMED]) {
    assert.deepEqual(tried(reply, waiting).state.notes, [{ say: "expired" }]);
  }
});

describe("the form in its other language", () => {
  const arrives = (reply, form, state = begin(null)) =>
    next(state, { type: "arrived", reply, sent: ANA }, form);

  test("has what was written since, and is no less worth keeping", () => {
    for (const dirty of [true, false]) {
      const state = stateWith({ dirty, notes: [OFFLINE], wait: 1_000 });
      assert.deepEqual(arrives(BLANK, formWith(ANNA), state), {
        state: stateWith({ notes: [], wait: 1_000, dirty }),
        effects: [["display", { reply: BLANK, known: ANA, since: ANNA }]],
        focus: "place",
      });
    }
    assert.equal(arrives(BLANK, formWith(ANNA, true)).state.dirty, true);
  });

  test("is not there without a connection", () => {
    for (const reply of [NOTHING, { ...BLANK, status: 503 }, { ...BLANK, root: null }]) {
      const state = stateWith({ dirty: true });
      const after = arrives(reply, formWith(ANA), state);
      assert.deepEqual(after, { state: { ...state, notes: [OFFLINE] }, effects: [], focus: "panel" });
    }
  });

  test("comes too late once something else stands there", () => {
    for (const form of [null, formWith(BRUNO)]) {
      for (const reply of [BLANK, NOTHING]) {
        assert.deepEqual(arrives(reply, form), { state: begin(null), effects: [], focus: null });
      }
    }
  });
});

describe("a blank form", () => {
  test("takes the place of whatever stands there, with no news left", () => {
    for (const form of [null, formWith(ANA, true)]) {
      const state = stateWith({ dirty: true, notes: [OFFLINE], wait: 1_000, confirmed: SENT });
      assert.deepEqual(next(state, { type: "begun" }, form), {
        state: stateWith({ notes: [], wait: 1_000, dirty: false }),
        effects: [["blank", null]],
        focus: "top",
      });
    }
  });

  test("has the answers of what is kept for whoever goes on writing in it", () => {
    const resumed = { type: "resumed", entry: entryOf(ANA) };
    assert.deepEqual(next(stateWith({ notes: [OFFLINE] }), resumed, formWith(BRUNO)), {
      state: stateWith({ notes: [], wait: 0, dirty: true }),
      effects: [["blank", ANA]],
      focus: "top",
    });
  });

  test("has what was written before the page was loaded once more, and says so", () => {
    const after = next(stateWith({ notes: [{ say: "expired" }] }), { type: "restored" }, formWith(ANA));
    assert.deepEqual(after, {
      state: stateWith({ notes: [{ say: "expired" }, { say: "restored" }], wait: 0, dirty: true }),
      effects: [],
      focus: null,
    });
  });
});

describe("what is kept", () => {
  test("is erased at once, and that is told alone", () => {
    const state = stateWith({ notes: [OFFLINE], dirty: true });
    assert.deepEqual(next(state, { type: "erased", key: "a" }, formWith(ANA)), {
      state: { ...state, notes: [{ say: "erased" }] },
      effects: [["drop", "a"]],
      focus: "panel",
    });
  });

  test("is told beside the other news when it was too old", () => {
    const after = next(stateWith({ notes: [OFFLINE] }), { type: "expired" }, null);
    assert.deepEqual(after.state.notes, [OFFLINE, { say: "expired" }]);
    assert.deepEqual(after.effects, []);
  });

  test("is told unless it stands on the page", () => {
    const [mine, others, waiting] = [entryOf(ANA, true), entryOf(BRUNO, true), entryOf(ANA)];
    assert.deepEqual(besides([mine, others, waiting], formWith(ANNA)), [others]);
    assert.deepEqual(besides([mine, others], null), [mine, others]);
  });

  test("is shown without a question unless that would replace what somebody writes", () => {
    const dirty = stateWith({ dirty: true });
    assert.equal(isLoss(dirty, formWith(BRUNO)), true);
    assert.equal(isLoss(begin(null), formWith(BRUNO, true)), true);
    assert.equal(isLoss(begin(null), formWith(BRUNO)), false);
    assert.equal(isLoss(dirty, null), false);
  });

  test("is told apart by whose it is", () => {
    const by = (...names) => whose(["first_name", "last_name"].map((name, at) => [name, names[at]]));
    assert.equal(by("Ana", "Delprat"), "Ana D.");
    assert.equal(by(" Ana ", "Élie"), "Ana É.");
    assert.equal(by("Ana", " "), "Ana");
    assert.equal(by("", "Delprat"), "Delprat");
    assert.equal(whose([]), "");
  });
});

test("what somebody writes is worth keeping until other nodes take its place", () => {
  const writing = next(begin(null), { type: "written" }, formWith(ANA));
  assert.equal(writing.state.dirty, true);
  const confirmed = { ...writing.state, confirmed: SENT };
  assert.deepEqual(next(confirmed, { type: "replaced" }, null).state, begin(null));
});

describe("in words", () => {
  const [french, english] = [sentences("fr"), sentences("en")];

  test("a confirmation of before is told with its moment", () => {
    const { notes } = begin({ reference: REFERENCE, at: NOW });
    const texts = notes.map((note) => inWords(note, english));
    assert.match(texts[0], /^Your request of 23 November 2026 at .+ is recorded\. .+ LOT-65AC-WHNK$/);
    assert.deepEqual(begin(null).notes, []);
  });

  test("what was changed too late is told with the confirmation", () => {
    const note = { say: "sent", since: NOW, reference: REFERENCE, changed: true, name: "Ana D." };
    assert.match(inWords(note, french), /^Ana D\.\u00a0: votre demande .*WHNK\. Ce que vous avez changé depuis/);
  });

  test("each other note has its sentence", () => {
    assert.equal(inWords({ say: "answer", text: "Trop long." }, french), "Trop long.");
    assert.equal(inWords(OFFLINE, english), english.offline);
    assert.equal(inWords({ say: "erased" }, french), french.erased);
    assert.equal(inWords({ say: "expired" }, french), french.expired);
    assert.equal(inWords({ say: "restored" }, french), french.restored);
    assert.equal(inWords({ say: "unkept" }, english), `${english.unsent}. ${english.offline}`);
  });
});
