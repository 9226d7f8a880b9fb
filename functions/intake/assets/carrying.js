/**
 * Put into a form the answers that are others in `written` than in `known`; both are name and value
 * pairs. What is `known` stays as the server drew it, which may be in another order.
 */
export function carry(written, known, form) {
  const controls = [...form.elements].filter((one) => one.name && one.type !== "hidden");
  for (const name of new Set(controls.map((one) => one.name))) {
    const values = valuesOf(written, name);
    if (JSON.stringify(values) === JSON.stringify(valuesOf(known, name))) continue;
    controls.filter((one) => one.name === name).forEach((control, index) => {
      const choice = control.type === "checkbox" || control.type === "radio";
      if (choice) control.checked = values.includes(control.value);
      else control.value = values[index] || "";
      const folded = control.closest("details");
      if (folded && values.some(Boolean)) folded.open = true;
    });
  }
}

const valuesOf = (fields, name) => fields.filter(([one]) => one === name).map(([, value]) => value);
