// SPDX-License-Identifier: Apache-2.0
// Keeps, for this tab, what was typed when a session ends under it, until the same person is back on the same page.

const fields = () => [...document.querySelectorAll("main textarea, main input:not([type]), main input[type=text]")];
const person = document.querySelector(".menu bdi")?.textContent;
const here = location.pathname + location.search;

export const keep = () => {
  const typed = fields()
    .map(({ name, value, defaultValue }, at) => ({ at, name, value, changed: value !== defaultValue }))
    .filter(({ changed }) => changed);
  if (typed.length) sessionStorage.setItem("draft", JSON.stringify({ person, here, typed }));
};

const draft = JSON.parse(sessionStorage.getItem("draft") ?? "null");
if (draft && person) {
  if (draft.person !== person || draft.here === here) sessionStorage.removeItem("draft");
  if (draft.person === person && draft.here === here) {
    const all = fields();
    for (const { at, name, value } of draft.typed) if (all[at]?.name === name) all[at].value = value;
  }
}
