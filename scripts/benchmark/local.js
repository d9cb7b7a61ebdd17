/**
 * Shows a local session with the frontend's player, and reads the latency from its canvas.
 *
 * Evaluated as a function in a page that has the frontend's modules under `base`. A latency ends with the readback of
 * the pixels, which forces all pending drawing; readback costs time, so only some pictures are read.
 */
async ([base, options, seconds, warmUpFrames, everyMs]) => {
  const [{ useCarrier }, { showCamera }, { decodeStamp, latencyOf }] = await Promise.all(
    ["invoke", "player", "time-strip"].map((name) => import(`${base}/${name}.js`)),
  );
  if ("sidecarCall" in globalThis) useCarrier({ request: sidecarCall, listen: () => () => {} });

  const strip = Object.assign(document.createElement("canvas"), { width: 32, height: 1 });
  const context = strip.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  const place = document.createElement("div");
  place.style.cssText = "position: fixed; inset: 0 auto auto 0; width: 640px; height: 360px";
  document.body.replaceChildren(place);

  const view = await showCamera(place, { ...options, transport: "local" });
  let frames = 0, readAt = 0, over = () => {};
  const until = (condition) => new Promise((resolve) => (over = () => condition() && resolve()));
  const latencies = [];
  const end = view.onFrame((shownAt) => {
    frames += 1;
    over();
    if (shownAt - readAt < everyMs) return;
    readAt = shownAt;
    context.drawImage(view.element, 0, view.height / 36 - 1, view.width, 2, 0, 0, 32, 1);
    const stamp = decodeStamp(context.getImageData(0, 0, 32, 1).data);
    const latency = latencyOf(stamp, Date.now());
    if (latency !== null) latencies.push(latency);
  });
  await until(() => frames >= warmUpFrames);
  [frames, latencies.length] = [0, 0];
  const startedAt = performance.now();
  await until(() => performance.now() - startedAt >= 1000 * seconds);
  const result = { latencies, fps: (1000 * frames) / (performance.now() - startedAt), size: [view.width, view.height] };
  end();
  await view.stop();
  return result;
}
