// What opens over the map: who is there, what gathers there, and coming along with a second touch.
(() => {
  "use strict";

  const linli = (window.linli ??= {});
  const { make, fill, icon } = linli;

  linli.sheet = (layer) => {
    const { words, page, map } = layer;
    const sheet = page.querySelector("[data-map-sheet]");
    const body = sheet.querySelector("[data-map-sheet-body]");
    const title = sheet.querySelector("[data-map-sheet-title]");
    // Made when it is needed: that takes longer than all the rest here.
    let when = null;
    const moment = (text) => {
      when ??= new Intl.DateTimeFormat(document.documentElement.lang, {
        month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit",
        hourCycle: "h23", timeZone: page.dataset.zone,
      });
      return when.format(new Date(text));
    };
    let opener = null;
    let asked = 0;

    // The sheet lies over the map: what is dragged or wheeled on it must not move what is below.
    L.DomEvent.disableClickPropagation(sheet).disableScrollPropagation(sheet);

    function show(name, from, ...parts) {
      opener = from ?? opener;
      title.textContent = name;
      body.replaceChildren(...parts.filter(Boolean));
      sheet.hidden = false;
      sheet.scrollTop = 0;
      title.focus({ preventScroll: true });
      if (innerWidth < 900) sheet.scrollIntoView({ block: "nearest" });
    }

    function close() {
      if (sheet.hidden) return;
      asked += 1;
      sheet.hidden = true;
      body.replaceChildren();
      (opener?.isConnected ? opener : map.getContainer()).focus({ preventScroll: true });
      opener = null;
    }

    sheet.querySelector("[data-map-close]").addEventListener("click", close);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) close();
    });
    map.on("click", close);

    // ---- people

    function chip(skill) {
      const { code, level, recognised } = typeof skill === "string" ? { code: skill } : skill;
      const how = level && level !== "interest" ? make("small", "", words[`level_${level}`]) : null;
      const seal = recognised ? icon("certificate") : null;
      const made = make("span", `chip ${recognised ? "done" : "quiet"}`, seal,
        layer.skills[code] ?? code, how);
      if (recognised) made.append(make("span", "unseen", words.recognised));
      return made;
    }

    function chips(skills) {
      return skills?.length ? make("p", "skills", ...skills.map(chip)) : null;
    }

    function person(talent) {
      const name = make("a", "", talent.nickname);
      name.href = talent.href;
      return make("li", "", make("strong", "", name), chips(talent.skills));
    }

    function people(found, group) {
      const list = found.talents ?? [];
      if (!list.length) return null;
      const rest = make("a", "", words.in_list);
      rest.href = linli.address({ area: String(group.area) });
      rest.dataset.mapList = "";
      return make("section", "", make("h3", "", words.neighbours),
        make("ul", "plain", ...list.map(person)),
        make("p", "quiet-line", fill(words.first_of, { n: list.length, all: found.matching }), " ",
          rest));
    }

    // ---- activities

    function meter(one) {
      const gathering = one.state === "gathering";
      const bar = document.createElement("progress");
      bar.value = Math.min(one.seats_taken, gathering ? one.minimum : one.capacity);
      bar.max = gathering ? one.minimum : one.capacity;
      const missing = Math.max(0, one.minimum - one.seats_taken);
      const said = fill(gathering ? words.gathering : words.confirmed, {
        taken: one.seats_taken, minimum: one.minimum, capacity: one.capacity, missing,
      });
      bar.setAttribute("aria-label", said);
      return make("div", "meter", bar, make("span", "", said));
    }

    // One touch on the pin, one on this button.
    function signUp(one) {
      if (!page.dataset.person) {
        const door = make("a", "button main", words.sign_in);
        door.href = `/sign-in?next=/activities/${Number(one.id)}`;
        return door;
      }
      const form = document.getElementById("map-sign-up").content.firstElementChild.cloneNode(true);
      form.action = `/activities/${Number(one.id)}/sign-up`;
      const random = crypto.getRandomValues(new Uint8Array(18));
      form.elements.request_id.value = Array.from(random, (n) => n.toString(16).padStart(2, "0"))
        .join("");
      return form;
    }

    function activity(one, alone) {
      const more = make("a", "", alone ? words.details : one.title);
      more.href = `/activities/${Number(one.id)}`;
      const at = make("p", "quiet-line", icon("calendar-event"), moment(one.starts_at),
        one.place || one.area_name ? ` · ${one.place || one.area_name}` : "");
      const mine = one.signed_up ? make("span", "chip done", words.signed_up) : null;
      const open = one.may_sign_up !== false && !one.signed_up;
      const act = make("div", "buttons", open ? signUp(one) : mine, alone ? more : null);
      return make(alone ? "div" : "li", "gathering", alone ? null : make("strong", "", more), at,
        meter(one), act);
    }

    function gatherings(list) {
      if (!list?.length) return null;
      return make("section", "", make("h3", "", words.gather_here),
        make("ul", "plain", ...list.map((one) => activity(one, false))));
    }

    linli.openActivities = (list, from) => {
      if (list.length === 1) return show(list[0].title, from, activity(list[0], true));
      return show(fill(words.several, { n: list.length }), from, gatherings(list));
    };

    linli.openArea = async (group, from) => {
      const mine = (asked += 1);
      const name = group.name ?? words.here;
      const counted = fill(words.counted, { n: group.people, m: group.activities });
      show(name, from, make("p", "quiet-line", counted), make("p", "", words.loading));
      const filter = linli.filter();
      const found = await layer.ask(
        `/api/map/areas/${Number(group.area)}${filter && `?${filter}`}`, "opening");
      if (mine !== asked || sheet.hidden) return;
      if (!found) {
        show(name, null, make("p", "", words.trouble));
        return;
      }
      const path = found.path?.length > 1 ? make("p", "quiet-line", found.path.join(" · ")) : null;
      const nothing = !found.talents?.length && !found.activities?.length;
      show(found.name ?? name, null, path, people(found, group), gatherings(found.activities),
        nothing ? make("p", "", words.nobody) : null);
    };
  };
})();
