"""Three network namespaces in a row: a sender, a router, and a viewer behind a link of a small MTU (Linux, root)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.support.namespaces import NetworkNamespace
from tests.support.thin_link import namespace

MTU = 1280
"""Bytes of an IP packet: the least that IPv6 allows. Tunnels and some mobile networks have it."""

# $1 and $2 are processes at the sender's and the viewer's end, $3 is the flag of the IP version, $4 the prefix length;
# then four addresses: the sender's, the router's towards it, the router's towards the viewer, the viewer's.
LAY = f"""
at_sender() {{ nsenter --target="$sender" --net "$@"; }}
at_viewer() {{ nsenter --target="$viewer" --net "$@"; }}
sender=$1 viewer=$2 version=$3 length=$4
nodad=""; [ "$version" = -4 ] || nodad=nodad
ip link add near type veth peer name near netns "$sender"
ip link add far type veth peer name far netns "$viewer"
ip link set far mtu {MTU}
at_viewer ip link set far mtu {MTU}
ip address add "$6/$length" dev near $nodad
ip address add "$7/$length" dev far $nodad
ip link set near up
ip link set far up
at_sender ip address add "$5/$length" dev near $nodad
at_sender ip link set near up
at_sender ip "$version" route add default via "$6"
at_viewer ip address add "$8/$length" dev far $nodad
at_viewer ip link set far up
at_viewer ip "$version" route add default via "$7"
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
"""

ADDRESSES = {
    "IPv4": ("-4", "24", "10.79.1.1", "10.79.1.254", "10.79.2.254", "10.79.2.1"),
    "IPv6": ("-6", "64", "2001:db8:1::1", "2001:db8:1::fe", "2001:db8:2::fe", "2001:db8:2::1"),
}


@dataclass(frozen=True)
class NarrowPath:
    """The ends of the path."""

    sender: NetworkNamespace
    viewer: NetworkNamespace


@asynccontextmanager
async def narrow_path(version: str, *, says_too_big: bool) -> AsyncIterator[NarrowPath]:
    """Lay one. Packets that are too long are dropped by the router; `says_too_big`: the sender learns of it by ICMP."""
    async with namespace() as sender, namespace() as router, namespace() as viewer:
        between = NetworkNamespace(router)
        addresses = ADDRESSES[version]
        await between.run("sh", "-ec", LAY, "lay", str(sender), str(viewer), *addresses)
        if not says_too_big:
            # Packets that the router itself sends to the sender are dropped; forwarded packets are not.
            await between.run("ip", addresses[0], "rule", "add", "iif", "lo", "to", addresses[2], "blackhole")
        yield NarrowPath(NetworkNamespace(sender), NetworkNamespace(viewer))
