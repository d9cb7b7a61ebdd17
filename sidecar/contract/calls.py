"""The contract's methods as typed calls, for programs in Python that drive the sidecar.

session = await client.calls.start_streaming(StartStreamingParams(device_id="test:pattern"))
await client.calls.stop_streaming(SessionParams(session_id=session.session_id))
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel

from sidecar.contract import methods as m
from sidecar.contract.types import Params, Stats

Model = TypeVar("Model", bound=BaseModel)


class Calls:
    """Every method of the contract under its own name; of rpc.discover, its last part.

    `call(method, params)` carries a request there and gives its result back, both as JSON, and raises what it likes.
    """

    def __init__(self, call: Callable[[str, dict[str, Any]], Awaitable[Any]]) -> None:
        self._call = call

    async def _ask(self, method: str, params: Params, result: type[Model]) -> Model:
        # Only what was given: a null of ours is not the same as nothing.
        wire = params.model_dump(mode="json", exclude_unset=True)
        return result.model_validate(await self._call(method, wire))

    async def initialize(self, params: m.InitializeParams | None = None) -> m.InitializeResult:
        """Say who calls and learn what there is."""
        return await self._ask("initialize", params or m.InitializeParams(), m.InitializeResult)

    async def discover(self) -> m.OpenRpcDocument:
        """The OpenRPC document of this program."""
        return await self._ask("rpc.discover", m.Empty(), m.OpenRpcDocument)

    async def ping(self) -> m.PingResult:
        """The sidecar's clocks."""
        return await self._ask("ping", m.Empty(), m.PingResult)

    async def shutdown(self) -> m.Done:
        """Release every camera and end the process."""
        return await self._ask("shutdown", m.Empty(), m.Done)

    async def get_available_cameras(self) -> m.CamerasResult:
        """List the cameras, the test pattern last."""
        return await self._ask("get_available_cameras", m.Empty(), m.CamerasResult)

    async def request_camera_permission(self, params: m.PermissionParams | None = None) -> m.PermissionResult:
        """Whether the system lets this process use a camera."""
        return await self._ask("request_camera_permission", params or m.PermissionParams(), m.PermissionResult)

    async def start_streaming(self, params: m.StartStreamingParams) -> m.StartStreamingResult:
        """Open a camera and keep it open until stop_streaming."""
        return await self._ask("start_streaming", params, m.StartStreamingResult)

    async def stop_streaming(self, params: m.SessionParams) -> m.StopStreamingResult:
        """End a session; the camera is released when it was the last."""
        return await self._ask("stop_streaming", params, m.StopStreamingResult)

    async def start_camera_webrtc_session(
        self, params: m.StartCameraWebrtcSessionParams
    ) -> m.StartCameraWebrtcSessionResult:
        """Open a camera, make a connection that shows it, and offer it."""
        return await self._ask("start_camera_webrtc_session", params, m.StartCameraWebrtcSessionResult)

    async def start_camera_local_session(
        self, params: m.StartCameraLocalSessionParams
    ) -> m.StartCameraLocalSessionResult:
        """Open a camera and give the address of a WebSocket that shows it, for webviews without WebRTC."""
        return await self._ask("start_camera_local_session", params, m.StartCameraLocalSessionResult)

    async def create_peer_connection(
        self, params: m.CreatePeerConnectionParams | None = None
    ) -> m.CreatePeerConnectionResult:
        """Make a connection that shows nothing yet."""
        return await self._ask(
            "create_peer_connection", params or m.CreatePeerConnectionParams(), m.CreatePeerConnectionResult
        )

    async def connect_camera_to_webrtc(self, params: m.ConnectCameraParams) -> m.ConnectCameraResult:
        """Let a connection show a camera."""
        return await self._ask("connect_camera_to_webrtc", params, m.ConnectCameraResult)

    async def create_offer(self, params: m.CreateOfferParams | None = None) -> m.DescriptionResult:
        """Offer a connection; make one when none is named."""
        return await self._ask("create_offer", params or m.CreateOfferParams(), m.DescriptionResult)

    async def create_answer(self, params: m.ConnectionParams) -> m.DescriptionResult:
        """Answer the other peer's offer."""
        return await self._ask("create_answer", params, m.DescriptionResult)

    async def set_remote_description(self, params: m.SetRemoteDescriptionParams) -> m.Done:
        """Take the other peer's offer or answer."""
        return await self._ask("set_remote_description", params, m.Done)

    async def add_ice_candidate(self, params: m.AddIceCandidateParams) -> m.Done:
        """Take a candidate of the other peer; null or an empty one ends them."""
        return await self._ask("add_ice_candidate", params, m.Done)

    async def get_connection_state(self, params: m.ConnectionParams) -> m.ConnectionStateResult:
        """The W3C states of a connection."""
        return await self._ask("get_connection_state", params, m.ConnectionStateResult)

    async def close_connection(self, params: m.ConnectionParams) -> m.CloseConnectionResult:
        """Close a connection; the camera is released when it was the last."""
        return await self._ask("close_connection", params, m.CloseConnectionResult)

    async def get_stats(self, params: m.GetStatsParams | None = None) -> Stats:
        """Statistics of one connection and its camera, or of all."""
        return await self._ask("get_stats", params or m.GetStatsParams(), Stats)

    async def subscribe_stats(self, params: m.SubscribeStatsParams) -> m.Done:
        """Send the stats notification regularly."""
        return await self._ask("subscribe_stats", params, m.Done)

    async def set_encoding(self, params: m.SetEncodingParams) -> m.SetEncodingResult:
        """Change bitrate or frame rate without renegotiation or keyframe."""
        return await self._ask("set_encoding", params, m.SetEncodingResult)

    async def request_keyframe(self, params: m.SessionParams) -> m.Done:
        """Make the next frame a keyframe."""
        return await self._ask("request_keyframe", params, m.Done)
