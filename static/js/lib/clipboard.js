// Copies a text, or says that the browser does not allow it.

import { element } from "./nodes.js"
import { toast } from "./toast.js"
import { t } from "./words.js"

export async function copy(text) {
  if (await isCopied(text)) toast(t("Copied"))
  else toast(t("The browser does not let the page copy here; select the text instead."), true)
}

// Over plain http there is no clipboard, but a selected text can still be copied.
async function isCopied(text) {
  if (navigator.clipboard)
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  const field = element("textarea", { value: text, className: "visually-hidden" })
  document.body.append(field)
  field.select()
  const isDone = document.execCommand("copy")
  field.remove()
  return isDone
}
