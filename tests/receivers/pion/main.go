// A receiver on pion, driven by lines of JSON (see tests/support/stack_peer.py).
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

const longestLine = 1 << 20

var output sync.Mutex

type message struct {
	Ask       string  `json:"ask"`
	Offer     string  `json:"offer"`
	Answer    string  `json:"answer"`
	Candidate string  `json:"candidate"`
	Mid       *string `json:"mid"`
	Index     *uint16 `json:"index"`
}

func say(members map[string]any) {
	line, err := json.Marshal(members)
	check(err)
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(line))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// newPeer returns a connection with the codec for video and pion's own for audio, over loopback too.
func newPeer(codec string) *webrtc.PeerConnection {
	engine := &webrtc.MediaEngine{}
	mime := map[string]string{"H264": webrtc.MimeTypeH264, "VP8": webrtc.MimeTypeVP8}[codec]
	parameters := webrtc.RTPCodecParameters{PayloadType: 102}
	parameters.RTPCodecCapability = webrtc.RTPCodecCapability{MimeType: mime, ClockRate: 90000}
	if codec == "H264" {
		parameters.SDPFmtpLine = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
	}
	check(engine.RegisterCodec(parameters, webrtc.RTPCodecTypeVideo))
	audio := webrtc.RTPCodecParameters{PayloadType: 111}
	audio.RTPCodecCapability = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	check(engine.RegisterCodec(audio, webrtc.RTPCodecTypeAudio))
	interceptors := &interceptor.Registry{}
	check(webrtc.RegisterDefaultInterceptors(engine, interceptors))
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	api := webrtc.NewAPI(
		webrtc.WithMediaEngine(engine), webrtc.WithInterceptorRegistry(interceptors), webrtc.WithSettingEngine(settings))
	peer, err := api.NewPeerConnection(webrtc.Configuration{})
	check(err)
	return peer
}

func addMedia(peer *webrtc.PeerConnection, media []string) {
	receive := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	for _, kind := range media {
		if kind == "data" {
			_, err := peer.CreateDataChannel("data", nil)
			check(err)
			continue
		}
		_, err := peer.AddTransceiverFromKind(webrtc.NewRTPCodecType(kind), receive)
		check(err)
	}
}

func listen(peer *webrtc.PeerConnection) {
	peer.OnICECandidate(func(candidate *webrtc.ICECandidate) {
		if candidate != nil {
			text := candidate.ToJSON()
			say(map[string]any{"candidate": text.Candidate, "mid": text.SDPMid, "index": text.SDPMLineIndex})
		}
	})
	peer.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		say(map[string]any{"state": state.String()})
	})
	peer.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { receive(track) })
}

// receive reports each frame of an H.264 track, and whether it is a keyframe (RFC 6184, 5.4).
func receive(track *webrtc.TrackRemote) {
	isKeyframe := false
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		isKeyframe = isKeyframe || hasIDR(packet.Payload)
		if packet.Marker {
			say(map[string]any{"frame": packet.Timestamp, "keyframe": isKeyframe, "kind": track.Kind().String()})
			isKeyframe = false
		}
	}
}

func hasIDR(payload []byte) bool {
	const idr, stapA, fuA = 5, 24, 28
	if len(payload) < 2 {
		return false
	}
	switch payload[0] & 31 {
	case idr:
		return true
	case fuA:
		return payload[1]&31 == idr
	case stapA:
		for at := 1; at+2 < len(payload); at += 2 + int(payload[at])<<8 + int(payload[at+1]) {
			if payload[at+2]&31 == idr {
				return true
			}
		}
	}
	return false
}

func follow(peer *webrtc.PeerConnection, told message) {
	switch {
	case told.Candidate != "":
		candidate := webrtc.ICECandidateInit{Candidate: told.Candidate, SDPMid: told.Mid, SDPMLineIndex: told.Index}
		check(peer.AddICECandidate(candidate))
	case told.Ask == "offer":
		offer, err := peer.CreateOffer(nil)
		check(err)
		check(peer.SetLocalDescription(offer))
		say(map[string]any{"offer": offer.SDP})
	case told.Answer != "":
		check(peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: told.Answer}))
	default:
		check(peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: told.Offer}))
		answer, err := peer.CreateAnswer(nil)
		check(err)
		check(peer.SetLocalDescription(answer))
		say(map[string]any{"answer": answer.SDP})
	}
}

func main() {
	media := flag.String("media", "video", "what to receive, in order")
	codec := flag.String("codec", "H264", "the only video codec")
	_ = flag.String("policy", "", "pion always bundles what the other side bundles")
	flag.Parse()
	peer := newPeer(*codec)
	listen(peer)
	addMedia(peer, strings.Split(*media, ","))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var told message
		check(json.Unmarshal(lines.Bytes(), &told))
		follow(peer, told)
	}
	check(peer.Close())
}
