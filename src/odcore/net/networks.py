"""The network an address lies in, for counting neighbors as one."""

import ipaddress
from functools import lru_cache

from odcore.config.types import Network


@lru_cache(4096)
def network_of(address: str, bits4: int = 32, bits6: int = 64) -> str:
    """As text, "?" for what is no address (a Unix socket, say); IPv4 in IPv6 counts as IPv4."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "?"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network((ip, bits4 if ip.version == 4 else bits6), strict=False))


class Networks:
    """A set of networks."""

    def __init__(self, texts: tuple[Network, ...]) -> None:
        self._networks = tuple(ipaddress.ip_network(text, strict=False) for text in texts)

    def __contains__(self, address: object) -> bool:
        """A Unix socket ("") is as near as can be."""
        if address == "":
            return True
        try:
            ip = ipaddress.ip_address(str(address).partition("%")[0])
        except ValueError:
            return False
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return any(ip in network for network in self._networks)
