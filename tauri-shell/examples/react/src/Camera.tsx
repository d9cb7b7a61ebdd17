import { useEffect, useRef } from "react";
import { showCamera } from "camera-sidecar";

export function Camera({ deviceId }: { deviceId: string }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const use = new AbortController();
    showCamera(element.current!, { deviceId, signal: use.signal }).catch(() => {}); // the element shows the error
    return () => use.abort();
  }, [deviceId]);
  return <div ref={element} style={{ height: 360 }} />;
}
