// Asking in words: the text box, and the buttons that stand for commands.

import { say } from "./texts.js";

export function setUpWords({ form, commands, onWords }) {
  const box = form.querySelector("input");
  const problem = form.querySelector("[role=alert]");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = box.value.trim();
    problem.hidden = words !== "";
    box.setAttribute("aria-invalid", String(words === ""));
    if (words === "") {
      problem.replaceChildren(say("words-empty"));
      box.focus();
      return;
    }
    box.value = "";
    onWords(words);
  });
  box.addEventListener("input", () => {
    problem.hidden = true;
    box.removeAttribute("aria-invalid");
  });
  for (const button of commands) button.addEventListener("click", () => onWords(button.dataset.command));
}
