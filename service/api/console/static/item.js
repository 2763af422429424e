// What the item page cannot do by itself: say how long a task is still one's own, put the cursor where a reason
// belongs, keep the reader's place when a part is exchanged, and ask before a typed note is lost.
(() => {
  "use strict";
  const WARN_MS = 120_000;

  // The server's clock counts, not the reader's: only the difference to when the page came is told by theirs.
  function watchLease(lease) {
    const came = Date.now();
    const length = new Date(lease.dataset.until) - new Date(lease.dataset.now);
    const left = lease.querySelector(".lease-left"), says = lease.querySelector(".lease-said");
    let told = length <= 0 ? 2 : 0;
    const tick = () => {
      const ms = length - (Date.now() - came);
      if (left) left.textContent = ms > 0 ? `${words(ms)} left` : "your time has run out";
      if (ms <= 0 && told < 2) { told = 2; says.textContent = "Your time has run out: others may take the task. Renew it, or decide it now."; }
      else if (ms <= WARN_MS && told < 1) { told = 1; says.textContent = `The task is yours for ${words(ms)} more. Renew it if you need longer.`; }
      if (told < 2) setTimeout(tick, Math.min(15_000, Math.max(1_000, ms > WARN_MS ? ms - WARN_MS : ms)));
    };
    tick();
  }

  function words(ms) {
    const seconds = Math.max(1, Math.round(ms / 1_000));
    if (seconds < 90) return `${seconds} s`;
    const minutes = seconds < 600 ? Math.round(seconds / 30) / 2 : Math.round(seconds / 60);
    return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 6) / 10} h`;
  }

  // A page that asked for a reason is there for it to be typed.
  function focusReason(event) {
    const within = event.target;
    if (within.open && within.closest("#decision")) within.querySelector("textarea, input").focus();
  }

  // What is exchanged takes the focus with it, where what had it is gone: the next press goes on from there.
  let place = null;
  function keepPlace(event) {
    if (event.detail.target.id === "text") place = event.detail.target.contains(document.activeElement) ? true : null;
  }
  function findPlace() {
    const fault = document.querySelector("#fault .fault");
    if (fault) fault.scrollIntoView({ block: "nearest" });
    if (!place || (document.activeElement && document.activeElement !== document.body)) return;
    place = null;
    const next = document.getElementById("reveal-next") || document.getElementById("hide") || document.getElementById("text");
    next.focus({ preventScroll: true });
  }

  // An answer without a text is another page: signed out, refused, gone. It is shown as such.
  function otherPage(event) {
    if (event.detail.target.id !== "text" || event.detail.xhr.responseText.includes('id="text"')) return;
    event.detail.shouldSwap = false;
    window.location.reload();
  }

  // A server that cannot be reached answers nothing: what was asked for is still hidden.
  function unreached() {
    const told = document.createElement("div"), words = document.createElement("p");
    told.className = "fault";
    told.setAttribute("role", "alert");
    words.textContent = "The server could not be reached, and nothing was changed. Try again in a moment.";
    told.append(words);
    const place = document.getElementById("fault");
    place.replaceChildren(told);
    place.scrollIntoView({ block: "nearest" });
  }

  let sent = false;
  const typed = () => [...document.querySelectorAll("#decision textarea")].some((one) => one.value !== one.defaultValue);

  document.addEventListener("DOMContentLoaded", () => {
    const lease = document.getElementById("lease");
    if (lease) watchLease(lease);
    document.addEventListener("toggle", focusReason, true);
    document.addEventListener("submit", (event) => { if (!event.target.hasAttribute("hx-post")) sent = true; });
  });
  document.addEventListener("htmx:beforeSwap", otherPage);
  document.addEventListener("htmx:beforeSwap", keepPlace);
  document.addEventListener("htmx:sendError", unreached);
  document.addEventListener("htmx:afterSettle", findPlace);
  window.addEventListener("beforeunload", (event) => { if (!sent && typed()) event.preventDefault(); });
})();
