"""Hostile variants of real files, drawn from a seed: bytes, arrays in a zip, JSON, texts."""

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

SCALARS: list[Any] = [
    None, True, False, 0, -1, 1, 3, 255, 2**31, 2**63, 10**30, 10**400, 0.5, -0.0, 1e308,
    float("nan"), float("inf"), "", "0", "nan", "own.", "\ud800", "\x00", "٣", "x" * 5000,
    [], {}, [[]], [0] * 50, {"a": {"b": []}}, "<script>", "../../etc", "digits", "pcd",
]  # fmt: skip
DTYPES = ["<f4", ">f8", "<f2", "<c16", "|O", "|V8", "<M8[s]", "<U4", "|S3", "|b1", "<i8", "|u1",
          "<f16", "[('a','<f8')]", "<U999999999", "|i0", "<m8"]  # fmt: skip
SHAPES = ["(0,)", "()", "(1,)", "(99999999999,)", "(-1,)", "(1000000, 1000000)", "(2**70,)",
          "(3,)", "(True,)", "('a',)", "(" + "1," * 70 + ")", "(0, 99999999999999999999)",
          "None", "[3]", "3"]  # fmt: skip
NAMES = ["", "W", "b", "c", "v", "x", "about", "run", "frames/weights", "../up", "état", "a" * 300]


def hostile(rng: random.Random, depth: int = 2) -> Any:
    """Draw a value that JSON can write; sometimes deep."""
    if depth and rng.random() < 0.1:
        return [hostile(rng, depth - 1) for _ in range(rng.randrange(4))]
    return rng.choice(SCALARS)


def bent_json(rng: random.Random, value: Any) -> Any:
    """Replace, drop or double one part somewhere inside."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key, new = rng.choice(list(value)), dict(value)
        match rng.randrange(5):
            case 0:
                del new[key]
            case 1:
                new[str(hostile(rng))[:50]] = hostile(rng)
            case _:
                new[key] = bent_json(rng, value[key])
        return new
    if isinstance(value, list) and value and rng.random() < 0.9:
        k, new = rng.randrange(len(value)), list(value)
        match rng.randrange(5):
            case 0:
                del new[k]
            case 1:
                new.insert(k, new[k])
            case _:
                new[k] = bent_json(rng, value[k])
        return new
    return hostile(rng)


def bent_bytes(rng: random.Random, content: bytes) -> bytes:
    """Flip, cut, double, overwrite: what a bad wire or a bad person does."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(6):
            case 0 if data:
                data[at % len(data)] = rng.randrange(256)
            case 1:
                del data[at : at + rng.choice((1, 4, 100, 10**6))]
            case 2:
                data[at:at] = data[at : at + rng.choice((1, 8, 200))]
            case 3:
                data[at : at + 4] = rng.choice((b"\xff" * 4, b"\x00" * 4, b"\x7f\xff\xff\xff"))
            case 4:
                data[at:at] = rng.randbytes(rng.choice((1, 3, 50)))
            case _:
                data[at : at + 1] = rng.choice((b"\x00", b"\xff", b"\n", b'"', b"[", b"\xe2\x80"))
    return bytes(data)


def npy(descr: str, shape: str, raw: bytes, version: int = 1, order: str = "False") -> bytes:
    """Forge the file of an array, whatever it says of itself."""
    quoted = descr if descr.startswith("[") else f"'{descr}'"
    head = f"{{'descr': {quoted}, 'fortran_order': {order}, 'shape': {shape}, }}".encode("latin-1")
    size = struct.pack("<H" if version == 1 else "<I", len(head) + 1)
    return b"\x93NUMPY" + bytes((version, 0)) + size + head + b"\n" + raw


def bent_array(rng: random.Random, array: np.ndarray) -> bytes:
    """Write another array in its place."""
    raw, descr, shape = array.tobytes(), array.dtype.str, str(array.shape)
    match rng.randrange(9):
        case 0:
            descr = rng.choice(DTYPES)
        case 1:
            shape = rng.choice(SHAPES)
        case 2:
            raw = raw[: rng.randrange(len(raw) + 1)]
        case 3 if array.dtype.kind == "f" and array.size:
            new = array.copy()
            with np.errstate(all="ignore"):
                new.flat[rng.randrange(new.size)] = rng.choice(
                    (np.nan, np.inf, -np.inf, 1e300, -1e9, 1e-310)
                )
            raw = new.tobytes()
        case 4:
            other = rng.choice((array.T, array[..., None], array[:0], np.repeat(array, 3, 0)))
            raw, shape = np.ascontiguousarray(other).tobytes(), str(other.shape)
        case 5:
            with np.errstate(all="ignore"):
                other = array.astype(rng.choice(("f4", "f8", "u1", "c16", "U2", ">i4", "?")))
            raw, descr = other.tobytes(), other.dtype.str
        case 6:
            raw = bytes(len(raw))
        case 7:
            raw = rng.randbytes(len(raw))
        case _:
            return bent_bytes(rng, npy(descr, shape, raw))
    return npy(descr, shape, raw, rng.choice((1, 1, 2, 3)), rng.choice(("False", "True", "7")))


