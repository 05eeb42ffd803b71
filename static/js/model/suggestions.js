// Images to try: those of other revisions, and the book's, its typo among them.

const BOOK = ["nginx:1.7.9", "nginx:1.9.1", "nginx:1.91"]
const MOST = 3

export function suggestions(container, image, replicasets) {
  const earlier = replicasets
    .map(({ containers }) => containers.find((each) => each.name === container)?.image)
    .reverse()
  const known = /^nginx(:|$)/.test(image) ? [...BOOK.slice(1), ...earlier, BOOK[0]] : earlier
  return [...new Set(known.filter((each) => each && each !== image))].slice(0, MOST)
}
