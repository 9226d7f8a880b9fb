/** @typedef {[name: string, value: string]} Field one answer of a form */
/** @typedef {HTMLInputElement & {options?: HTMLOptionsCollection}} Control of any kind */

/**
 * What is written in a form, and can be seen.
 *
 * @param {HTMLFormElement} form
 * @returns {Field[]}
 */
export function written(form) {
  const hidden = foldedInputs(form).map(({ name }) => name);
  /** @type {Field[]} */
  const fields = Array.from(new FormData(form), ([name, value]) => [name, String(value)]);
  return fields.filter(([name]) => !hidden.includes(name));
}

/** @type {(form: HTMLFormElement) => HTMLInputElement[]} */
const foldedInputs = (form) =>
  [...form.querySelectorAll("input")].filter((input) => input.closest(".folded"));

/**
 * Whether something read from the browser's storage is what was written in a form: a site's other
 * scripts may write there, too. May throw where it is not.
 *
 * @param {any} fields
 * @returns {fields is Field[]}
 */
export const isFields = (fields) =>
  fields.every((/** @type {any} */ field) =>
    field.length === 2 && field.every((/** @type {any} */ part) => typeof part === "string"));

/**
 * Whether a form holds something else than the server drew. A browser gives back what was written
 * in a page after its script has run, and tells nobody.
 *
 * @param {HTMLFormElement} form
 */
export const isEdited = (form) => controlsOf(form).some(isChanged);

/**
 * Put into a form the answers that are others in `since` than in `known`. What is `known` stays as
 * the server drew it, which may be in another order.
 *
 * @param {Field[]} since
 * @param {Field[]} known
 * @param {HTMLFormElement} form
 */
export function carry(since, known, form) {
  const controls = controlsOf(form).filter(({ name, type }) => name && type !== "hidden");
  controls.forEach(forgetDrawn);
  for (const name of new Set(controls.map((control) => control.name))) {
    const values = valuesOf(since, name);
    if (JSON.stringify(values) === JSON.stringify(valuesOf(known, name))) continue;
    controls.filter((control) => control.name === name).forEach((control, index) => {
      if (isChoice(control)) control.checked = values.includes(control.value);
      else control.value = values[index] || "";
      const folded = control.closest("details");
      if (folded && values.some(Boolean)) folded.open = true;
    });
  }
}

/**
 * Draw a form with these answers and no others, as the server would: a hidden one has no field.
 *
 * @param {HTMLFormElement} form
 * @param {Field[]} fields
 */
export function redraw(form, fields) {
  const controls = controlsOf(form).filter(({ name }) => name);
  for (const name of new Set(controls.map((control) => control.name))) {
    const values = valuesOf(fields, name);
    controls.filter((control) => control.name === name).forEach((control, index) => {
      const { options } = control;
      if (isChoice(control)) control.defaultChecked = values.includes(control.value);
      else if (control.type === "hidden" && !values[index]) control.remove();
      else if (!options) control.defaultValue = values[index] || "";
      else for (const option of options) option.defaultSelected = values.includes(option.value);
    });
  }
  form.reset();
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const folded = form.querySelectorAll(".more");
  for (const more of folded) more.open = controls.some((at) => more.contains(at) && at.value);
}

/**
 * Put into a form what was written in it, or in its like, before, its key included.
 *
 * @param {HTMLFormElement} form
 * @param {Field[]} fields
 */
export function fill(form, fields) {
  carry(fields, written(form), form);
  for (const control of controlsOf(form)) {
    const [value] = valuesOf(fields, control.name);
    if (control.type === "hidden" && value) control.value = value;
  }
}

/**
 * Show the sub-question of the choice that is made. The answers of another one are hidden and not
 * sent, but not lost: whoever chooses it again has them again.
 *
 * @param {HTMLFormElement} form
 */
export function unfold(form) {
  /** @type {HTMLInputElement | null} */
  const chosen = form.querySelector("[name=target]:checked");
  /** @type {NodeListOf<HTMLElement>} */
  const questions = form.querySelectorAll(".inside");
  for (const inside of questions) {
    /** @type {HTMLInputElement[]} */
    const inputs = [...inside.querySelectorAll("input")];
    const isAnswered = inputs.some((input) => (isChoice(input) ? input.checked : input.value));
    const shown = chosen ? inside.classList.contains(`if-${chosen.value}`) : isAnswered;
    inside.classList.toggle("shown", shown);
    inside.classList.toggle("folded", !shown);
    // A browser that comes back to a page does not give a disabled field what was written in it.
    for (const input of inputs) input.disabled = false;
  }
}

/**
 * Take what is hidden out of a form that the browser itself is about to send.
 *
 * @param {HTMLFormElement} form
 */
export function leaveOutHidden(form) {
  for (const input of foldedInputs(form)) input.disabled = true;
}

/** @param {HTMLFormElement} form */
const controlsOf = (form) => /** @type {Control[]} */ ([...form.elements]);

/** @type {(fields: Field[], name: string) => string[]} */
const valuesOf = (fields, name) =>
  fields.filter(([other]) => other === name).map(([, value]) => value);

/** @param {Control} control */
const isChoice = ({ type }) => type === "checkbox" || type === "radio";

/** @param {Control} control */
function isChanged(control) {
  const { options, selectedIndex } = /** @type {Control & HTMLSelectElement} */ (control);
  if (isChoice(control)) return control.checked !== control.defaultChecked;
  if (options) {
    return [...options].some(({ selected, defaultSelected }, index) =>
      selected !== defaultSelected && (index > 0 || selectedIndex > 0));
  }
  return control.defaultValue !== undefined && control.value !== control.defaultValue;
}

/**
 * To whoever comes back to the page, a browser gives only what the page did not have at first.
 *
 * @param {Control} control
 */
function forgetDrawn(control) {
  const { value, checked, options } = control;
  if (options) for (const option of options) option.defaultSelected = false;
  else if (isChoice(control)) control.defaultChecked = false;
  else control.defaultValue = "";
  if (isChoice(control)) control.checked = checked;
  else control.value = value;
}
