// Finding SIREN and SIRET numbers in text, and whether their check digit is right. Nothing here
// knows the host, so that `node --test` runs it as it is.

/** A number that a text calls a SIREN or a SIRET: the word, then 9 or 14 digits, blanks or dots between. */
const NAMED = /\b(SIREN|SIRET)\b[^0-9A-Za-z]{0,12}(?:N[°o.]?[^0-9A-Za-z]{0,4})?([0-9](?:[ \u00a0\u202f.]?[0-9]){8,13})(?![0-9])/giu;

/** La Poste's SIREN: its establishments' SIRETs follow the sum of their digits instead (a multiple of 5). */
const LA_POSTE = "356000000";

/**
 * What each named number of a text is.
 * @param {string} text
 * @returns {{ word: "SIREN" | "SIRET", digits: string, good: boolean }[]}
 */
export function numbers(text) {
  return [...text.matchAll(NAMED)].map(([, name, shown]) => {
    const word = name.toUpperCase();
    const digits = shown.replace(/[^0-9]/g, "");
    return { word, digits, good: isGood(word, digits) };
  });
}

/** Whether the digits are a whole number of this kind. A SIRET begins with a good SIREN. */
export function isGood(word, digits) {
  if (word === "SIREN") return digits.length === 9 && luhn(digits);
  if (digits.length !== 14 || !luhn(digits.slice(0, 9))) return false;
  return luhn(digits) || (digits.startsWith(LA_POSTE) && sum(digits) % 5 === 0);
}

/** ISO/IEC 7812-1, annex B. */
function luhn(digits) {
  const doubled = [...digits].reverse().map((digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2);
    return value > 9 ? value - 9 : value;
  });
  return doubled.reduce((all, value) => all + value, 0) % 10 === 0;
}

function sum(digits) {
  return [...digits].reduce((all, digit) => all + Number(digit), 0);
}
