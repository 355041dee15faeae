"""Prints the scalars of an event file of TensorBoard, a line "step tag value" each, with a reader of its
own: lengths, both checksums and the wire format of protobuf are checked on the way.
"""
import struct
import sys

TABLE = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ 0x82F63B78 if n & 1 else n >> 1
    TABLE.append(n)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """(number, value) of a message; values of fixed size are bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            size, at = varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value = data[at:at + size]
            assert len(value) == size
            at += size
        yield key >> 3, value


def main(path):
    data = open(path, "rb").read()
    at = count = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        (crc,) = struct.unpack_from("<I", data, at + 8)
        assert crc == masked_crc(data[at:at + 8]), "checksum of a length"
        event = data[at + 12:at + 12 + length]
        (crc,) = struct.unpack_from("<I", data, at + 12 + length)
        assert crc == masked_crc(event), "checksum of a message"
        at += 16 + length
        found = dict(fields(event))
        assert 1e9 < struct.unpack("<d", found[1])[0] < 1e10, "time"
        assert (found.get(3) == b"brain.Event:2") == (count == 0), "version"
        for number, value in fields(found.get(5, b"")):
            assert number == 1
            scalar = dict(fields(value))
            print(found.get(2, 0), scalar[1].decode(), struct.unpack("<f", scalar[2])[0])
        count += 1


main(sys.argv[1])
