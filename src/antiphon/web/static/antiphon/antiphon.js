// What a page gains with scripts on: clocks that move, keys, the palette, copy buttons.
// Nothing here is needed to read a page or to act on it.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  root.classList.add("scripted");

  // The server's clock may be ahead, behind or fast (practice, demo): follow it, not the browser's.
  let server = 0, seen = 0, rate = 1;
  const readClock = () => {
    const clock = byId("clock");
    if (!clock) return;
    server = Date.parse(clock.dataset.now);
    rate = Number(clock.dataset.rate) || 1;
    seen = performance.now();
  };
  const now = () => server + (performance.now() - seen) * rate;

  const words = root.dataset;
  const duration = (ms) => {
    const seconds = Math.round(Math.abs(ms) / 1000), minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
    if (seconds < 120) return `${seconds} s`;
    if (minutes < 90) return `${minutes} min`;
    if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
    return hours % 24 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : `${hours / 24} d`;
  };
  const fill = (pattern, value) => pattern.replace("{}", value);
  const relative = (at) => fill(at > now() ? words.in : words.ago, duration(at - now()));

  const setText = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const tickRing = (ring) => {
    const opened = Date.parse(ring.dataset.opened), due = Date.parse(ring.dataset.due);
    const left = Math.max(0, Math.min(1, (due - now()) / (due - opened)));
    const late = now() >= due;
    ring.classList.toggle("closing", !late && left <= 0.2);
    ring.classList.toggle("overdue", late);
    ring.querySelector(".left").setAttribute("stroke-dasharray", `${(left * 100).toFixed(1)} 100`);
    setText(ring.querySelector(".rel"), late ? fill(words.overdue, duration(now() - due)) : fill(words.in, duration(due - now())));
  };
  const tick = () => {
    all("time[data-rel]").forEach((node) => setText(node, relative(Date.parse(node.dateTime))));
    all("[data-since]").forEach((node) => setText(node, duration(now() - Date.parse(node.dataset.since))));
    all(".ring[data-due]").forEach(tickRing);
  };

  // Dialogs, copying, dismissing
  const open = (id) => { const dialog = byId(id); if (dialog && !dialog.open) dialog.showModal(); };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open], [data-close], [data-copy], [data-dismiss], [data-shut]");
    if (!button) return;
    if (button.dataset.open) { event.preventDefault(); open(button.dataset.open); }
    if ("close" in button.dataset) button.closest("dialog").close();
    if ("dismiss" in button.dataset) button.closest(".toast").remove();
    if ("shut" in button.dataset) button.closest("details").open = false;
    if ("copy" in button.dataset) {
      navigator.clipboard.writeText(button.closest(".code").querySelector("pre").textContent)
        .then(() => setText(button, words.copied), () => setText(button, words.notCopied));
    }
  });

  // Many at once: the button says what will happen to how many, and waits until somebody is ticked
  const bulk = document.querySelector("form[data-bulk]");
  if (bulk) {
    const boxes = all(`input[form="${bulk.id}"]`), whole = bulk.querySelector("[data-tick-all]");
    const button = bulk.querySelector("[data-counted]"), choice = bulk.querySelector("select"), plain = button.textContent;
    const count = () => {
      const ticked = boxes.filter((box) => box.checked).length, { one, many } = choice.selectedOptions[0].dataset;
      button.disabled = !ticked;
      whole.checked = ticked > 0 && ticked === boxes.length;
      whole.indeterminate = ticked > 0 && ticked < boxes.length;
      setText(button, !ticked ? plain : ticked === 1 ? one : fill(many, ticked));
    };
    whole.addEventListener("change", () => { boxes.forEach((box) => { box.checked = whole.checked; }); count(); });
    [choice, ...boxes].forEach((field) => field.addEventListener("change", count));
    window.addEventListener("pageshow", count);
    count();
  }

  // Palette: what is listed is filtered here; what is not is asked of the server by htmx
  const palette = byId("palette"), find = byId("palette-find");
  const options = () => all("li:not([hidden]) a", palette);
  const pick = (step) => {
    const list = options(), at = list.findIndex((link) => link.classList.contains("picked"));
    list.forEach((link) => link.classList.remove("picked"));
    const next = list[Math.max(0, Math.min(list.length - 1, at + step))];
    if (next) { next.classList.add("picked"); next.scrollIntoView({ block: "nearest" }); }
  };
  if (palette) {
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      all("[data-command]", palette).forEach((item) => { item.hidden = !item.textContent.toLowerCase().includes(wanted); });
      all(".picked", palette).forEach((link) => link.classList.remove("picked"));
    });
    find.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); pick(event.key === "ArrowDown" ? 1 : -1); }
      const picked = palette.querySelector(".picked");
      if (event.key === "Enter" && picked && !picked.closest("[hidden]")) { event.preventDefault(); picked.click(); }
    });
  }

  // Keys. Single letters can be switched off (WCAG 2.1.4); ctrl-k stays.
  const keysOn = () => localStorage.getItem("keys") !== "off";
  const keys = byId("keys-on");
  if (keys) {
    keys.checked = keysOn();
    keys.addEventListener("change", () => localStorage.setItem("keys", keys.checked ? "on" : "off"));
  }
  // A dialog just shut keeps the focus for a moment: nobody types into it any more.
  const typing = (node) => node && !node.closest("dialog:not([open])") && (node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName));
  let before = "";
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); open("palette"); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(document.activeElement) || !keysOn()) return;
    if (document.querySelector("dialog[open]")) return;
    const sequence = before === "g" ? `g ${event.key}` : event.key;
    before = event.key;
    if (sequence === "/") { event.preventDefault(); open("palette"); }
    else if (sequence === "?") { event.preventDefault(); open("help"); }
    else {
      const link = document.querySelector(`a[data-key="${CSS.escape(sequence)}"]`);
      if (link) { event.preventDefault(); link.click(); }
    }
  });

  // Live parts wait while somebody types, has a panel open or holds the pointer down inside one:
  // the cursor stays where it is, so that nothing is missed once they are done.
  let pressed = false;
  document.addEventListener("pointerdown", () => { pressed = true; });
  document.addEventListener("pointerup", () => { pressed = false; });
  const busy = () => {
    const at = document.activeElement;
    return pressed || (typing(at) && at.closest("[data-live]")) || document.querySelector("[data-live] details.confirm[open]");
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id === "live" && (busy() || document.hidden)) event.preventDefault();
  });
  // What is typed into a field marked data-keep outlives a reload or a lost connection, in this tab only.
  const keep = (field) => `${location.pathname}#${field.id}`;
  all("[data-keep]").forEach((field) => { field.value = field.value || sessionStorage.getItem(keep(field)) || ""; });
  document.addEventListener("input", ({ target }) => { if (target.matches("[data-keep]")) sessionStorage.setItem(keep(target), target.value); });
  document.addEventListener("reset", ({ target }) => all("[data-keep]", target).forEach((field) => sessionStorage.removeItem(keep(field))));
  document.addEventListener("submit", ({ target }) => { if (!target.hasAttribute("hx-post")) all("[data-keep]", target).forEach((field) => sessionStorage.removeItem(keep(field))); });

  // Done (204): the form is empty again, its panel shut, and what is new is looked at at once.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr.status !== 204 || event.target.tagName !== "FORM") return;
    event.target.reset();
    const panel = event.target.closest("details.confirm");
    if (panel) panel.open = false;
    if (event.target.closest("[data-live]")) document.activeElement.blur();
    if (byId("live")) window.htmx.trigger("#live", "look");
  });
  // What somebody unfolded stays unfolded when its part of the page is renewed.
  const unfolded = new Set();
  document.addEventListener("toggle", ({ target }) => {
    if (target.id && target.isConnected) unfolded[target.open ? "add" : "delete"](target.id);
  }, true);
  document.addEventListener("htmx:oobAfterSwap", () => unfolded.forEach((id) => { if (byId(id)) byId(id).open = true; }));
  const offline = byId("offline");
  const setOffline = (off) => { if (offline) offline.hidden = !off; };
  document.addEventListener("htmx:sendError", () => setOffline(true));
  document.addEventListener("htmx:afterOnLoad", () => setOffline(false));
  document.addEventListener("htmx:oobAfterSwap", () => { readClock(); tick(); });
  document.addEventListener("htmx:afterSwap", tick);

  // Where a row of tabs is wider than the screen, the one that is shown is in sight.
  all(".tabs [aria-current], .filters [aria-current]").forEach((here) => {
    const row = here.parentElement, box = row.getBoundingClientRect(), mine = here.getBoundingClientRect();
    if (mine.right > box.right) row.scrollLeft += mine.right - box.right + mine.width;
  });

  readClock();
  if (server) { tick(); setInterval(tick, 1000); }
})();
