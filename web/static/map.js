// The talent map's own layer: what the server groups, drawn as buttons that say what they are.
// Nothing here builds HTML from text: every word of a neighbour goes through textContent.
(() => {
  "use strict";

  const linli = (window.linli ??= {});
  const WAIT = 150;
  const TOGETHER = 48;
  const COARSE = ["city", "district", "subdistrict"];
  const CLOSE = 12;
  const NAMED_MOST = 120;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (calm) {
    L.Map.mergeOptions({ zoomAnimation: false, fadeAnimation: false, inertia: false });
  }

  // An element with its words: linli.make("p", "note", "text", child, child…).
  linli.make = (name, className = "", ...inside) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...inside.filter((part) => part !== null && part !== undefined && part !== ""));
    return made;
  };
  linli.icon = (name) => {
    const drawn = document.querySelector(`[data-map-icons] [data-icon="${name}"] svg`);
    return drawn ? drawn.cloneNode(true) : null;
  };
  linli.fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => String(facts[name]));

  const straight = { shown: (lat, lon) => [lat, lon], stored: (lat, lon) => [lat, lon] };

  const NeighbourLayer = L.Layer.extend({
    initialize({ words, skills, datum, language }) {
      this.words = words;
      this.skills = skills ?? {};
      this.datum = datum === "gcj02" ? linli.gcj02 : straight;
      this.units = language === "zh" ? [[1e8, "亿"], [1e4, "万"]] : [[1e6, "M"], [1e3, "K"]];
      this.page = document.getElementById("map-page");
      this.note = this.page.querySelector("[data-map-note]");
      this.version = 0;
    },

    onAdd(map) {
      this.map = map;
      map.getContainer().setAttribute("aria-label", this.words.map);
      map.getContainer().setAttribute("role", "region");
      this.lookFirst();
      this.em = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.8;
      this.outlines = L.geoJSON(null, {
        interactive: false,
        coordsToLatLng: ([lon, lat]) => L.latLng(this.datum.shown(lat, lon)),
        style: ({ properties }) => ({ className: `outline ${properties?.level ?? ""}` }),
      });
      // Outlines are the ground where there are no tiles, or where tiles do not come.
      map.on("layeradd", ({ layer }) => layer instanceof L.TileLayer && this.watchTiles(layer));
      map.on("moveend", this.moved, this);
      document.addEventListener("linli:filter", () => this.refresh());
      document.addEventListener("linli:look", ({ detail }) => this.lookAt(detail));
      this.marks = new linli.Marks((mark) => this.open(mark)).addTo(map);
      linli.sheet?.(this);
      const begun = this.begin();
      setTimeout(async () => {
        if (!begun) await this.refresh();
        this.listen();
      }, 0);
    },

    // What the map would ask for first has come with the page, where all of it lies in the view.
    begin() {
      const { first, firstZooms, bounds } = this.page.dataset;
      if (!first || !this.map.getSize().x) return false;
      const [least, most] = firstZooms.split("-").map(Number);
      const zoom = this.map.getZoom();
      const whole = zoom >= least && zoom <= most && this.map.getBounds().contains(this.corners(bounds));
      if (whole) this.show(JSON.parse(first));
      return whole;
    },

    // ---- where to look

    lookFirst() {
      const kept = history.state?.map;
      if (kept) this.map.setView([kept.lat, kept.lon], kept.zoom, { animate: false });
      else this.lookAt(this.page.dataset.bounds, false);
    },

    lookAt(bounds, animate = !calm) {
      const corners = this.corners(bounds);
      if (corners) this.map.fitBounds(corners, { maxZoom: 17, padding: [32, 32], animate });
    },

    corners(bounds) {
      const [south, west, north, east] = (bounds || "").split(",").map(Number);
      if (![south, west, north, east].every(Number.isFinite) || !bounds) return null;
      return [this.datum.shown(south, west), this.datum.shown(north, east)];
    },

    moved() {
      const { lat, lng } = this.map.getCenter();
      const map = { lat, lon: lng, zoom: this.map.getZoom() };
      history.replaceState({ ...history.state, map }, "");
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.refresh(), WAIT);
    },

    // What is seen, in the datum that is stored and on this earth.
    bbox() {
      const seen = this.map.getBounds();
      const [south, west] = this.datum.stored(seen.getSouth(), seen.getWest());
      const [north, east] = this.datum.stored(seen.getNorth(), seen.getEast());
      const within = (value, most) => Math.max(-most, Math.min(most, value)).toFixed(6);
      return [within(south, 90), within(west, 180), within(north, 90), within(east, 180)].join(",");
    },

    // ---- the ground

    watchTiles(layer) {
      this.tiles = layer;
      let failed = 0;
      layer.on("tileload", () => { failed = 0; });
      layer.on("tileerror", () => {
        failed += 1;
        if (failed < 3 || !this.map.hasLayer(layer)) return;
        this.map.eachLayer((one) => one instanceof L.TileLayer && this.map.removeLayer(one));
        this.tiles = null;
        this.page.querySelector("[data-map-tiles]").hidden = false;
        this.ground();
      });
    },

    async ground() {
      if (this.tiles) return;
      const asked = `${this.bbox()}&z=${this.map.getZoom()}`;
      if (asked === this.outlined) return;
      this.outlined = asked;
      const found = await this.ask(`/api/map/outlines?bbox=${asked}`, "outlining");
      if (!found || this.tiles) return;
      this.outlines.clearLayers();
      this.outlines.addData(found);
      this.outlines.addTo(this.map).bringToBack();
    },

    // ---- asking

    async ask(address, kind) {
      this[kind]?.abort();
      const asking = (this[kind] = new AbortController());
      try {
        const answer = await fetch(address, {
          signal: asking.signal, headers: { accept: "application/json" },
        });
        if (!answer.ok) throw new Error(String(answer.status));
        return await answer.json();
      } catch (error) {
        if (error.name !== "AbortError") this.say(this.words.trouble);
        return null;
      }
    },

    async refresh() {
      if (!this.map.getSize().x) return;
      this.page.setAttribute("aria-busy", "true");
      const filter = linli.filter?.() ?? "";
      const asked = `bbox=${this.bbox()}&z=${this.map.getZoom()}`;
      const found = await this.ask(`/api/map?${asked}${filter && `&${filter}`}`, "asking");
      if (found) this.show(found);
      else this.ground();
    },

    show(found) {
      this.version = Math.max(this.version, found.version ?? 0);
      this.draw(found);
      this.page.removeAttribute("aria-busy");
      this.page.dataset.ready = "yes";
      // What one looks for comes first, the ground below it when that is on the screen.
      requestAnimationFrame(() => setTimeout(() => this.ground(), 0));
    },

    // "Something changed, version n": then what is shown is fetched anew.
    listen() {
      if (!("EventSource" in window)) return;
      const open = () => {
        this.events = new EventSource("/map/events");
        this.events.addEventListener("changed", ({ data }) => {
          const version = Number(data);
          // Before the first answer there is nothing that could be old.
          if (!this.version || version <= this.version) return;
          this.version = version;
          clearTimeout(this.soon);
          this.soon = setTimeout(() => {
            this.refresh();
            document.dispatchEvent(new CustomEvent("linli:changed"));
          }, WAIT);
        });
      };
      addEventListener("pagehide", () => this.events.close());
      addEventListener("pageshow", ({ persisted }) => persisted && open());
      open();
    },

    // ---- drawing

    say(text) {
      if (this.note.textContent !== text) this.note.textContent = text;
    },

    draw(found) {
      const wanted = new Map();
      const pins = [...this.together(found.activities)];
      const asides = this.asides(found.groups, pins);
      const named = this.named(found.groups, asides);
      found.groups.forEach((group, nth) => {
        const place = { at: this.here(group), aside: asides[nth] };
        wanted.set(group.id, { group, ...place, ...this.bubble(group, named.has(group.id)) });
      });
      pins.forEach((list, nth) => {
        const place = { at: this.here(list[0]), aside: asides[found.groups.length + nth] };
        wanted.set(`pin ${list.map(({ id }) => id).join(" ")}`, { list, ...place, ...this.pin(list) });
      });
      this.marks.show(wanted);
      this.sum(found);
    },

    here({ lat, lon }) {
      return L.latLng(this.datum.shown(lat, lon));
    },

    // Pins that would cover each other become one, with its number.
    together(activities) {
      const cells = new Map();
      for (const one of activities) {
        const at = this.map.project(this.here(one)).divideBy(TOGETHER).floor();
        const cell = `${at.x} ${at.y}`;
        if (!cells.has(cell)) cells.set(cell, []);
        cells.get(cell).push(one);
      }
      return cells.values();
    },

    // 4,302 is 4.3K in English, and 12,345 is 1.2万 in Chinese.
    short(number) {
      const [unit, sign] = this.units.find(([least]) => number >= least) ?? [1, ""];
      return `${Math.round(number / unit * 10) / 10}${sign}`;
    },

    bubble(group, named) {
      const { words } = this;
      const size = group.people >= 1000 ? 4 : group.people >= 100 ? 3 : group.people >= 10 ? 2 : 1;
      const name = group.name ?? words.here;
      const facts = { name, n: group.people, m: group.activities };
      const kind = group.people ? "group" : group.activities ? "gatherings" : "place";
      const number = this.short(group.people || group.activities);
      return {
        className: `mark-group size-${size} mark-${kind}${named ? " named" : ""}`,
        inside: [kind === "place" ? linli.icon("building") ?? "" : linli.make("b", "", number)],
        label: linli.fill(words[kind], facts),
        name: group.name,
      };
    },

    pin(list) {
      const { words } = this;
      const [one] = list;
      const facts = {
        name: one.title, n: list.length, taken: one.seats_taken, minimum: one.minimum,
        capacity: one.capacity,
      };
      const gathering = list.some(({ state }) => state === "gathering");
      const inside = list.length > 1 ? String(list.length) : one.state === "gathering"
        ? `${one.seats_taken}/${one.minimum}` : "✓";
      const said = list.length > 1 ? words.pins : one.state === "gathering"
        ? words.pin_gathering : words.pin_confirmed;
      return {
        className: `mark-pin ${gathering ? "state-gathering" : "state-confirmed"}`,
        inside: [linli.make("b", "", linli.icon("calendar-event"), inside)],
        label: linli.fill(said, facts),
      };
    },

    half() {
      return document.documentElement.dataset.mode === "elder" ? 30 : 22;
    },

    // How far each bubble, and after them each pin (which stands above its place), steps aside.
    asides(groups, pins) {
      const half = this.half();
      const spot = (one) => this.map.latLngToLayerPoint(this.here(one));
      const high = pins.map(([one]) => spot(one).subtract([0, 1.7 * half]));
      return linli.asides([...groups.map(spot), ...high], 1.6 * half);
    },

    // A name is shown where it covers neither another name nor another bubble.
    named(groups, asides) {
      const points = groups.map((group, nth) => {
        return { at: this.map.latLngToLayerPoint(this.here(group)).add(asides[nth]), group };
      }).filter(({ group }) => group.name);
      const named = new Set();
      if (points.length > NAMED_MOST) return named;
      const half = this.half();
      const taken = points.map(({ at }) => [at.x - half, at.y - half, at.x + half, at.y + half]);
      const fits = (box) => taken.every((other) => box[0] > other[2] || box[2] < other[0]
        || box[1] > other[3] || box[3] < other[1]);
      points.sort((a, b) => b.group.people - a.group.people);
      for (const { at, group } of points) {
        const wide = Math.min(9, group.name.length * (/[^\x00-\xff]/.test(group.name) ? 1 : 0.55));
        const across = (wide + 0.8) * this.em / 2;
        const top = at.y + half + 1;
        const box = [at.x - across, top, at.x + across, top + 1.5 * this.em];
        if (!fits(box)) continue;
        taken.push(box);
        named.add(group.id);
      }
      return named;
    },

    sum(found) {
      const { words } = this;
      const nothing = !found.groups.length && !found.activities.length;
      const facts = { shown: found.shown, total: found.total };
      this.say(nothing && !found.total ? words.nothing : nothing ? linli.fill(words.elsewhere, facts)
        : linli.fill(found.shown < found.total ? words.part : words.all, facts));
    },

    // ---- opening

    open({ group, list, at, root }) {
      if (list) return linli.openActivities?.(list, root);
      const zoom = this.map.getZoom();
      // A cell of the grid is nobody's place; a whole 街镇 is looked at more closely first.
      const deeper = !group.area || (COARSE.includes(group.level) && zoom < CLOSE);
      if (deeper && zoom < this.map.getMaxZoom()) {
        const next = Math.max(zoom + 2, group.area ? 13 : 0);
        this.map.setView(at, Math.min(next, 19), { animate: !calm });
        this.map.getContainer().focus({ preventScroll: true });
        return undefined;
      }
      return linli.openArea?.(group, root);
    },
  });

  linli.layer = (options) => new NeighbourLayer(options);
})();
