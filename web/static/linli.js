// Small conveniences. Every page works without this file.
(() => {
  "use strict";

  const words = document.getElementById("words")?.dataset ?? {};

  // A form is sent once. The button says that it is working; the Back button wakes it again.
  function hold(form) {
    form.dataset.sending = "yes";
    // After this turn, or the pressed button's own name and value would not be sent.
    setTimeout(() => {
      for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
        button.setAttribute("aria-busy", "true");
        button.setAttribute("aria-disabled", "true");
      }
    }, 0);
  }

  function release(form) {
    delete form.dataset.sending;
    for (const button of form.querySelectorAll("button[aria-busy]")) {
      button.removeAttribute("aria-busy");
      button.removeAttribute("aria-disabled");
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sending) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    hold(form);
    // A download leaves the page standing: let the form be used again.
    if (form.hasAttribute("data-download")) setTimeout(() => release(form), 4000);
  }, true);

  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sending]").forEach(release);
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form) release(form);
  });

  // A partial update that fails says so, in the server's own words where it has some.
  function say(text) {
    const place = document.getElementById("trouble");
    if (!place || !text) return;
    place.querySelector("[data-text]").textContent = text;
    place.hidden = false;
    place.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("htmx:sendError", () => say(words.offline));
  document.addEventListener("htmx:responseError", (event) => {
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    say(page.querySelector("[data-say]")?.textContent || words.failed);
  });

  // One box for all, Shift for a range, and how many are chosen.
  function boxes(list) {
    return [...list.querySelectorAll("input[type=checkbox][data-choose]")];
  }
  function recount(list) {
    const all = boxes(list);
    const chosen = all.filter((box) => box.checked).length;
    for (const every of list.querySelectorAll("input[data-choose-all]")) {
      every.checked = chosen > 0 && chosen === all.length;
      every.indeterminate = chosen > 0 && chosen < all.length;
    }
    for (const place of list.querySelectorAll("[data-chosen]")) {
      place.textContent = place.dataset.chosen.replace("{n}", String(chosen));
    }
    for (const button of list.querySelectorAll("[data-needs-choice]")) {
      button.disabled = chosen === 0;
    }
  }
  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("input[data-choose]");
    if (!box) return;
    const list = box.closest("[data-bulk]");
    const all = list ? boxes(list) : [];
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
    }
    last = box;
    if (list) recount(list);
  });
  document.addEventListener("change", (event) => {
    const every = event.target.closest?.("input[data-choose-all]");
    const list = event.target.closest?.("[data-bulk]");
    if (every) boxes(list).forEach((box) => { box.checked = every.checked; });
    if (list) recount(list);
  });

  // Keys: what [data-key] names, "/" to the search, never while somebody types.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) {
      return;
    }
    if (event.key === "/") {
      const search = document.querySelector("input[type=search]");
      if (search) { event.preventDefault(); search.focus(); }
      return;
    }
    if (!/^[a-z0-9]$/i.test(event.key)) return;
    const wanted = document.querySelector(`[data-key="${event.key.toLowerCase()}"]`);
    if (wanted) { event.preventDefault(); wanted.click(); }
  });

  // What only a script can do stays hidden until there is one.
  function furnish(root) {
    root.querySelectorAll("[data-script]").forEach((part) => { part.hidden = false; });
    root.querySelectorAll("[data-bulk]").forEach(recount);
  }
  document.addEventListener("click", (event) => {
    const reveal = event.target.closest?.("[data-reveal]");
    if (reveal) {
      const field = document.getElementById(reveal.dataset.reveal);
      const shown = field.type === "text";
      field.type = shown ? "password" : "text";
      reveal.textContent = shown ? words.show : words.hide;
      reveal.setAttribute("aria-pressed", String(!shown));
    }
    if (event.target.closest?.("[data-print]")) window.print();
  });
  furnish(document);
  document.addEventListener("htmx:load", (event) => furnish(event.target));

  // The first thing that is wrong gets the focus, so that it is read out and seen.
  document.querySelector("[data-focus-me]")?.focus();
})();
