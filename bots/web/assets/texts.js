// The page's words in the language of the moment, and their places in the page.

let texts = JSON.parse(document.getElementById("texts").textContent);

export function text(key) {
  return texts[`page-${key}`];
}

/** A span that changes its language with the page. */
export function say(key) {
  const span = document.createElement("span");
  span.dataset.text = `page-${key}`;
  span.textContent = text(key);
  return span;
}

export function useTexts(language, newTexts) {
  texts = newTexts;
  document.documentElement.lang = language;
  document.title = text("title");
  for (const place of document.querySelectorAll("[data-text]")) place.textContent = texts[place.dataset.text];
  for (const place of document.querySelectorAll("[data-text-label]")) {
    place.setAttribute("aria-label", texts[place.dataset.textLabel]);
  }
  for (const place of document.querySelectorAll("[data-text-alt]")) place.alt = texts[place.dataset.textAlt];
  for (const group of document.querySelectorAll("[data-text-group]")) group.label = texts[group.dataset.textGroup];
  for (const link of document.querySelectorAll("[data-language]")) {
    if (link.dataset.language === language) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}
