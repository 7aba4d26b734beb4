// SPDX-License-Identifier: Apache-2.0
// Says whether changes arrive by themselves, and leaves the page when the session is over. htmx does the refreshing.

import { keep } from "./drafts.js";

const live = document.getElementById("live");

const show = (state) => { live.dataset.live = state; };
const leave = () => { keep(); location.reload(); };

live?.addEventListener("htmx:sse:after:connection", () => show("on"));
live?.addEventListener("htmx:sse:close", () => show("off"));
live?.addEventListener("htmx:sse:error", (event) => {
  show("off");
  if (event.detail.status === 401) leave();
});
// The password may have been given again in another tab: then the browser has another token by now, and goes on with it.
live?.addEventListener("session-over", () => {
  fetch("/api/v1/session", { headers: { "X-GS-Live": "1" } })
    .then((answer) => { if (!answer.ok) leave(); }, () => show("off"));
});
