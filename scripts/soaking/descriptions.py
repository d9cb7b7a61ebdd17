"""Invalid and hostile descriptions and candidates; every reachable address in them is a loopback address."""

from __future__ import annotations

from random import Random

LONGEST_SDP = 256 * 1024
"""The contract's limit for a description, in characters."""

CANDIDATES = (
    "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host",
    "candidate:1 1 udp 2130706431 ::1 9 typ host",
    "candidate:1 2 udp 1 127.0.0.1 9 typ host",
    "candidate:1 1 tcp 1 127.0.0.1 9 typ host tcptype active",
    "candidate:1 1 udp 99999999999999999999 127.0.0.1 9 typ host",
    "candidate:1 1 udp 1 127.0.0.1 0 typ host",
    "candidate:1 1 udp 1 127.0.0.1 70000 typ host",
    "candidate:1 1 udp 1 127.0.0.1 -1 typ prflx raddr",
    "candidate:1 1 udp 1 999.0.0.1 9 typ host",
    "candidate:1 1 udp 1 \x00 9 typ host",
    "candidate:" + "1" * 900,
    "candidate:\u202e 1 udp 1 127.0.0.1 9 typ host ufrag other",
    "typ host",
    "",
)


def candidate(random: Random) -> dict[str, object] | None:
    """Return an unusable candidate, or None for the end of candidates."""
    chosen = random.choice([*CANDIDATES, None])
    return None if chosen is None else {"candidate": chosen, "sdpMid": random.choice(["0", "1", "", None])}


def mangled(sdp: str, random: Random) -> str:
    """Return a description with some lines removed, doubled, cut or changed; the addresses stay."""
    lines = sdp.splitlines()
    for _ in range(random.randint(1, 6)):
        number = random.randrange(len(lines))
        if lines[number].startswith(("a=candidate", "c=", "o=")):
            continue
        line = lines[number]
        cut = line[: random.randrange(len(line) + 1)]
        lines[number : number + 1] = random.choice([[], [line, line], [cut], [line + "0"]])
        lines = lines or ["v=0"]
    return "\r\n".join([*lines, ""])


def swollen(sdp: str, random: Random) -> str:
    """Return a description with a line, or a payload type of the video, repeated up to LONGEST_SDP."""
    lines = sdp.splitlines()
    room = LONGEST_SDP - len(sdp) - 2 * len(lines)
    if random.random() < 0.5:
        number = next(number for number, line in enumerate(lines) if line.startswith("m=video"))
        payload_type = " " + lines[number].split(" ")[3]
        lines[number] += payload_type * (room // len(payload_type))
    else:
        number = random.randrange(len(lines))
        lines[number:number] = [lines[number]] * (room // (len(lines[number]) + 2))
    return "\r\n".join([*lines, ""])


def with_another_fingerprint(sdp: str) -> str:
    """Return the description with every certificate's fingerprint reversed."""
    lines = []
    for line in sdp.splitlines():
        start, space, value = line.rpartition(" ")
        lines.append(start + space + value[::-1] if line.startswith("a=fingerprint:") else line)
    return "\r\n".join([*lines, ""])
