// The page's figure and film strip as one SVG that needs no style sheet. Evaluated in the page by draw_figure.py.
function drawing() {
  const STYLES = [
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "opacity",
    "visibility",
    "font-size",
    "font-weight",
    "text-anchor",
  ]
  const PLAIN = {
    "fill-opacity": "1",
    stroke: "none",
    "stroke-width": "1px",
    "stroke-opacity": "1",
    "stroke-dasharray": "none",
    "stroke-linecap": "butt",
    "stroke-linejoin": "miter",
    opacity: "1",
    visibility: "visible",
    "text-anchor": "start",
    "font-weight": "400",
  }
  const MARGIN = 16
  const node = (name, attributes, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name)
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
    made.append(...children)
    return made
  }

  const inlined = (source) => {
    const copy = source.cloneNode(false)
    const style = getComputedStyle(source)
    for (const { name } of [...copy.attributes])
      if (/^(class|data-|aria-|role|tabindex|style)/.test(name)) copy.removeAttribute(name)
    if (source.matches("rect, path, line, text")) {
      for (const name of STYLES)
        if (style.getPropertyValue(name) !== PLAIN[name]) copy.setAttribute(name, style.getPropertyValue(name))
      if (source.matches("text"))
        copy.setAttribute(
          "font-family",
          /mono/i.test(style.fontFamily)
            ? "ui-monospace, Menlo, 'DejaVu Sans Mono', monospace"
            : "system-ui, 'Noto Sans', sans-serif",
        )
    } else if (source.matches("svg svg")) copy.setAttribute("overflow", "visible")
    else if (style.opacity !== "1") copy.setAttribute("opacity", style.opacity)
    for (const child of source.childNodes)
      copy.append(child.nodeType === Node.TEXT_NODE ? child.cloneNode() : inlined(child))
    return copy
  }

  const frame = document.querySelector("#figure").getBoundingClientRect()
  const placed = (element) => {
    const box = element.getBoundingClientRect()
    return { x: box.x - frame.x, y: box.y - frame.y, width: box.width, height: box.height }
  }

  const written = (element) => {
    const { x, y, height } = placed(element)
    const style = getComputedStyle(element)
    return node(
      "text",
      {
        x,
        y: y + height / 2 + parseFloat(style.fontSize) * 0.36,
        fill: style.color,
        "font-size": style.fontSize,
        "font-weight": style.fontWeight,
        "font-family": "system-ui, 'Noto Sans', sans-serif",
      },
      element.textContent,
    )
  }

  const card = (element) => {
    const style = getComputedStyle(element)
    const isToCome = element.matches(".coming")
    const drawn = node(
      "g",
      isToCome ? { opacity: 0.5 } : {},
      node("rect", {
        ...placed(element),
        rx: 10,
        fill: style.backgroundColor,
        stroke: style.borderTopColor,
        "stroke-dasharray": isToCome ? "3 3" : "none",
      }),
    )
    for (const cells of element.querySelectorAll("svg.cells")) {
      const copy = inlined(cells)
      for (const [key, value] of Object.entries(placed(cells))) copy.setAttribute(key, value)
      drawn.append(copy)
    }
    for (const text of element.querySelectorAll("b, .label, .time")) drawn.append(written(text))
    return drawn
  }

  const strip = document.querySelector("#strip")
  strip.scrollTo({ left: 0, behavior: "instant" })
  const figure = inlined(document.querySelector("svg.figure"))
  const first = placed(strip.firstElementChild)
  const cards = node("g", {}, ...[...strip.children].map(card))
  const drop = Math.round(figure.getAttribute("height") - first.y + 12)
  cards.setAttribute("transform", `translate(0 ${drop})`)
  const right = Math.max(frame.width, ...[...strip.children].map((each) => placed(each).x + placed(each).width))
  const width = Math.ceil(right) + 2 * MARGIN
  const height = Math.ceil(first.y + drop + first.height) + 2 * MARGIN
  const ground = getComputedStyle(document.querySelector(".panel")).backgroundColor
  const whole = node(
    "svg",
    { width, height, viewBox: `${-MARGIN} ${-MARGIN} ${width} ${height}` },
    node("title", {}, "A Deployment in the middle of a rolling update, and its film strip so far"),
    node("rect", { x: -MARGIN, y: -MARGIN, width, height, rx: 14, fill: ground }),
    figure,
    cards,
  )
  return new XMLSerializer().serializeToString(whole)
}
