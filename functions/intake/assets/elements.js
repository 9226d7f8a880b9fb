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

/**
 * Make each heading one level lower, with the look that it has.
 *
 * @param {HTMLElement} root
 */
export function lower(root) {
  for (const heading of root.querySelectorAll("h1, h2:not(.h1)")) {
    const name = heading.localName;
    const lowered = element(name === "h1" ? "h2" : "h3", { class: name }, ...heading.childNodes);
    for (const { name: attribute, value } of heading.attributes) lowered.setAttribute(attribute, value);
    heading.replaceWith(lowered);
  }
}
