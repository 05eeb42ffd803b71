// Texts that come from the server in several languages. Knows no DOM.

// That of the page's language, else `fallback`.
export function inLanguage(translations, fallback) {
  return translations?.[globalThis.document?.documentElement.lang] ?? fallback
}
