// Reading a code with the camera, where the browser has a BarcodeDetector. Pictures stay in the page.

/** Whether this browser can; null, or the key of the words that say why not. */
export async function whyNot() {
  if (!("BarcodeDetector" in globalThis)) return "verify.scan.no-detector";
  const formats = await BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return "verify.scan.no-detector";
  return navigator.mediaDevices?.getUserMedia ? null : "verify.scan.no-camera";
}

/** Show the camera in `video` until a code is read or `signal` stops it; answers the code's text, or null. */
export async function scan(video, signal) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = stream;
  video.hidden = false;
  try {
    await video.play();
    while (!signal.aborted) {
      const [code] = await detector.detect(video);
      if (code) return code.rawValue;
      await new Promise((next) => setTimeout(next, 150));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    video.hidden = true;
  }
}
