// Looking for something on the map: one filter, in the address, on the map and in the list.
(() => {
  "use strict";

  const linli = (window.linli ??= {});
  const page = document.getElementById("map-page");
  const form = document.getElementById("map-form");
  const input = document.getElementById("map-search");
  const hits = document.getElementById("map-hits");
  const said = page.querySelector("[data-map-hits-said]");
  const { make, fill, icon } = linli;
  const words = page.querySelector("[data-map-words]").dataset;
  const USUAL_LAYERS = form.dataset.layers;

  // ---- the filter: the form is the one place where it is kept, but for what is still being typed

  let text = input.value.trim();

  function asked(changes = {}) {
    const kept = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (value !== "" && !(name === "match" && value === "any")) kept.append(name, value);
    }
    kept.delete("q");
    if (text) kept.set("q", text);
    if (kept.getAll("layer").join(" ") === USUAL_LAYERS) kept.delete("layer");
    if (kept.getAll("skill").length < 2) kept.delete("match");
    for (const [name, value] of Object.entries(changes)) {
      kept.delete(name);
      if (value) kept.set(name, value);
    }
    return kept;
  }
  linli.filter = () => asked({ area: "" }).toString();
  linli.address = (changes) => {
    const kept = asked(changes).toString();
    return `/map${kept && `?${kept}`}`;
  };

  let listing = null;
  async function list() {
    listing?.abort();
    listing = new AbortController();
    try {
      const answer = await fetch(linli.address(), { signal: listing.signal });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ["map-list", "map-chosen"]) {
        const part = fresh.getElementById(id);
        if (part) document.getElementById(id).replaceChildren(...part.childNodes);
      }
      return fresh.getElementById("map-page")?.dataset.bounds;
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  async function apply({ look = false } = {}) {
    history.replaceState(history.state, "", linli.address());
    document.dispatchEvent(new CustomEvent("linli:filter"));
    const bounds = await list();
    if (look && bounds) document.dispatchEvent(new CustomEvent("linli:look", { detail: bounds }));
  }

  // From an address back into the form: a link of the list or a chip was touched.
  function take(address) {
    const wanted = new URL(address, location.href).searchParams;
    for (const box of form.querySelectorAll("input[type=checkbox], input[type=radio]")) {
      const values = wanted.getAll(box.name);
      const usual = box.name === "layer" && USUAL_LAYERS.split(" ").includes(box.value);
      const none = !values.length && (usual || (box.name === "match" && box.value === "any"));
      box.checked = values.includes(box.value) || none;
    }
    for (const name of ["q", "area", "category", "level", "day"]) {
      form.elements[name].value = wanted.get(name) ?? "";
    }
    text = wanted.get("q") ?? "";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    closeHits();
    text = input.value.trim();
    apply();
  });
  form.addEventListener("change", (event) => {
    if (event.target !== input) apply();
  });
  page.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if ("mapList" in link.dataset) view("list");
    if (new URL(link.href).pathname !== "/map") return;
    event.preventDefault();
    take(link.href);
    apply({ look: "mapLook" in link.dataset || "mapList" in link.dataset });
    if ("mapList" in link.dataset) document.getElementById("map-list").focus();
  });
  document.addEventListener("linli:changed", list);

  // ---- map or list, on a phone

  function view(name) {
    page.dataset.view = name;
    for (const button of page.querySelectorAll("[data-map-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mapView === name));
    }
    if (name === "map") dispatchEvent(new Event("resize"));
  }
  for (const button of page.querySelectorAll("[data-map-view]")) {
    button.addEventListener("click", () => view(button.dataset.mapView));
  }

  // ---- search as you type

  let found = [];
  let at = -1;
  let waiting = 0;
  let searching = null;
  let composing = false;

  function closeHits() {
    clearTimeout(waiting);
    searching?.abort();
    hits.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(next) {
    at = next;
    [...hits.children].forEach((hit, number) => {
      hit.setAttribute("aria-selected", String(number === at));
      if (number === at) hit.scrollIntoView({ block: "nearest" });
    });
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `map-hit-${at}`);
  }

  const ICONS = { skill: "star", activity: "calendar-event", area: "map-pin" };

  function showHits() {
    hits.replaceChildren(...found.map((one, number) => {
      const hit = make("li", "", icon(ICONS[one.kind]),
        make("span", "", make("strong", "", one.name), make("small", "", one.detail ?? "")));
      hit.id = `map-hit-${number}`;
      hit.setAttribute("role", "option");
      hit.addEventListener("pointerdown", (event) => event.preventDefault());
      hit.addEventListener("click", () => pick(one));
      return hit;
    }));
    said.textContent = found.length ? fill(words.hits, { n: found.length }) : words.noHits;
    hits.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    mark(-1);
  }

  async function search() {
    const typed = input.value.trim();
    if (!typed) return closeHits();
    searching?.abort();
    searching = new AbortController();
    try {
      const answer = await fetch(`/api/search?q=${encodeURIComponent(typed)}`, {
        signal: searching.signal, headers: { accept: "application/json" },
      });
      if (!answer.ok || document.activeElement !== input) return;
      const body = await answer.json();
      found = body.suggestions;
      showHits();
    } catch (error) {
      if (error.name !== "AbortError") closeHits();
    }
  }

  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(search, 150);
  }

  function pick(one) {
    closeHits();
    if (one.href && !one.href.startsWith("/map")) {
      location.assign(one.href);
      return;
    }
    input.value = text = "";
    const filter = new URL(one.href, location.href).searchParams;
    for (const [name, value] of filter) choose(name, value);
    apply({ look: filter.has("area") });
  }

  function choose(name, value) {
    const boxes = [...form.querySelectorAll(`input[name="${name}"]`)];
    const box = boxes.find((one) => one.type === "checkbox" && one.value === value);
    if (box) box.checked = true;
    else if (form.elements[name]) form.elements[name].value = value;
    if (name === "q") text = value;
  }

  input.addEventListener("compositionstart", () => { composing = true; });
  input.addEventListener("compositionend", () => { composing = false; soon(); });
  input.addEventListener("input", () => { if (!composing) soon(); });
  input.addEventListener("blur", closeHits);
  input.addEventListener("keydown", (event) => {
    if (composing || event.isComposing || event.keyCode === 229) return;
    const open = !hits.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return search();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(at < 0 && step < 0 ? found.length - 1 : (at + step + found.length) % found.length);
    } else if (event.key === "Enter" && open && at >= 0) {
      event.preventDefault();
      pick(found[at]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      closeHits();
    }
  });
})();
