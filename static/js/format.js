// Words and numbers for people.

export function t(text, values = {}) {
  const translated = globalThis.gettext ? globalThis.gettext(text) : text
  return translated.replace(/%\((\w+)\)s/g, (_, key) => values[key])
}

// As kubectl prints ages: 5s, 2m10s, 3h5m, 4d.
export function age(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 120) return `${whole}s`
  if (whole < 600) return whole % 60 ? `${Math.floor(whole / 60)}m${whole % 60}s` : `${whole / 60}m`
  if (whole < 10800) return `${Math.floor(whole / 60)}m`
  if (whole < 172800) return `${Math.floor(whole / 3600)}h`
  return `${Math.floor(whole / 86400)}d`
}

export function duration(seconds) {
  if (seconds < 100) return `${seconds.toFixed(1)} s`
  if (seconds < 6000) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  return `${(seconds / 3600).toFixed(1)} h`
}

export function element(name, properties = {}, ...children) {
  const node = document.createElement(name)
  for (const [key, value] of Object.entries(properties)) {
    if (key in node && key !== "list") node[key] = value
    else node.setAttribute(key, value)
  }
  node.append(...children)
  return node
}

const SVG = "http://www.w3.org/2000/svg"

export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name)
  set(node, attributes)
  node.append(...children)
  return node
}

export function set(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (node.getAttribute(key) !== String(value)) node.setAttribute(key, value)
  }
  return node
}

export function write(node, text) {
  if (node.textContent !== text) node.textContent = text
}
