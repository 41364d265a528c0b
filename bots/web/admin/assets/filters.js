// The filters' form -> what the server is asked for.

import { make } from "/static/dom.js";
import { labelName, setup, text } from "./texts.js";

export function setUpFilters(form, onApply) {
  for (const { label } of setup.labels) form.elements.label.append(make("option", { value: label }, labelName(label)));
  for (const platform of setup.platforms) {
    form.elements.platform.append(make("option", { value: platform }, text(`platform-${platform}`)));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onApply(filtersOf(form));
  });
}

/** Only what is asked for: `{label: ["paper"], unlabelled: true}`. */
export function filtersOf(form) {
  const found = {};
  for (const name of ["label", "platform", "language"]) {
    if (form.elements[name].value) found[name] = [form.elements[name].value];
  }
  for (const name of ["since", "until"]) if (form.elements[name].value) found[name] = form.elements[name].value;
  const margin = form.elements.most_margin.value;
  if (margin !== "") found.most_margin = Math.min(100, Math.max(0, Number(margin))) / 100;
  for (const name of ["disagreement", "unlabelled"]) if (form.elements[name].checked) found[name] = true;
  return found;
}
