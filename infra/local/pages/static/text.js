// Comparing what people type.

/**
 * Without capitals and accents.
 *
 * @param {string} text
 */
export const fold = (text) => text.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();
