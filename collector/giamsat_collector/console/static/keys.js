// SPDX-License-Identifier: Apache-2.0
// Single keys. They are read by their place on the keyboard (event.code) and never while text is being written or
// composed, because Vietnamese input methods use letters as tone marks.

import { aim, openFor } from "./dialogs.js";
import "./place.js";

const byId = (id) => document.getElementById(id);
const rows = () => [...document.querySelectorAll("#alerts tbody tr")];
const focused = () => document.activeElement?.closest?.("#alerts tbody tr");
const allows = (row, move) => row?.dataset.moves.split(" ").includes(move);
const chosen = byId("keys-on");

function go(step) {
  const all = rows();
  const at = all.indexOf(focused());
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1);
  all[next]?.querySelector("th a").focus();
  return all.length > 0;
}

const inQueue = {
  acknowledge() {
    const row = focused();
    if (!allows(row, "acknowledge")) return;
    const form = byId("acknowledge");
    aim(form, row);
    form.requestSubmit();
  },
  assign() {
    if (allows(focused(), "assign")) openFor(byId("assign"), focused());
  },
  close() {
    if (allows(focused(), "resolve")) openFor(byId("close"), focused());
  },
};

const inAlert = {
  acknowledge() {
    document.querySelector("#moves [value=acknowledge]")?.click();
  },
  assign() {
    byId("owner")?.select();
  },
  close() {
    const note = byId("note");
    (note.value.trim() ? document.querySelector("#moves [value=resolve]") : note)?.focus();
  },
};

const act = byId("queue") ? inQueue : inAlert;
const keys = {
  ArrowDown: () => go(1),
  ArrowUp: () => go(-1),
  KeyJ: () => go(1),
  KeyK: () => go(-1),
  Digit1: () => act.acknowledge(),
  Digit2: () => act.assign(),
  Digit3: () => act.close(),
  Numpad1: () => act.acknowledge(),
  Numpad2: () => act.assign(),
  Numpad3: () => act.close(),
  Slash: () => byId("search")?.select(),
  Escape: () => byId("back")?.click(),
};

function writing(event) {
  return event.isComposing || event.target.closest("input, textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (writing(event)) {
    if (event.code === "Escape" && !event.isComposing) event.target.blur();
    return;
  }
  if (!chosen.checked) return;
  if (event.code === "Slash" && event.shiftKey) {
    event.preventDefault();
    byId("keys").showModal();
  } else if (!event.shiftKey && keys[event.code] && (byId("queue") || byId("moves") || event.code === "Slash")) {
    if (keys[event.code]() !== false) event.preventDefault();
  }
});

// What a button needs is asked for in the page, before the server has to.
byId("moves")?.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  for (const field of [byId("note"), byId("owner")]) if (field) field.required = field.id === button.dataset.needs;
});

chosen.checked = localStorage.getItem("keys") !== "off";
chosen.addEventListener("change", () => localStorage.setItem("keys", chosen.checked ? "on" : "off"));
