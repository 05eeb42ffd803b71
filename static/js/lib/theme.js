// Before the first paint: the theme that was chosen; then the switch. A classic script, since modules run late.
document.documentElement.dataset.theme = localStorage.getItem("theme") ?? ""
addEventListener("DOMContentLoaded", () => {
  document.getElementById("theme").addEventListener("click", () => {
    const dark =
      document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")
    const next = dark === "dark" ? "light" : "dark"
    document.documentElement.dataset.theme = next
    localStorage.setItem("theme", next)
  })
})
