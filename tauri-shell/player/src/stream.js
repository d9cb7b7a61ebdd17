/**
 * The interface between the player and a transport of the picture, WebRTC or a local stream.
 *
 * @typedef {object} Stream
 * @property {HTMLVideoElement | HTMLCanvasElement} element
 * @property {"h264" | "jpeg"} codec the codec of the pictures
 * @property {number} width of the picture, pixels; 0 before the first picture
 * @property {number} height
 * @property {boolean} hasLeftPeer whether the stream said goodbye to the session's peer for a new one that is not connected
 *   yet: should the old peer hear it, the sidecar ends the session
 * @property {() => Promise<void>} start a session; rejects with an `RpcError`
 * @property {() => void} close release all resources of the page; the sidecar's session stays
 * @property {(candidate: import("./contract.js").IceCandidateInit | null, generation: number) => void} addCandidate
 *   add an ICE candidate of the sidecar
 * @property {(offer: import("./contract.js").Events["renegotiation_offer"]) => void} renegotiate answer an
 *   offer for an ICE restart or a new peer
 * @property {(event: import("./contract.js").Events["connection_state"]) => void} onConnectionState
 * @property {() => Promise<import("./stats-reader.js").Counters>} counters
 * @property {(reading: import("./capture-clock.js").ClockReading) => void} setClock take a reading of
 *   the sidecar's clock
 * @property {(handler: FrameHandler) => () => void} onFrame call the handler for each frame shown; returns the
 *   function that unsubscribes
 */

/**
 * Called just before the page is composed with the frame in it. `shownAt` is on the page's clock, in milliseconds.
 *
 * @typedef {(shownAt: number, times: import("./latency-meter.js").FrameTimes) => void} FrameHandler
 */

/**
 * @typedef {object} StreamOptions
 * @property {string} deviceId
 * @property {import("./contract.js").IceServer[]} [iceServers] for both peers; not needed on one machine
 * @property {import("./contract.js").RequestedFormat} [format]
 * @property {import("./contract.js").EncodingOptions} [encoding]
 * @property {import("./contract.js").PlayoutDelay} [playoutDelay]
 * @property {AbortSignal} [signal] stops the view, also while it starts
 * @property {RTCPeerConnection} [connection] for WebRTC: answers the offers of every peer and of every session, so that
 *   its receiver's track stays the same; without it, each peer has a connection of its own
 * @property {CanvasCaptureMediaStreamTrack} [captureTrack] for a local stream: captures the canvas; each picture is drawn
 *   at once, also in a hidden page, and passed to this track
 */

/**
 * @typedef {object} Session
 * @property {string} connection_id
 * @property {string} session_id
 * @property {string} device_id
 * @property {import("./contract.js").CameraFormat} format the camera's format in force
 */

/**
 * @typedef {object} StreamListener
 * @property {(session: Session) => void} onSession the sidecar has created the session
 * @property {() => void} onPicture a picture was decoded
 * @property {() => void} onSize the size of the picture changed
 * @property {(isInterrupted: boolean) => void} onInterruption the connection was interrupted, or has
 *   recovered
 * @property {(reason: string) => void} onOver the stream has ended for good
 * @property {(reason: string) => void} onLost the connection broke; a new session may work
 */

export {};
