// Copies a text, or says that the browser does not allow it.

import { toast } from "./toast.js"
import { t } from "./words.js"

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    toast(t("Copied"))
  } catch {
    toast(t("The browser does not let the page copy here; select the text instead."), true)
  }
}
