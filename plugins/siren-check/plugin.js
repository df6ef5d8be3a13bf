// A validating step: every number that the document calls a SIREN or a SIRET has its check digit.
import { open } from "sceau:documents/documents@1.0.0";
import { isGood, numbers } from "./siren.js";

/** Pages that are read. */
const MOST_PAGES = 200;

export const step = {
  run(input) {
    const settings = JSON.parse(input.settings);
    const id = input.documents[0];
    const document = granted(() => open(id));
    const pages = granted(() => Math.min(document.pageCount(), MOST_PAGES));
    const findings = [];
    let good = 0;
    for (let page = 1; page <= pages; page += 1) {
      for (const number of numbers(granted(() => document.pageText(page)))) {
        if (number.good) good += 1;
        else findings.push(wrong(number, id, page));
      }
    }
    if (settings.required === true && good === 0) findings.push(missing());
    return { verdict: findings.length > 0 ? "reject" : "accept", findings };
  },
};

export const selfTest = {
  run() {
    if (isGood("SIREN", "732829320") && !isGood("SIREN", "732829321")) return;
    throw { code: "luhn", message: "this build counts check digits wrongly" };
  },
};

function wrong({ word, digits }, document, page) {
  return {
    code: word === "SIREN" ? "siren-wrong" : "siret-wrong",
    severity: "error",
    fr: `Le numéro ${word} ${digits} de la page ${page} n'est pas valable : vérifiez ses chiffres.`,
    en: `The ${word} number ${digits} on page ${page} is not valid: check its digits.`,
    // A rectangle without extent stands for the whole page.
    where: { document, page, x: 0, y: 0, width: 0, height: 0 },
  };
}

function missing() {
  return {
    code: "siren-missing",
    severity: "error",
    fr: "Le document ne porte aucun numéro SIREN ou SIRET valable.",
    en: "The document has no valid SIREN or SIRET number.",
    where: undefined,
  };
}

/** Errors of the host become errors of the step, which say who can mend them. */
function granted(ask) {
  try {
    return ask();
  } catch (error) {
    throw stepError(error?.payload ?? error);
  }
}

function stepError(error) {
  if (error?.tag === "denied") {
    const message = "`documents` is not granted: grant it in sceau.toml";
    return { tag: "misconfigured", val: { code: "not-granted", message } };
  }
  if (error?.tag === "unreadable") {
    const fr = `Le document ne peut pas être lu : ${error.val}`;
    return { tag: "rejected", val: { code: "unreadable", fr, en: `The document cannot be read: ${error.val}` } };
  }
  return { tag: "other", val: { code: "document", message: String(error?.tag ?? error) } };
}
