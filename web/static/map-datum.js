// Tiles of AMap and Tencent are drawn in GCJ-02, some 500 metres aside: our points follow them.
// The same public formula as talentmap/places/datum.py; a test holds the two together.
(() => {
  "use strict";

  const linli = (window.linli ??= {});
  const AXIS = 6378245.0;
  const FLATNESS = 0.00669342162296594323;
  const { PI, abs, cos, sin, sqrt } = Math;

  function inside(lat, lon) {
    return lat >= 0.8293 && lat <= 55.8271 && lon >= 72.004 && lon <= 137.8347;
  }

  function shown(lat, lon) {
    if (!inside(lat, lon)) return [lat, lon];
    const x = lon - 105;
    const y = lat - 35;
    const waves = 2 * sin(6 * PI * x) + 2 * sin(2 * PI * x);
    const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
      + (waves + 2 * sin(PI * y) + 4 * sin(PI * y / 3)) * 20 / 3
      + (16 * sin(PI * y / 12) + 32 * sin(PI * y / 30)) * 20 / 3;
    const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
      + (waves + 2 * sin(PI * x) + 4 * sin(PI * x / 3)) * 20 / 3
      + (15 * sin(PI * x / 12) + 30 * sin(PI * x / 30)) * 20 / 3;
    const phi = lat * PI / 180;
    const flattening = 1 - FLATNESS * sin(phi) ** 2;
    const meridian = AXIS * (1 - FLATNESS) / flattening ** 1.5;
    const parallel = AXIS * cos(phi) / sqrt(flattening);
    return [lat + north / (meridian * PI / 180), lon + east / (parallel * PI / 180)];
  }

  // The way back is a fixed point of the way there.
  function stored(lat, lon) {
    let [a, b] = [lat, lon];
    for (let step = 0; step < 30; step += 1) {
      const [c, d] = shown(a, b);
      if (abs(c - lat) < 1e-9 && abs(d - lon) < 1e-9) break;
      a -= c - lat;
      b -= d - lon;
    }
    return [a, b];
  }

  linli.gcj02 = { shown, stored };
})();
