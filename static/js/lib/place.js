// Where this page is: what the template wrote on <body>. Every address that a script uses is made here.

const {
  namespace = "",
  canEdit: mayEdit = "no",
  canTurn: mayTurn = "no",
  clusterBase = "",
  base = "",
  socket = "",
  rollouts = "",
} = document.body.dataset

export { namespace }
export const canEdit = mayEdit === "yes"
export const canTurn = mayTurn === "yes" // the cluster's clock

// Under the cluster's own address: "pace/".
export function clusterAddress(path) {
  return clusterBase + path
}

// Under the namespace's own address: "deployments/web/scale/".
export function address(path = "") {
  return base + path
}

export function deploymentPath(name) {
  return `deployments/${encodeURIComponent(name)}/`
}

export function podPath(name) {
  return `pods/${encodeURIComponent(name)}/`
}

export function socketAddress(query, path = "") {
  const scheme = location.protocol === "https:" ? "wss" : "ws"
  return `${scheme}://${location.host}${socket}${path}?${query}`
}

export function nodesSocketAddress(deployment) {
  return socketAddress("packed=1", `${deploymentPath(deployment)}nodes/`)
}

// The template gives the address of rollout 0.
export function rolloutAddress(id, path = "") {
  return `${rollouts.replace(/0\/$/, `${id}/`)}${path}`
}
