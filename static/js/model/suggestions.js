// Images to try: those of other revisions, and the book's, its typo among them; and tags for which a new cluster has rules.

const BOOK = ["nginx:1.7.9", "nginx:1.9.1", "nginx:1.91"]
const MOST = 3
const TAGS = ["slow", "flaky", "unready", "broken"] // core/nodes/behaviour.py, DEFAULTS

export function suggestions(container, image, replicasets) {
  const earlier = replicasets
    .map(({ containers }) => containers.find((each) => each.name === container)?.image)
    .reverse()
  const known = /^nginx(:|$)/.test(image) ? [...BOOK.slice(1), ...earlier, BOOK[0]] : earlier
  const found = [...new Set(known.filter((each) => each && each !== image))].slice(0, MOST)
  return [...found, ...tagged(image).filter((each) => each !== image && !found.includes(each))]
}

// "nginx:slow" of "nginx:1.9.1"; of a digest none.
function tagged(image) {
  if (!image || image.includes("@")) return []
  const name = image.replace(/:[^/:]+$/, "")
  return TAGS.map((tag) => `${name}:${tag}`)
}
