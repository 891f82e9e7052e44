// The page says in words when it is outdated. This only makes it louder once that time has passed.
"use strict";
const age = document.querySelector("[data-outdated-after]");
const check = () => {
  if (Date.now() < Date.parse(age.dataset.outdatedAfter) || document.querySelector(".outdated")) return;
  const warning = document.createElement("p");
  warning.className = "outdated";
  warning.setAttribute("role", "status");
  document.querySelector("main").prepend(warning);
  const asOf = age.querySelector("time").textContent;
  warning.textContent =
    `This page is out of date: it shows what was known at ${asOf}. Reload it to see whether there is something newer.`;
};
check();
setInterval(check, 15000);
