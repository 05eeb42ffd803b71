// The classes that a person teaches, and a form for another.

import { postAt } from "../lib/requests.js"
import { toast } from "../lib/toast.js"

const form = document.getElementById("new-class")
form.addEventListener("submit", async (event) => {
  event.preventDefault()
  const { name, most_seats: most } = form.elements
  try {
    const { slug } = await postAt(form.dataset.path, { name: name.value, most_seats: most.valueAsNumber })
    location.assign(`/classes/${slug}/`)
  } catch ({ message }) {
    toast(message, true)
  }
})
