/**
 * Make an element.
 *
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} inside
 */
export function element(tag, attributes, ...inside) {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  made.append(...inside);
  return made;
}

/**
 * @param {Element} changed
 * @param {Record<string, string>} attributes
 */
export function setAttributes(changed, attributes) {
  for (const [name, value] of Object.entries(attributes)) changed.setAttribute(name, value);
}
