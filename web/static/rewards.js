// The reason opens where one types, and the camera of a phone reads a pickup code. Both are extras:
// the forms work without this file.
(() => {
  "use strict";

  // What opens to be filled in takes the focus; Escape closes it and goes back.
  document.addEventListener("toggle", (event) => {
    const box = event.target;
    if (!box.open || !box.matches?.("details[data-opens]")) return;
    box.querySelector("input:not([type=hidden]), textarea")?.focus();
  }, true);
  document.addEventListener("keydown", (event) => {
    const box = event.key === "Escape" && document.querySelector("details[data-opens][open]");
    if (!box) return;
    box.open = false;
    box.querySelector("summary").focus();
  });

  const place = document.querySelector("[data-camera]");
  if (!place || !("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
  const start = place.querySelector("[data-camera-start]");
  const video = place.querySelector("video");
  const trouble = place.querySelector("[data-camera-trouble]");
  place.hidden = false;

  function stop() {
    video.srcObject?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    video.hidden = true;
    start.hidden = false;
  }

  async function look(detector) {
    while (video.srcObject) {
      const [found] = video.readyState >= 2 ? await detector.detect(video) : [];
      if (found) {
        stop();
        const form = document.getElementById("by-code");
        form.elements.code.value = found.rawValue;
        form.requestSubmit();
        return;
      }
      await new Promise((resume) => setTimeout(resume, 150));
    }
  }

  start.addEventListener("click", async () => {
    trouble.hidden = true;
    try {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      video.srcObject = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment" },
      });
      video.hidden = false;
      start.hidden = true;
      await video.play();
      await look(detector);
    } catch {
      stop();
      trouble.hidden = false;
    }
  });
  addEventListener("pagehide", stop);
})();
