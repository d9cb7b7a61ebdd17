/**
 * Shows a track of navigator.mediaDevices in a video, and reads the latency from the video.
 *
 * Evaluated as a function in a page that has the player's modules under `base`; local.js does the same without a track.
 */
async ([base, constraints, seconds, everyMs, warmUpFrames]) => {
  const [{ mediaDevices }, { decodeStamp, latencyOf }] = await Promise.all(
    ["media-devices/index", "time-strip"].map((name) => import(`${base}/${name}.js`)),
  );
  const strip = Object.assign(document.createElement("canvas"), { width: 32, height: 1 });
  const context = strip.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  const video = document.createElement("video");
  video.muted = video.autoplay = video.playsInline = true;
  video.style.cssText = "position: fixed; inset: 0 auto auto 0";
  document.body.replaceChildren(video);

  const stream = await mediaDevices.getUserMedia({ video: constraints });
  video.srcObject = stream;
  const shown = () => new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  for (let frame = 0; frame < warmUpFrames; frame++) await shown();

  const latencies = [], startedAt = performance.now();
  let frames = 0, readAt = 0;
  while (performance.now() - startedAt < 1000 * seconds) {
    await shown();
    frames += 1;
    if (performance.now() - readAt < everyMs) continue;
    readAt = performance.now();
    context.drawImage(video, 0, video.videoHeight / 36 - 1, video.videoWidth, 2, 0, 0, 32, 1);
    const latency = latencyOf(decodeStamp(context.getImageData(0, 0, 32, 1).data), Date.now());
    if (latency !== null) latencies.push(latency);
  }
  const fps = (1000 * frames) / (performance.now() - startedAt);
  const size = [video.videoWidth, video.videoHeight];
  stream.getTracks().forEach((track) => track.stop());
  return { latencies, fps, size };
}