def packed(entries: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return file.getvalue()


def bent_npz(rng: random.Random, arrays: dict[str, np.ndarray], told: str | None) -> bytes:
    """Change some arrays, or the JSON among them, or the zip around them."""
    entries = {f"{n}.npy": npy(a.dtype.str, str(a.shape), a.tobytes()) for n, a in arrays.items()}
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        name = rng.choice(list(arrays))
        match rng.randrange(7):
            case 0:
                entries.pop(f"{name}.npy", None)
            case 1:
                entries[f"{rng.choice(NAMES)}.npy"] = bent_array(rng, arrays[name])
            case 2 | 3 if told:
                value = json.loads(arrays[told].tobytes())
                text = json.dumps(bent_json(rng, value)).encode("utf-8", "replace")
                text = b"[" * 50_000 if rng.random() < 0.02 else text
                entries[f"{told}.npy"] = npy("|u1", f"({len(text)},)", text)
            case 4 if rng.random() < 0.1:  # a bomb
                entries[f"{name}.npy"] = npy("<f8", f"({2**22},)", bytes(2**25))
            case _:
                entries[f"{name}.npy"] = bent_array(rng, arrays[name])
    method = rng.choice((zipfile.ZIP_DEFLATED,) * 8 + (zipfile.ZIP_STORED, zipfile.ZIP_LZMA))
    content = packed(list(entries.items()), method)
    if rng.random() < 0.15:
        content = lying_sizes(rng, content)
    return bent_bytes(rng, content) if rng.random() < 0.1 else content


def lying_sizes(rng: random.Random, content: bytes) -> bytes:
    """Let the directory of a zip tell another size of an entry than is there."""
    data, at = bytearray(content), content.find(b"PK\x01\x02")
    if at >= 0:
        offset = at + rng.choice((20, 24))
        data[offset : offset + 4] = struct.pack("<I", rng.choice((0, 1, 2**31, 2**32 - 1)))
    return bytes(data)


def bent_png(rng: random.Random, content: bytes) -> bytes:
    """Change chunks and make their check sums right again."""
    chunks, at = [], 8
    while at + 8 <= len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + size]))
        at += 12 + size
    k = rng.randrange(len(chunks))
    kind, body = chunks[k]
    match rng.randrange(6):
        case 0:
            size = struct.pack(">I", rng.choice((0, 1, 2, 5000, 2**31)))
            place = rng.choice((0, 4))
            chunks[0] = (b"IHDR", chunks[0][1][:place] + size + chunks[0][1][place + 4 :])
        case 1:
            head = bytearray(chunks[0][1])
            head[rng.choice((8, 9, 10, 11, 12))] = rng.choice((0, 1, 2, 3, 4, 6, 8, 16, 255))
            chunks[0] = (b"IHDR", bytes(head))
        case 2:
            chunks[k] = (kind, bent_bytes(rng, body))
        case 3:
            bomb = zlib.compress(bytes(2**24))
            kind = rng.choice((b"zTXt", b"iCCP", b"iTXt", b"IDAT", b"acTL", b"tRNS", b"PLTE"))
            chunks.insert(max(k, 1), (kind, b"name\x00\x00" + bomb))
        case 4:
            del chunks[k]
        case _:
            chunks.insert(k, chunks[rng.randrange(len(chunks))])
    parts = [content[:8]]
    for kind, body in chunks:
        parts += [struct.pack(">I", len(body)), kind, body]
        parts.append(struct.pack(">I", zlib.crc32(kind + body)))
    return b"".join(parts)


WORDS = ["nan", "inf", "-inf", "1e999", "1_0", "0x1", "١٢", "−1", "", " ", "\x00", "\ufeff", '"',
         "''", '"""', "1,2", "0" * 400, "9" * 5000, "é", "\u2028", "1979-05-27T07:32:00Z", "true",
         "[" * 400, "{" * 400, "[[[1]]]", "{a = 1}", "a.b.c = 1", "[a.b]", "[[a]]", "[[steps]]",
         "=", ";", "\t", "\\uD800", "\\U00110000", "1e-400", "-0",
         "18446744073709551616"]  # fmt: skip


def bent_text(rng: random.Random, text: str, split: str = "\n") -> str:
    """Change words and lines."""
    lines = text.split(split)
    for _ in range(rng.choice((1, 1, 2, 6))):
        k = rng.randrange(len(lines))
        match rng.randrange(7):
            case 0:
                del lines[k]
            case 1:
                lines.insert(k, rng.choice(lines or [""]))
            case 2:
                lines.insert(k, rng.choice(WORDS))
            case 3 if "=" in lines[k]:
                lines[k] = lines[k].split("=")[0] + "= " + rng.choice(WORDS)
            case 4 if "=" in lines[k]:
                lines[k] = rng.choice(WORDS) + " =" + lines[k].split("=", 1)[1]
            case 5:
                lines[k] = lines[k].replace(rng.choice("aeiou01,\"'"), rng.choice(WORDS), 1)
            case _:
                at = rng.randrange(len(lines[k]) + 1)
                lines[k] = lines[k][:at] + rng.choice(WORDS) + lines[k][at:]
        lines = lines or [""]
    return split.join(lines)


Mutator = Callable[[random.Random], Any]
