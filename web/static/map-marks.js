// The marks of the map: one element each, drawn in one picture with the map and heard in one place.
// Leaflet's own markers can be dragged, faded and rise; hundreds of them are felt on an old phone.
(() => {
  "use strict";

  const linli = (window.linli ??= {});
  const KIND = "leaflet-marker-icon leaflet-zoom-animated leaflet-interactive mark";

  // Marks that would cover each other step apart, none by more than half of what they need.
  linli.asides = (points, gap) => {
    const moved = points.map((point) => point.clone());
    for (let round = 0; round < 4; round += 1) {
      const row = [...moved].sort((a, b) => a.x - b.x);
      row.forEach((one, nth) => {
        for (let next = nth + 1; next < row.length && row[next].x - one.x < gap; next += 1) {
          const way = row[next].subtract(one);
          const far = Math.hypot(way.x, way.y);
          if (far >= gap) continue;
          const push = (far ? way.divideBy(far) : L.point(0, 1)).multiplyBy((gap - far) / 2);
          one._subtract(push);
          row[next]._add(push);
        }
      });
    }
    return moved.map((point, nth) => {
      const way = point.subtract(points[nth]);
      const far = Math.hypot(way.x, way.y);
      return far > gap / 2 ? way.multiplyBy(gap / 2 / far) : way;
    });
  };

  // Each mark is wanted with: at, aside (pixels), className, inside, label, name.  What else it
  // carries it keeps.
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
        this.place(root, this._map.latLngToLayerPoint(wish.at).add(wish.aside));
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
      for (const { root, at, aside } of this.marks.values()) {
        this.place(root, this._map.latLngToLayerPoint(at).add(aside));
      }
    },

    follow({ center, zoom }) {
      for (const { root, at, aside } of this.marks.values()) {
        this.place(root, this._map._latLngToNewLayerPoint(at, zoom, center).add(aside));
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
