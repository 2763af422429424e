// The page shows a choice before it is kept: the sample and all else look as they would.
(() => {
  "use strict";
  const root = document.documentElement;
  document.addEventListener("change", (event) => {
    const one = event.target.closest("[data-shows]");
    if (!one || one.form === null || !one.form.matches(".settings")) return;
    const name = one.dataset.shows;
    if (["theme", "font", "size", "contrast"].includes(name)) root.dataset[name] = one.value;
    if (name === "grey") root.toggleAttribute("data-grey", one.checked);
  });
})();
