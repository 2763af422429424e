// What pages cannot do by themselves: shortcuts, times in the reader's own zone. Everything works without.
(() => {
  "use strict";
  const root = document.documentElement;
  const off = () => root.hasAttribute("data-no-shortcuts");

  // A key presses what bears it, unless somebody types, or holds a modifier: that is the browser's.
  const typing = (at) => at.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  const seen = (one) => one.offsetParent !== null || one.getClientRects().length > 0;
  const bearers = () => [...document.querySelectorAll("[data-key]")].filter((one) => !one.disabled && seen(one));

  function press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
    if (off() || typing(event.target) || document.querySelector("dialog[open]")) return;
    const found = bearers().find((one) => one.dataset.key === event.key);
    if (!found) return;
    event.preventDefault();
    if (found.matches("input[type=radio], input[type=checkbox]")) { found.focus(); found.click(); }
    else if (found.matches("input, textarea, select")) found.focus();
    else if (found.matches("summary")) { found.click(); found.focus(); }
    else found.click();
  }

  function listShortcuts() {
    const list = document.getElementById("shortcut-list");
    const rows = bearers().map((one) => {
      const key = document.createElement("dt"), says = document.createElement("dd"), cap = document.createElement("kbd");
      cap.textContent = one.dataset.key;
      key.append(cap);
      says.textContent = one.dataset.says || one.textContent.trim();
      return [key, says];
    });
    list.replaceChildren(...rows.flat());
    document.querySelector(".shortcuts-off").hidden = !off();
  }

  function open(event) {
    const opener = event.target.closest("[data-opens]");
    if (!opener) return;
    if (opener.dataset.opens === "shortcuts") listShortcuts();
    document.getElementById(opener.dataset.opens).showModal();
  }

  // The server knows no reader's zone: it writes UTC, and the browser says it in local time.
  const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  function tellTimes(within) {
    for (const one of within.querySelectorAll("time[datetime]")) {
      const at = local.format(new Date(one.dateTime));
      if (one.hasAttribute("data-keep")) one.title = at;
      else { one.title = one.dateTime; one.textContent = at; }
    }
  }

  document.addEventListener("keydown", press);
  document.addEventListener("click", open);
  document.addEventListener("DOMContentLoaded", () => tellTimes(document));
  document.addEventListener("htmx:afterSettle", (event) => tellTimes(event.target));
})();
