// What a teacher does about one seat's help.

import { postAt } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { t } from "../lib/words.js"

// Offers help to who asked; takes an offer back, or ends the help, where there is one.
export async function offerHelp(base, { number, name, help }) {
  const verb = help === "asked" || help === "" ? "offer" : "end"
  try {
    await postAt(`${base}seats/${number}/help/`, { verb })
    toast(verb === "offer" ? t("%(name)s is asked to accept.", { name }) : t("The help is over."))
  } catch ({ message }) {
    toast(message, true)
  }
}
