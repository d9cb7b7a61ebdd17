import { createRef, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import Webcam from "react-webcam";

const root = createRoot(document.querySelector("#root"));
const webcam = createRef();

function Camera({ camera, onStarted, onFailed }) {
  return (
    <StrictMode>
      <Webcam
        ref={webcam}
        audio={false}
        screenshotFormat="image/png"
        videoConstraints={{ width: 640, height: 480, deviceId: camera }}
        onUserMedia={onStarted}
        onUserMediaError={onFailed}
      />
    </StrictMode>
  );
}

Object.assign(window, {
  start: (camera) =>
    new Promise((resolve, reject) => {
      root.render(<Camera camera={camera} onStarted={() => resolve()} onFailed={reject} />);
    }),
  picture: () => webcam.current.getScreenshot(),
  stop: () => root.unmount(),
});
