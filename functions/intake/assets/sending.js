/** @import {Field} from "./answers.js" */
/** @import {Answer} from "./calls.js" */
/** @import {Sentences} from "./sentences.js" */
import { call, NONE } from "./calls.js";
import { openProver } from "./proof.js";

const NO_PROOF = "-"; // for what is sure to be refused: it need not wait for one

/**
 * Sends submissions, each with a proof of work; `begin` makes one ready when somebody writes.
 *
 * @param {string} base
 */
export function openSender(base) {
  const prover = openProver(base);
  return {
    begin: prover.begin,
    /**
     * Try to send `fields` once, and once more where the proof was not good enough; not what is
     * `gone()` meanwhile. What is not `plausible` is tried without a proof first. `tell` is told
     * what is going on, in words of `say`. Gives the answer, NONE where there is none.
     *
     * @param {{fields: Field[], lang: string, say: Sentences, tell: (text: string) => void,
     *   plausible: boolean, gone: () => boolean}} submission
     * @returns {Promise<Answer>}
     */
    async send({ fields, lang, say, tell, plausible, gone }) {
      const address = `${base}?${new URLSearchParams({ frame: "fragment", lang })}`;
      for (let again = true; ; again = false) {
        tell(say.checking);
        const hasty = again && !plausible;
        try {
          const payload = hasty ? NO_PROOF : await prover.proof();
          if (gone()) return NONE;
          tell(say.sending);
          const proof = payload ? [["altcha", payload]] : [];
          const body = new URLSearchParams([...fields, ...proof]);
          const answer = await call(address, { method: "POST", body });
          // A form that is to be corrected has not used its proof.
          if (answer.status !== 422 && !hasty) prover.forget();
          if (answer.status !== 403 || !again) return answer;
        } catch (failure) {
          prover.forget();
          const { wait = 0, status = 0 } = /** @type {Partial<Answer>} */ (failure);
          return { ...NONE, wait, status };
        }
      }
    },
  };
}
