// SPDX-License-Identifier: Apache-2.0
// Copies a piece of evidence as text: its headline, the line as the host wrote it, and every field on a line.

function text(event) {
  const fields = [...event.querySelectorAll(".fields tr")];
  const said = event.querySelector("pre")?.textContent;
  return [...(said ? [said] : []), ...fields.map((row) => [...row.cells].map((cell) => cell.textContent).join(": "))].join("\n");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  await navigator.clipboard.writeText(text(document.getElementById(button.dataset.copies)));
  button.classList.add("done");
});
