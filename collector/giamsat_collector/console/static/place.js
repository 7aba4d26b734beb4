// SPDX-License-Identifier: Apache-2.0
// Remembers, for this tab, which list an alert was opened from and which row had the focus.

const rows = () => [...document.querySelectorAll("#alerts tbody tr")];
const back = document.getElementById("back");

if (document.getElementById("queue")) {
  sessionStorage.setItem("list", location.pathname + location.search);
  const { id, index } = JSON.parse(sessionStorage.getItem("row") ?? "{}");
  // The row may be gone because it was just dealt with: the one now in its place is next.
  const row = id && (document.getElementById(id) ?? rows()[Math.min(index, rows().length - 1)]);
  row?.querySelector("th a").focus();
  addEventListener("pagehide", () => {
    sessionStorage.setItem("addresses", JSON.stringify(rows().map((each) => each.dataset.address)));
  });
  document.addEventListener("focusin", (event) => {
    const at = event.target.closest("#alerts tbody tr");
    if (at) sessionStorage.setItem("row", JSON.stringify({ id: at.id, index: rows().indexOf(at) }));
  });
}

if (back) {
  back.href = sessionStorage.getItem("list") ?? back.href;
  const list = JSON.parse(sessionStorage.getItem("addresses") ?? "[]");
  const at = list.indexOf(location.pathname);
  for (const [id, address] of [["previous", list[at - 1]], ["next", list[at + 1]]]) {
    const link = document.getElementById(id);
    if (!link || at < 0 || !address) continue;
    link.href = address;
    link.hidden = false;
  }
}
