/**
 * What the player asks of whatever carries a camera's picture.
 *
 * @typedef {object} Stream
 * @property {HTMLVideoElement | HTMLCanvasElement} element
 * @property {"h264" | "jpeg"} codec what the pictures come as
 * @property {number} width of the picture, pixels; 0 before there is one
 * @property {number} height
 * @property {() => Promise<void>} start a new session; rejects with an `RpcError`
 * @property {() => void} close let go of everything but the sidecar's session
 * @property {(candidate: import("./contract.js").IceCandidateInit | null, generation: number) => void} addCandidate
 *   one of the sidecar's
 * @property {(offer: import("./contract.js").Events["renegotiation_offer"]) => void} renegotiate another way here
 * @property {(event: import("./contract.js").Events["connection_state"]) => void} onConnectionState
 * @property {() => Promise<import("./stats-reader.js").Counters>} counters
 * @property {(reading: import("./capture-clock.js").ClockReading) => void} setClock the sidecar's clock was read
 * @property {(handler: FrameHandler) => () => void} onFrame hear of each frame that is shown; returns what ends that
 */

/**
 * `shownAt` is on the page's clock, milliseconds: just before the page is composed with the frame in it.
 *
 * @typedef {(shownAt: number, times: import("./latency-meter.js").FrameTimes) => void} FrameHandler
 */

/**
 * @typedef {object} StreamOptions
 * @property {string} deviceId
 * @property {import("./contract.js").IceServer[]} [iceServers] for both peers; none are needed on one machine
 * @property {import("./contract.js").RequestedFormat} [format]
 * @property {import("./contract.js").EncodingOptions} [encoding]
 * @property {import("./contract.js").PlayoutDelay} [playoutDelay]
 * @property {AbortSignal} [signal] gives up a start that is not wanted any more
 */

/** @typedef {{connection_id: string, session_id: string, device_id: string}} Session */

/**
 * @typedef {object} StreamListener
 * @property {(session: Session) => void} onSession the sidecar has made a session
 * @property {() => void} onPicture a picture is there
 * @property {() => void} onSize the picture has another size
 * @property {(isInterrupted: boolean) => void} onInterruption the way here is interrupted, or no more
 * @property {(reason: string) => void} onOver the sidecar has ended the stream
 * @property {(reason: string) => void} onLost the way here broke; another session may do
 */

export {};
