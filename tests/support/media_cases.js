/**
 * The behaviour of navigator.mediaDevices that web-platform-tests check, as functions by sentences. Evaluated in a page
 * with the sidecar's cameras installed: the test pattern, and the file that `clip` names. `invoke` is the player's.
 */
(invoke, clip) => {
  const PATIENCE_MS = 20_000;
  const PATTERN = "test:pattern";
  /** The streams of the running case, which are stopped at its end. */
  const streams = [];

  const devices = navigator.mediaDevices;
  const stats = () => invoke("get_stats");

  function check(condition, message) {
    if (!condition) throw new Error(message);
  }

  function equal(actual, expected) {
    const [found, wanted] = [actual, expected].map((value) => JSON.stringify(value));
    check(found === wanted, `${found} instead of ${wanted}`);
  }

  async function until(condition, what) {
    const end = performance.now() + PATIENCE_MS;
    while (!(await condition())) {
      check(performance.now() < end, `${what}: not within ${PATIENCE_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** A stream that the end of the case stops. */
  async function open(video = { deviceId: PATTERN }) {
    const stream = await devices.getUserMedia({ video });
    streams.push(stream);
    return stream;
  }

  async function openTrack(video) {
    return (await open(video)).getVideoTracks()[0];
  }

  async function errorOf(promise) {
    try {
      await promise;
    } catch (error) {
      return error;
    }
    throw new Error("the promise was fulfilled");
  }

  /** A video that plays the track, after its first picture. */
  async function play(track) {
    const video = document.createElement("video");
    video.muted = video.autoplay = video.playsInline = true;
    video.srcObject = new MediaStream([track]);
    document.body.append(video);
    await pictures(video, 1);
    return video;
  }

  async function pictures(video, count) {
    for (let number = 0; number < count; number++) await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  }

  /** The mean brightness of a picture, 0 to 255. */
  function brightness(picture) {
    const canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 16 });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(picture, 0, 0, 16, 16);
    const { data } = context.getImageData(0, 0, 16, 16);
    return data.reduce((sum, value, index) => sum + (index % 4 === 3 ? 0 : value), 0) / (3 * 256);
  }

  /** The names of the events that the track dispatches from now on. */
  function eventsOf(track) {
    const events = [];
    for (const name of ["ended", "mute", "unmute"]) track.addEventListener(name, () => events.push(name));
    return events;
  }

  const cases = {
    "getUserMedia gives a stream with one live track of the camera": async () => {
      const stream = await open();
      check(stream instanceof MediaStream && stream.active, "the stream is active");
      const [track, ...others] = stream.getTracks();
      check(track instanceof MediaStreamTrack, "the track is the webview's own");
      equal([others.length, track.kind, track.readyState, track.enabled, track.muted], [0, "video", "live", true, false]);
      equal(track.label, "Test picture");
    },
    "getUserMedia without constraints is a TypeError": async () => {
      for (const given of [undefined, {}, { video: false, audio: false }]) {
        check((await errorOf(devices.getUserMedia(given))) instanceof TypeError, JSON.stringify(given));
      }
    },
    "malformed constraints are a TypeError": async () => {
      check((await errorOf(open({ width: { exact: "wide" } }))) instanceof TypeError, "width");
      check((await errorOf(open({ advanced: 5 }))) instanceof TypeError, "advanced");
    },
    "an impossible constraint is an OverconstrainedError that names it": async () => {
      const impossible = { width: { min: 100_000 }, facingMode: { exact: "left" }, deviceId: { exact: "gone" } };
      for (const [name, constraint] of Object.entries(impossible)) {
        const error = await errorOf(open({ [name]: constraint }));
        check(error instanceof OverconstrainedError, String(error));
        equal([error.name, error.constraint], ["OverconstrainedError", name]);
      }
    },
    "unknown constraints and ideal ones that nothing fulfils are ignored": async () => {
      const track = await openTrack({ doesNotExist: { exact: 1 }, width: 1_000_000, deviceId: "gone", facingMode: "user" });
      equal(track.readyState, "live");
      equal(track.getConstraints(), { width: 1_000_000, deviceId: "gone", facingMode: "user" });
    },
    "the camera that deviceId names is opened": async () => {
      equal((await openTrack({ deviceId: { exact: clip } })).getSettings().deviceId, clip);
      equal((await openTrack({ deviceId: PATTERN })).getSettings().deviceId, PATTERN);
    },
    "exact constraints become the settings and the size of the picture": async () => {
      const track = await openTrack({ deviceId: PATTERN, width: { exact: 800 }, height: { exact: 600 }, frameRate: { exact: 15 } });
      const { width, height, frameRate, aspectRatio } = track.getSettings();
      equal([width, height, frameRate, aspectRatio], [800, 600, 15, 800 / 600]);
      const video = await play(track);
      await until(() => video.videoWidth === 800 && video.videoHeight === 600, "800x600");
    },
    "the pictures move in a video element": async () => {
      const video = await play(await openTrack({ deviceId: PATTERN }));
      await pictures(video, 10);
      check(brightness(video) > 20, "the picture is not black");
    },
    "enumerateDevices lists the cameras with their names": async () => {
      const cameras = (await devices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
      equal(cameras.map(({ deviceId }) => deviceId).sort(), [clip, PATTERN].sort());
      for (const camera of cameras) {
        check(camera instanceof MediaDeviceInfo && camera instanceof InputDeviceInfo, "the classes are the webview's own");
        const { deviceId, kind, label, groupId } = camera;
        check(label && groupId, "label and groupId are filled");
        equal(JSON.parse(JSON.stringify(camera)), camera.toJSON());
        equal(camera.toJSON(), { deviceId, kind, label, groupId });
        equal(camera.getCapabilities().deviceId, deviceId);
      }
    },
    "the supported constraints are those that are obeyed": async () => {
      const names = ["width", "height", "aspectRatio", "frameRate", "deviceId", "groupId", "facingMode", "resizeMode"];
      equal(devices.getSupportedConstraints(), Object.fromEntries(names.map((name) => [name, true])));
      equal((await openTrack({ deviceId: PATTERN })).getSettings().resizeMode, "none");
      equal((await errorOf(open({ resizeMode: { exact: "crop-and-scale" } }))).constraint, "resizeMode");
    },
    "the settings lie within the capabilities": async () => {
      const track = await openTrack({ deviceId: PATTERN });
      const [settings, capabilities] = [track.getSettings(), track.getCapabilities()];
      for (const name of ["width", "height", "aspectRatio", "frameRate"]) {
        const { min, max } = capabilities[name];
        check(min <= settings[name] && settings[name] <= max, `${name}: ${settings[name]}`);
      }
      equal([capabilities.deviceId, capabilities.groupId], [settings.deviceId, settings.groupId]);
      equal([capabilities.facingMode, capabilities.resizeMode], [[], ["none"]]);
    },
    "getConstraints returns a copy of the constraints": async () => {
      const given = { deviceId: PATTERN, width: { ideal: 640 }, advanced: [{ height: 480 }] };
      const track = await openTrack(given);
      given.width.ideal = 1;
      track.getConstraints().width.ideal = 2;
      equal(track.getConstraints(), { width: { ideal: 640 }, deviceId: PATTERN, advanced: [{ height: 480 }] });
      equal((await openTrack(true)).getConstraints(), {});
    },
    "applyConstraints changes the size and the rate of the running picture": async () => {
      const track = await openTrack({ deviceId: PATTERN, width: 640, height: 480 });
      const video = await play(track);
      await track.applyConstraints({ width: { exact: 1280 }, height: { exact: 720 }, frameRate: { ideal: 20 } });
      const { width, height, frameRate } = track.getSettings();
      equal([width, height, frameRate], [1280, 720, 20]);
      await until(() => video.videoWidth === 1280 && video.videoHeight === 720, "1280x720");
      await track.applyConstraints({ width: 640, height: 480 });
      await until(() => video.videoWidth === 640 && video.videoHeight === 480, "640x480");
      equal([track.readyState, track.getConstraints()], ["live", { width: 640, height: 480 }]);
    },
    "applyConstraints without constraints changes nothing but forgets them": async () => {
      const track = await openTrack({ deviceId: PATTERN, width: { exact: 1280 }, height: { exact: 720 } });
      await track.applyConstraints();
      equal([track.getConstraints(), track.getSettings().width], [{}, 1280]);
    },
    "applyConstraints that nothing fulfils rejects and changes nothing": async () => {
      const track = await openTrack({ deviceId: PATTERN, width: 640, height: 480 });
      const before = [track.getConstraints(), track.getSettings()];
      for (const [name, constraint] of Object.entries({ width: { exact: 77 }, groupId: { exact: "gone" }, frameRate: { min: 1000 } })) {
        const error = await errorOf(track.applyConstraints({ [name]: constraint }));
        equal([error.name, error.constraint], ["OverconstrainedError", name]);
      }
      check((await errorOf(track.applyConstraints({ width: { exact: NaN } }))) instanceof TypeError, "NaN");
      equal([track.getConstraints(), track.getSettings()], before);
    },
    "a camera with one format keeps it for wishes, and refuses requirements": async () => {
      const track = await openTrack({ deviceId: { exact: clip } });
      const { width } = track.getSettings();
      await track.applyConstraints({ width: 1280, height: 720, frameRate: 60 });
      equal(track.getSettings().width, width);
      equal((await errorOf(track.applyConstraints({ width: { exact: 1280 } }))).constraint, "width");
    },
    "stop ends the track without an event, and constraints can no longer be applied": async () => {
      const stream = await open();
      const [track] = stream.getTracks();
      const events = eventsOf(track);
      track.stop();
      track.stop();
      equal([track.readyState, stream.active, events], ["ended", false, []]);
      equal((await errorOf(track.applyConstraints({}))).name, "InvalidStateError");
    },
    "a clone has an id, an end, constraints and an enabled of its own": async () => {
      const track = await openTrack({ deviceId: PATTERN });
      track.enabled = false;
      const clone = track.clone();
      streams.push(new MediaStream([clone]));
      check(clone.id !== track.id && clone instanceof MediaStreamTrack, "another track");
      equal([clone.enabled, clone.label, clone.getConstraints()], [false, track.label, track.getConstraints()]);
      clone.enabled = true;
      equal([track.enabled, clone.getSettings()], [false, track.getSettings()]);
      await clone.applyConstraints({ width: 640 });
      equal(track.getConstraints(), { deviceId: PATTERN });
      track.stop();
      equal([track.readyState, clone.readyState], ["ended", "live"]);
      await pictures(await play(clone), 5);
      equal(track.clone().readyState, "ended");
    },
    "a clone of a stream has clones of its tracks": async () => {
      const stream = await open();
      const clone = stream.clone();
      streams.push(clone);
      check(clone.id !== stream.id && clone.getTracks()[0].id !== stream.getTracks()[0].id, "ids of their own");
      stream.getTracks()[0].stop();
      equal([stream.active, clone.active], [false, true]);
      equal(clone.getTracks()[0].getSettings().deviceId, PATTERN);
      await pictures(await play(clone.getTracks()[0]), 3);
    },
    "a disabled track is black, and shows the camera again when it is enabled": async () => {
      const track = await openTrack({ deviceId: PATTERN });
      const video = await play(track);
      track.enabled = false;
      await until(() => brightness(video) < 5, "black");
      equal([track.readyState, track.muted], ["live", false]);
      track.enabled = true;
      await until(() => brightness(video) > 20, "the picture");
    },
    "the hint for the content is kept, by clones as well": async () => {
      const track = await openTrack();
      track.contentHint = "detail";
      const clone = track.clone();
      streams.push(new MediaStream([clone]));
      equal([track.contentHint, clone.contentHint], ["detail", "detail"]);
    },
    "several tracks of a camera share one connection, which the last stop closes": async () => {
      const [one, other] = await Promise.all([open({ deviceId: PATTERN }), open({ deviceId: PATTERN })]);
      const clone = other.getTracks()[0].clone();
      equal((await stats()).connections.filter(({ session_id: id }) => id).length, 1);
      for (const track of [...one.getTracks(), ...other.getTracks()]) track.stop();
      equal(clone.readyState, "live");
      clone.stop();
      await until(async () => !(await stats()).cameras.length, "the camera is released");
    },
    "a failed getUserMedia leaves no camera open": async () => {
      await errorOf(open({ deviceId: { exact: clip }, width: { exact: 4000 } }));
      await until(async () => !(await stats()).cameras.length, "the camera is released");
    },
    "the requirements of another track are kept": async () => {
      const first = await openTrack({ deviceId: PATTERN, width: { exact: 640 }, height: { exact: 480 } });
      const error = await errorOf(open({ deviceId: PATTERN, width: { exact: 1280 } }));
      equal([error.name, error.constraint], ["OverconstrainedError", "width"]);
      await first.applyConstraints({});
      equal((await openTrack({ deviceId: PATTERN, width: { exact: 1280 }, height: { exact: 720 } })).getSettings().height, 720);
      equal(first.getSettings().width, 1280);
    },
    "a connection that ends for good ends its tracks with an event": async () => {
      const track = await openTrack({ deviceId: PATTERN });
      const clone = track.clone();
      const events = [eventsOf(track), eventsOf(clone)];
      let heard = 0;
      track.onended = () => heard++;
      const [{ connection_id: connectionId }] = (await stats()).connections;
      await invoke("close_connection", { connectionId });
      await until(() => heard, "ended");
      equal([track.readyState, clone.readyState, events, heard], ["ended", "ended", [["ended"], ["ended"]], 1]);
    },
    "the permission is told without asking": async () => {
      const permission = await navigator.permissions.query({ name: "camera" });
      equal([permission.name, permission.state], ["camera", "granted"]);
    },
    "takePhoto gives the camera's own picture as a JPEG": async () => {
      const capture = new ImageCapture(await openTrack({ deviceId: PATTERN, width: 640, height: 480 }));
      const [whole, small] = [await capture.takePhoto(), await capture.takePhoto({ imageWidth: 320 })];
      const sizes = [];
      for (const photo of [whole, small]) {
        const { width, height } = await createImageBitmap(photo);
        sizes.push([photo.type, width, height]);
      }
      equal(sizes, [["image/jpeg", 640, 480], ["image/jpeg", 320, 240]]);
    },
    "a photo that the camera does not take is refused": async () => {
      const track = await openTrack({ deviceId: PATTERN, width: 640, height: 480 });
      const capture = new ImageCapture(track);
      check(capture instanceof ImageCapture && capture.track === track, "the class is ImageCapture");
      const { imageWidth, imageHeight, redEyeReduction, fillLightMode } = await capture.getPhotoCapabilities();
      equal([imageWidth.max, imageHeight.max, redEyeReduction, fillLightMode], [640, 480, "never", []]);
      equal(await capture.getPhotoSettings(), { imageWidth: 640, imageHeight: 480, redEyeReduction: false });
      equal((await errorOf(capture.takePhoto({ imageWidth: 641 }))).name, "NotSupportedError");
      equal((await errorOf(capture.takePhoto({ fillLightMode: "flash" }))).name, "NotSupportedError");
      track.stop();
      for (const method of ["takePhoto", "grabFrame", "getPhotoCapabilities", "getPhotoSettings"]) {
        equal((await errorOf(capture[method]())).name, "InvalidStateError");
      }
    },
    "grabFrame gives a picture of the track": async () => {
      const frame = await new ImageCapture(await openTrack({ deviceId: PATTERN, width: 640, height: 480 })).grabFrame();
      equal([frame.width, frame.height], [640, 480]);
      check(brightness(frame) > 20, "the picture is not black");
    },
    "ImageCapture refuses what is no video track": async () => {
      check((await errorOf((async () => new ImageCapture({}))())) instanceof TypeError, "an object");
    },
  };

  /** Run a case, then stop its tracks and wait until the cameras are released. */
  return async (name) => {
    try {
      await cases[name]();
    } finally {
      for (const stream of streams.splice(0)) for (const track of stream.getTracks()) track.stop();
      document.querySelectorAll("video").forEach((video) => video.remove());
      await until(async () => !(await stats()).cameras.length, "the cameras are released");
    }
  };
}
