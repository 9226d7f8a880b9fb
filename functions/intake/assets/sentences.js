/**
 * What the script itself says. Everything else is drawn by the server.
 *
 * All these files are put together into one module (functions/intake/assets.py). They ask for
 * ES2020 and replaceChildren: Chrome and Edge 86, Firefox 78, Safari 14. On other people's sites
 * constructable style sheets too: Firefox 101, Safari 16.4. Older browsers show the plain form,
 * or the link.
 */

/**
 * The same in each language.
 *
 * @typedef {Record<"checking" | "sending" | "unsent" | "offline" | "sendNow" | "correct" | "resume"
 *   | "replaceSurely" | "erase" | "eraseSurely" | "erased" | "expired" | "changed" | "restored"
 *   | "nextPerson" | "startAgain" | "blankSurely" | "communes" | "byName", string>} Fixed
 * @typedef {Record<"held" | "waiting" | "refused", (since: string) => string>} Since
 * @typedef {object} Counted
 * @property {(seconds: number) => string} crowded
 * @property {(since: string, until: string) => string} kept
 * @property {(since: string, reference: string) => string} sent
 * @property {(name: string, sentence: string) => string} of a sentence about a person's request
 * @property {(count: number) => string} proposed
 *
 * @typedef {Fixed & Since & Counted} Words
 * @typedef {Words & {moment: (time: number) => string}} Sentences
 */

/** @type {(sentence: string) => string} */
const uncapitalised = (sentence) => sentence[0].toLowerCase() + sentence.slice(1);

/** @type {{fr: Words, en: Words}} */
const SENTENCES = {
  fr: {
    checking: "Vérification…",
    sending: "Envoi en cours…",
    unsent: "Votre demande n'est pas encore envoyée",
    offline: "La connexion manque, ou notre service ne répond pas.",
    crowded: (seconds) =>
      `Beaucoup de demandes arrivent en ce moment : nouvel essai dans ${seconds} s.`,
    kept: (since, until) =>
      `Votre demande du ${since} est gardée dans ce navigateur. Elle partira d'elle-même dès que ` +
      `possible, tant que cette page est ouverte ou quand vous y reviendrez. Si elle n'a pas pu ` +
      `partir le ${until}, elle sera effacée.`,
    held: (since) =>
      `Votre demande du ${since} ne peut pas être gardée dans ce navigateur : laissez cette page ` +
      "ouverte, elle partira d'elle-même dès que possible.",
    waiting: (since) => `Elle attend depuis le ${since}.`,
    refused: (since) =>
      `Votre demande du ${since} est gardée dans ce navigateur, mais elle est à corriger.`,
    sendNow: "Envoyer maintenant",
    correct: "La corriger",
    resume: "La modifier",
    replaceSurely: "Remplacer ce que vous écrivez ?",
    erase: "L'effacer",
    eraseSurely: "L'effacer pour toujours ?",
    erased: "Votre demande est effacée de ce navigateur.",
    expired:
      "Une demande gardée dans ce navigateur n'a pas pu partir en sept jours : elle est effacée.",
    sent: (since, reference) =>
      `Votre demande du ${since} est enregistrée. Votre référence : ${reference}`,
    changed:
      "Ce que vous avez changé depuis n'en fait pas partie : envoyez-le aussi, ou dites-le à la " +
      "personne qui vous contactera.",
    restored: "Ce que vous aviez écrit avant que la page ne se recharge est de nouveau là.",
    nextPerson: "Personne suivante",
    startAgain: "Recommencer avec un formulaire vide",
    blankSurely: "Effacer ce qui est écrit ?",
    of: (name, sentence) => (name ? `${name} : ${uncapitalised(sentence)}` : sentence),
    communes: "Communes",
    byName: "Écrivez le nom de la commune plutôt que le code postal.",
    proposed: (count) =>
      count === 0 ? "Aucune commune de ce nom."
      : count === 1 ? "Une commune proposée : flèche vers le bas pour la choisir."
      : `${count} communes proposées : flèches pour choisir.`,
  },
  en: {
    checking: "Checking…",
    sending: "Sending…",
    unsent: "Your request has not been sent yet",
    offline: "There is no connection, or our service does not answer.",
    crowded: (seconds) =>
      `Many requests are arriving at the moment: next try in ${seconds} s.`,
    kept: (since, until) =>
      `Your request of ${since} is kept in this browser. It will leave by itself as soon as ` +
      `possible, while this page is open or when you come back to it. If it could not leave by ` +
      `${until}, it will be erased.`,
    held: (since) =>
      `Your request of ${since} cannot be kept in this browser: leave this page open, and it will ` +
      "leave by itself as soon as possible.",
    waiting: (since) => `It has been waiting since ${since}.`,
    refused: (since) =>
      `Your request of ${since} is kept in this browser, but has to be corrected.`,
    sendNow: "Send now",
    correct: "Correct it",
    resume: "Change it",
    replaceSurely: "Replace what you are writing?",
    erase: "Erase it",
    eraseSurely: "Erase it for good?",
    erased: "Your request is erased from this browser.",
    expired: "A request kept in this browser could not leave within seven days: it is erased.",
    sent: (since, reference) => `Your request of ${since} is recorded. Your reference: ${reference}`,
    changed:
      "What you changed since is not part of it: send it too, or tell the person who contacts you.",
    restored: "What you had written before the page was loaded again is back.",
    nextPerson: "Next person",
    startAgain: "Start again with a blank form",
    blankSurely: "Erase what is written?",
    of: (name, sentence) => (name ? `${name}: ${uncapitalised(sentence)}` : sentence),
    communes: "Communes",
    byName: "Type the commune's name rather than the postcode.",
    proposed: (count) =>
      count === 0 ? "No commune of that name."
      : count === 1 ? "One commune proposed: arrow down to choose it."
      : `${count} communes proposed: arrows to choose.`,
  },
};

/**
 * The sentences of a language, and its way to write a moment.
 *
 * @param {string} lang
 * @returns {Sentences}
 */
export function sentences(lang) {
  /** @type {Intl.DateTimeFormatOptions} */
  const style = { dateStyle: "long", timeStyle: "short" };
  const date = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : "fr-FR", style);
  return { ...SENTENCES[lang === "en" ? "en" : "fr"], moment: (time) => date.format(time) };
}
