// SPDX-License-Identifier: Apache-2.0
// Single keys. They are read by their place on the keyboard (event.code) and never while text is being written or
// composed, because Vietnamese input methods use letters as tone marks.

import { aim, openFor } from "./dialogs.js";
import { act as actOn, chosen, none, toggle } from "./choose.js";
import "./copy.js";
import "./place.js";

const byId = (id) => document.getElementById(id);
const rows = () => [...document.querySelectorAll("#alerts tbody tr")];
const focused = () => document.activeElement?.closest?.("#alerts tbody tr");
const allows = (row, move) => row?.dataset.moves.split(" ").includes(move);
const wanted = byId("keys-on");

function go(step) {
  const all = rows();
  const at = all.indexOf(focused());
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1);
  all[next]?.querySelector("th a").focus();
  return all.length > 0;
}

// From an alert to the one after or before it in the list it was opened from.
function walk(step) {
  if (byId("queue")) return go(step);
  const link = byId(step > 0 ? "next" : "previous");
  if (!link || link.hidden) return false;
  link.click();
}

const inQueue = {
  acknowledge() {
    if (chosen().length) return actOn("acknowledge");
    const row = focused();
    if (!allows(row, "acknowledge")) return;
    const form = byId("acknowledge");
    aim(form, row);
    form.requestSubmit();
  },
  assign() {
    if (chosen().length) return actOn("assign");
    if (allows(focused(), "assign")) openFor(byId("assign"), focused());
  },
  close() {
    if (chosen().length) return actOn("resolve");
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
  KeyJ: () => walk(1),
  KeyK: () => walk(-1),
  KeyX: () => toggle(focused()),
  Digit1: () => act.acknowledge(),
  Digit2: () => act.assign(),
  Digit3: () => act.close(),
  Numpad1: () => act.acknowledge(),
  Numpad2: () => act.assign(),
  Numpad3: () => act.close(),
  Slash: () => byId("search")?.select(),
  Escape: () => (byId("queue") ? none() : byId("back")?.click()),
};

function writing(event) {
  return event.isComposing || event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (writing(event)) {
    if (event.code === "Escape" && !event.isComposing) event.target.blur();
    return;
  }
  if (!wanted.checked) return;
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

wanted.checked = localStorage.getItem("keys") !== "off";
wanted.addEventListener("change", () => localStorage.setItem("keys", wanted.checked ? "on" : "off"));
