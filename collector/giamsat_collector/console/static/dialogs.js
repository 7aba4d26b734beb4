// SPDX-License-Identifier: Apache-2.0
// Opens and closes dialogs, and points their forms at a row of the queue.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  event.target.closest("[data-closes]")?.closest("dialog").close();
});

// A form about the alert of a row: where it goes, and which state of the alert was looked at.
export function aim(form, row) {
  form.action = `${row.dataset.address}/moves`;
  form.elements.revision.value = row.dataset.revision;
}

export function openFor(dialog, row) {
  const form = dialog.querySelector("form");
  aim(form, row);
  form.querySelector(".about").textContent = row.querySelector("th").textContent.trim();
  dialog.showModal();
  form.querySelector("textarea, input:not([type=hidden])").focus();
}
