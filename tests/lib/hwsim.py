# SPDX-License-Identifier: Apache-2.0
"""Simulated radios that go and come: generic netlink to mac80211_hwsim."""

import socket
import struct

NETLINK_GENERIC = 16
NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR = 1, 4, 2
# linux/genetlink.h
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 3, 1, 2
# drivers/net/wireless/mac80211_hwsim.h
CMD_NEW_RADIO, CMD_DEL_RADIO = 4, 5
ATTR_RADIO_NAME, ATTR_PERM_ADDR = 17, 22


def attribute(kind, octets):
    size = 4 + len(octets)
    return struct.pack("=HH", size, kind) + octets + bytes(-size % 4)


def attributes(octets):
    out = {}
    while len(octets) >= 4:
        size, kind = struct.unpack_from("=HH", octets)
        out[kind] = octets[4:size]
        octets = octets[max(size + 3 & ~3, 4):]
    return out


def call(family, command, payload):
    """The last message before the acknowledgement; a refusal is an OSError."""
    answer = b""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC) as s:
        s.bind((0, 0))
        body = struct.pack("=BBH", command, 1, 0) + payload
        s.send(struct.pack("=IHHII", 16 + len(body), family, NLM_F_REQUEST | NLM_F_ACK, 1, 0)
               + body)
        while True:
            octets = s.recv(65536)
            while octets:
                size, kind = struct.unpack_from("=IH", octets)
                if kind == NLMSG_ERROR:
                    number, = struct.unpack_from("=i", octets, 16)
                    if number < 0:
                        raise OSError(-number, "generic netlink, command %d" % command)
                    return answer
                answer, octets = octets[20:size], octets[size + 3 & ~3:]


def family():
    answer = call(GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
                  attribute(CTRL_ATTR_FAMILY_NAME, b"MAC80211_HWSIM\0"))
    return struct.unpack("=H", attributes(answer)[CTRL_ATTR_FAMILY_ID])[0]


def remove(phy):
    """As if it was pulled out; its own address, to bring it back."""
    with open("/sys/class/ieee80211/%s/macaddress" % phy) as f:
        address = f.read().strip()
    call(family(), CMD_DEL_RADIO, attribute(ATTR_RADIO_NAME, phy.encode()))
    return address


def add(address):
    call(family(), CMD_NEW_RADIO,
         attribute(ATTR_PERM_ADDR, bytes.fromhex(address.replace(":", ""))))
