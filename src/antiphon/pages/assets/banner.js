// For your own portal: <script src="…/status/banner.js" defer></script>
// Shows a bar at the top while something is wrong or planned work is under way, and nothing else; asks each minute.
"use strict";
(() => {
  const base = new URL(".", document.currentScript.src);
  const bar = document.createElement("div");
  bar.setAttribute("role", "status");
  const look = { padding: ".6rem 1rem", font: "1rem/1.4 system-ui, sans-serif", textAlign: "center" };
  Object.assign(bar.style, look, { background: "#fdf3d8", color: "#1b1f24" });
  const words = document.documentElement.lang.startsWith("de") ? "nächste Meldung bis" : "next update by";
  const when = (iso) => new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const show = (summary) => {
    const told = summary.incidents[0] || summary.scheduled_maintenances.find((each) => each.status === "in_progress");
    if (!told) return bar.remove();
    const link = document.createElement("a");
    link.href = base.href;
    link.style.color = "inherit";
    link.textContent = told.name;
    const next = told.next_update_at ? ` – ${words} ${when(told.next_update_at)}` : "";
    bar.replaceChildren(link, next);
    document.body.prepend(bar);
  };
  const ask = () => fetch(new URL("api/v2/summary.json", base)).then((answer) => answer.json()).then(show, () => {});
  ask();
  setInterval(ask, 60000);
})();
