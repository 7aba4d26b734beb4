// SPDX-License-Identifier: Apache-2.0
// Several rows of the queue at once: what is ticked, how many that are, and the form that acts on them.

const bulk = document.getElementById("bulk");
const boxes = () => [...document.querySelectorAll("#alerts tbody input[type=checkbox]")];

export const chosen = () => boxes().filter((box) => box.checked);

export function toggle(row) {
  row?.querySelector("input[type=checkbox]").click();
}

// What a key asked for while its field is written: Enter there means that, and never another button.
let meant = null;

export function act(action) {
  const button = bulk.querySelector(`[value=${action}]`);
  const needed = document.getElementById(button.dataset.needs);
  if (!needed) return button.click();
  needed.select();
  meant = button;
}

function show() {
  const all = document.getElementById("tick-all");
  const number = chosen().length;
  document.getElementById("chosen").textContent = number;
  if (bulk.elements.every && !number) bulk.elements.every.checked = false;
  if (!all) return;
  all.checked = number > 0 && number === boxes().length;
  all.indeterminate = number > 0 && !all.checked;
}

export function none() {
  for (const box of chosen()) box.checked = false;
  show();
}

if (bulk) {
  document.addEventListener("change", (event) => {
    if (event.target.id === "tick-all") for (const box of boxes()) box.checked = event.target.checked;
    show();
  });
  document.addEventListener("htmx:after:swap", show);
  document.getElementById("chosen-none").addEventListener("click", none);
  // The whole of a filter is no matter of ticks: which rows are ticked is not sent along.
  bulk.addEventListener("submit", () => {
    if (bulk.elements.every?.checked) for (const box of boxes()) box.disabled = true;
  });
  bulk.addEventListener("focusout", () => { meant = null; });
  bulk.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    const button = event.target === bulk.elements.owner ? bulk.querySelector("[value=assign]") : meant;
    button?.click();
  });
  bulk.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=action]");
    if (!button) return;
    for (const field of [bulk.elements.owner, bulk.elements.note]) field.required = field.id === button.dataset.needs;
  });
  show();
}
