"""The contract's methods as typed calls, for Python programs that drive the sidecar. Generated: do not edit.

Made from the contract's rows by scripts/generate.py.

session = await client.calls.start_streaming(StartStreamingParams(device_id="test:pattern"))
await client.calls.stop_streaming(SessionParams(session_id=session.session_id))
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sidecar.contract import methods as m
from sidecar.contract import types as t
from sidecar.contract.method import Method, ParamsModel, ResultModel


class Calls:
    """One coroutine for each method of the contract, under the last part of the method's name.

    `call(method, params)` sends a request and returns its result, both as JSON; its exceptions reach the caller.
    """

    def __init__(self, call: Callable[[str, dict[str, Any]], Awaitable[Any]]) -> None:
        self._call = call

    async def _send(self, method: Method[ParamsModel, ResultModel], params: ParamsModel) -> ResultModel:
        # Members that the caller has not set are left out, and not sent as null.
        wire = params.model_dump(mode="json", exclude_unset=True)
        return method.result.model_validate(await self._call(method.name, wire))

    async def initialize(self, params: m.InitializeParams | None = None) -> m.InitializeResult:
        """Introduce the client; returns the sidecar's version and capabilities."""
        return await self._send(m.INITIALIZE, params or m.InitializeParams())

    async def discover(self) -> m.OpenRpcDocument:
        """The OpenRPC document of this program."""
        return await self._send(m.DISCOVER, m.Empty())

    async def ping(self) -> m.PingResult:
        """The sidecar's clocks."""
        return await self._send(m.PING, m.Empty())

    async def shutdown(self) -> m.Done:
        """Release every camera and end the process."""
        return await self._send(m.SHUTDOWN, m.Empty())

    async def get_available_cameras(self) -> m.CamerasResult:
        """List the cameras, the test pattern last."""
        return await self._send(m.GET_AVAILABLE_CAMERAS, m.Empty())

    async def request_camera_permission(self, params: m.PermissionParams | None = None) -> m.PermissionResult:
        """Ask for the permission to use a camera; macOS asks the user, other systems are only queried."""
        return await self._send(m.REQUEST_CAMERA_PERMISSION, params or m.PermissionParams())

    async def start_streaming(self, params: m.StartStreamingParams) -> m.StartStreamingResult:
        """Open a camera and keep it open until stop_streaming."""
        return await self._send(m.START_STREAMING, params)

    async def stop_streaming(self, params: m.SessionParams) -> m.StopStreamingResult:
        """End a session; the last session of a camera releases it."""
        return await self._send(m.STOP_STREAMING, params)

    async def set_format(self, params: m.SetFormatParams) -> m.SetFormatResult:
        """Change size and frame rate of an open camera for all its viewers, without renegotiation and without
        another connection. The camera gets the nearest format that it offers, and is opened again if it must;
        frames are left out for a lower rate alone. Calls for one camera are carried out one after the other. An
        error changes nothing. A camera that is lost has the new format when it returns.
        """
        return await self._send(m.SET_FORMAT, params)

    async def take_photo(self, params: m.TakePhotoParams) -> m.TakePhotoResult:
        """A photo of the first picture that the camera captures after the call: upright, in the camera's size and
        colours, before any encoding for the viewers. Photos of one camera are taken one after the other. While
        the camera is lost, the error is its reason.
        """
        return await self._send(m.TAKE_PHOTO, params)

    async def start_camera_webrtc_session(
        self, params: m.StartCameraWebrtcSessionParams
    ) -> m.StartCameraWebrtcSessionResult:
        """Open a camera, make a connection that shows it, and offer it."""
        return await self._send(m.START_CAMERA_WEBRTC_SESSION, params)

    async def start_camera_local_session(
        self, params: m.StartCameraLocalSessionParams
    ) -> m.StartCameraLocalSessionResult:
        """Open a camera and give the address of a WebSocket on this machine that shows it, for webviews without
        WebRTC.
        """
        return await self._send(m.START_CAMERA_LOCAL_SESSION, params)

    async def create_peer_connection(
        self, params: m.CreatePeerConnectionParams | None = None
    ) -> m.CreatePeerConnectionResult:
        """Make a connection that shows no camera yet."""
        return await self._send(m.CREATE_PEER_CONNECTION, params or m.CreatePeerConnectionParams())

    async def connect_camera_to_webrtc(self, params: m.ConnectCameraParams) -> m.ConnectCameraResult:
        """Let a connection show a camera."""
        return await self._send(m.CONNECT_CAMERA_TO_WEBRTC, params)

    async def create_offer(self, params: m.CreateOfferParams | None = None) -> m.DescriptionResult:
        """Offer a connection, make one when none is named; or restart its ICE."""
        return await self._send(m.CREATE_OFFER, params or m.CreateOfferParams())

    async def create_answer(self, params: m.ConnectionParams) -> m.DescriptionResult:
        """Answer the other peer's offer, the first or one that restarts ICE."""
        return await self._send(m.CREATE_ANSWER, params)

    async def set_remote_description(self, params: m.SetRemoteDescriptionParams) -> m.Done:
        """Take the other peer's offer or answer."""
        return await self._send(m.SET_REMOTE_DESCRIPTION, params)

    async def add_ice_candidate(self, params: m.AddIceCandidateParams) -> m.Done:
        """Take a candidate of the other peer; null or an empty one ends them."""
        return await self._send(m.ADD_ICE_CANDIDATE, params)

    async def get_connection_state(self, params: m.ConnectionParams) -> m.ConnectionStateResult:
        """The W3C states of a connection."""
        return await self._send(m.GET_CONNECTION_STATE, params)

    async def close_connection(self, params: m.ConnectionParams) -> m.CloseConnectionResult:
        """Close a connection; the last session of its camera releases the camera."""
        return await self._send(m.CLOSE_CONNECTION, params)

    async def get_stats(self, params: m.GetStatsParams | None = None) -> t.Stats:
        """Statistics of one connection and its camera, or of all."""
        return await self._send(m.GET_STATS, params or m.GetStatsParams())

    async def subscribe_stats(self, params: m.SubscribeStatsParams) -> m.Done:
        """Send the stats notification regularly."""
        return await self._send(m.SUBSCRIBE_STATS, params)

    async def set_encoding(self, params: m.SetEncodingParams) -> m.SetEncodingResult:
        """Change bitrate or frame rate without renegotiation or keyframe."""
        return await self._send(m.SET_ENCODING, params)

    async def request_keyframe(self, params: m.SessionParams) -> m.Done:
        """Make the next frame a keyframe."""
        return await self._send(m.REQUEST_KEYFRAME, params)
