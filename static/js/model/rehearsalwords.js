// What happens in a rehearsal, line by line, in the reader's language (core/rehearsals/notes.py). Knows no DOM.

import { t } from "../lib/words.js"

const RULES = {
  created: (inputs) => t("ReplicaSet %(number)s (%(name)s) created with %(after)s", inputs),
  scaled: (inputs) => t("ReplicaSet %(number)s (%(name)s) %(before)s -> %(after)s", inputs),
  deleted: (inputs) => t("ReplicaSet %(number)s (%(name)s) deleted", inputs),
  complete: (inputs) => t("Progressing: %(reason)s (complete)", inputs),
  deadline: (inputs) => t("Progressing: %(reason)s (the progress deadline has run out)", inputs),
}

export const KNOWN = Object.keys(RULES)

// {rule, inputs, text}; what has no rule is in upstream's words, or in a story's.
export function lineText({ rule, inputs, text }) {
  return RULES[rule]?.(inputs) ?? text
}
