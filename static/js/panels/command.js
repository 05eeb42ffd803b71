// The kubectl command that does what is pointed at, beneath the buttons.

import { write } from "../lib/nodes.js"
import { namespace } from "../lib/place.js"
import { Kubectl } from "../model/kubectl.js"

export const kubectl = new Kubectl(namespace)
const shown = document.getElementById("kubectl")

export function show(text) {
  write(shown, text)
}
