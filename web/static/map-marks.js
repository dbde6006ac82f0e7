// The marks of the map: one element each, drawn in one picture with the map and heard in one place.
// Leaflet's own markers can be dragged, faded and rise; hundreds of them are felt on an old phone.
(() => {
  "use strict";

  const linli = (window.linli ??= {});
  const KIND = "leaflet-marker-icon leaflet-zoom-animated leaflet-interactive mark";

  // Each mark is wanted with: at, className, inside, label, name.  What else it carries it keeps.
  linli.Marks = L.Layer.extend({
    initialize(open) {
      this.open = open;
      this.marks = new Map();
      this.keys = new WeakMap();
    },

    onAdd(map) {
      this.pane = map.getPane("markerPane");
      for (const kind of ["click", "dblclick", "keydown", "focusin"]) {
        this.pane.addEventListener(kind, (event) => this.heard(event));
      }
    },

    getEvents() {
      return { zoom: this.settle, viewreset: this.settle, zoomanim: this.follow };
    },

    show(wanted) {
      for (const [key, { root }] of this.marks) {
        if (wanted.has(key)) continue;
        root.remove();
        this.marks.delete(key);
      }
      const fresh = document.createDocumentFragment();
      for (const [key, wish] of wanted) {
        const root = this.marks.get(key)?.root ?? fresh.appendChild(this.made(key));
        this.marks.set(key, { ...wish, root });
        this.dress(root, wish);
        this.place(root, this._map.latLngToLayerPoint(wish.at));
      }
      this.pane.append(fresh);
    },

    made(key) {
      const root = document.createElement("div");
      root.tabIndex = 0;
      // Two words, since the styles of the buttons of forms would all have to be undone again.
      root.setAttribute("role", "button link");
      this.keys.set(root, key);
      return root;
    },

    dress(root, { className, inside, label, name }) {
      root.className = `${KIND} ${className}`;
      root.setAttribute("aria-label", label);
      if (name) root.dataset.name = name;
      else delete root.dataset.name;
      root.replaceChildren(...inside);
    },

    // ---- where they are; southern ones lie over northern ones

    place(root, point) {
      const { x, y } = point.round();
      // By a third dimension each would be a picture of its own.
      root.style.transform = `translate(${x}px,${y}px)`;
      root.style.zIndex = y;
    },

    settle() {
      for (const { root, at } of this.marks.values()) {
        this.place(root, this._map.latLngToLayerPoint(at));
      }
    },

    follow({ center, zoom }) {
      for (const { root, at } of this.marks.values()) {
        this.place(root, this._map._latLngToNewLayerPoint(at, zoom, center));
      }
    },

    // ---- what is done to them

    heard(event) {
      const mark = this.marks.get(this.keys.get(event.target.closest(".mark")));
      if (!mark) return;
      if (event.type === "focusin") this._map.panInside(mark.at);
      else if (event.type === "keydown") this.pressed(event, mark);
      else this.clicked(event, mark);
    },

    pressed(event, mark) {
      if (event.key !== "Enter" && event.key !== " ") return;
      L.DomEvent.stop(event);
      this.open(mark);
    },

    clicked(event, mark) {
      // The map below must not hear it; what ends a drag is no click.
      L.DomEvent.stopPropagation(event);
      if (event.type === "click" && !this._map.dragging?.moved()) this.open(mark);
    },
  });
})();
