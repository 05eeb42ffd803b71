// The results of a class; and its end.

import { postAt } from "../lib/requests.js"
import { toast } from "../lib/toast.js"

const { base } = document.getElementById("class").dataset
const form = document.getElementById("end-form")
form.addEventListener("submit", async (event) => {
  event.preventDefault()
  try {
    await postAt(`${base}end/`, { erase: form.elements.erase.value })
    location.assign("/classes/")
  } catch ({ message }) {
    toast(message, true)
  }
})
