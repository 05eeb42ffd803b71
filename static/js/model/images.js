// Images in few letters: without registry and path, and only those in which two templates differ. Knows no DOM.

const DIGEST_LETTERS = 8

// "envoy:v1.29.2" of "registry.example.org/mesh/envoy:v1.29.2"; of a digest its first letters.
export function shortImage(image) {
  const [name, digest] = image.split("/").at(-1).split("@")
  return digest ? `${name}@${digest.replace(/^\w+:/, "").slice(0, DIGEST_LETTERS)}` : name
}

// Of `containers`, those whose image is another in `others`; all of them if none is. Both are [{name, image}].
export function differing(containers, others) {
  const before = new Map(others.map((each) => [each.name, each.image]))
  const changed = containers.filter((each) => before.get(each.name) !== each.image)
  return changed.length ? changed : containers
}

export function shortImages(containers, others = []) {
  return differing(containers, others)
    .map((each) => shortImage(each.image))
    .join(", ")
}

export function wholeImages(containers) {
  return containers.map((each) => each.image).join(", ")
}

// "nginx:1.7.9 → nginx:1.9.1"; one of them alone where they are the same.
export function change(before, after) {
  const [from, to] = [shortImages(before, after), shortImages(after, before)]
  return from && wholeImages(before) !== wholeImages(after) ? `${from} → ${to}` : to
}

// As containers, where only images in their order are known.
export function numbered(images) {
  return images.map((image, place) => ({ name: String(place), image }))
}
