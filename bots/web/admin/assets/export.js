// Takes photos along: for those whose role it is, with a reason.

import { make } from "/static/dom.js";
import * as server from "./server.js";
import { setup, text } from "./texts.js";

export function setUpExport({ form, note, problem, filters, onSignedOut }) {
  for (const format of setup.formats) form.elements.format.append(make("option", { value: format }, format));
  form.elements.limit.max = String(setup.most_exported);
  form.elements.limit.value = String(Math.min(500, setup.most_exported));
  form.querySelector("#export-help").textContent = text("export-help", { photos: setup.most_exported });
  const button = form.querySelector("button");

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { format, limit, reason } = form.elements;
    problem.hidden = true;
    note.textContent = text("export-working");
    button.disabled = true;
    try {
      const most = Math.max(1, Math.floor(Number(limit.value) || setup.most_exported));
      const wanted = { filters: filters(), format: format.value, reason: reason.value, limit: most };
      const { name, zip } = await server.makeExport(wanted);
      save(name, zip);
      note.textContent = text("export-done", { name });
    } catch (error) {
      note.textContent = "";
      problem.textContent = error.message;
      problem.hidden = false;
      if (error.code === "signed_out") onSignedOut(error);
      else reason.focus();
    } finally {
      button.disabled = false;
    }
  });
}

function save(name, zip) {
  const url = URL.createObjectURL(zip);
  make("a", { href: url, download: name }).click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
