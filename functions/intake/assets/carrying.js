/**
 * Put into a form the answers that are others in `written` than in `known`; both are name and value
 * pairs. What is `known` stays as the server drew it, which may be in another order.
 */
export function carry(written, known, form) {
  const controls = [...form.elements].filter((one) => one.name && one.type !== "hidden");
  controls.forEach(forgetDrawn);
  for (const name of new Set(controls.map((one) => one.name))) {
    const values = valuesOf(written, name);
    if (JSON.stringify(values) === JSON.stringify(valuesOf(known, name))) continue;
    controls.filter((one) => one.name === name).forEach((control, index) => {
      if (isChoice(control)) control.checked = values.includes(control.value);
      else control.value = values[index] || "";
      const folded = control.closest("details");
      if (folded && values.some(Boolean)) folded.open = true;
    });
  }
}

/** To whoever comes back to the page, a browser gives only what the page did not have at first. */
function forgetDrawn(control) {
  const { value, checked, options } = control;
  if (options) for (const one of options) one.defaultSelected = false;
  else if (isChoice(control)) control.defaultChecked = false;
  else control.defaultValue = "";
  if (isChoice(control)) control.checked = checked;
  else control.value = value;
}

export const isChoice = ({ type }) => type === "checkbox" || type === "radio";
const valuesOf = (fields, name) => fields.filter(([one]) => one === name).map(([, value]) => value);
