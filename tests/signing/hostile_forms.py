"""Hostile tokens by how they are written: signatures, bits, spellings, forms, sizes."""

import base64
import json
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.signing.hostile_world import ALPHABET, Case, World
from tests.signing.tokens import ORDER, b64, es256, twin, unb64


def signatures(world: World) -> Iterator[Case]:
    head, body, signature = world.good.split(".")
    raw = unb64(signature)
    r, s = raw[:32], raw[32:]
    other = es256(world.key, f"{head}.{b64(b'{}')}")
    der = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    zero, order = bytes(32), ORDER.to_bytes(32, "big")
    for name, data in {
        "none": b"",
        "zeros": bytes(64),
        "ones": b"\xff" * 64,
        "r = 0": zero + s,
        "s = 0": r + zero,
        "r = n": order + s,
        "s = n": r + order,
        "both n": order + order,
        "r = s = 1": (zero[:-1] + b"\x01") * 2,
        "swapped": s + r,
        "reversed": raw[::-1],
        "DER": der,
        "63 bytes": raw[:-1],
        "65 bytes": raw + b"\x00",
        "65 bytes, zero first": b"\x00" + raw,
        "66 bytes, each half padded": b"\x00" + r + b"\x00" + s,
        "32 bytes": r,
        "twice": raw + raw,
        "of another token": other,
        "r of one, s of another": r + other[32:],
        "by the attacker": es256(world.attacker, f"{head}.{body}"),
        "over the payload alone": es256(world.key, body),
        "over the header alone": es256(world.key, head),
        "over the decoded parts": es256(world.key, world.payload.decode()),
        "wrong n - s": r + ((ORDER - int.from_bytes(s, "big") + 1) % ORDER).to_bytes(32, "big"),
        "huge": raw * 100,
    }.items():
        yield name, f"{head}.{body}.{b64(data)}"


def twins(world: World) -> Iterator[Case]:
    """(r, n - s), the other signature over the same bytes, which anybody can compute."""
    yield "of the good one", twin(world.good)
    for n in range(20):
        yield f"of a signature made anew, {n}", twin(world.signed())


def bit_flips(world: World) -> Iterator[Case]:
    head, body, signature = world.good.split(".")
    raw = unb64(signature)
    for at in range(64):
        changed = bytes([*raw[:at], raw[at] ^ 1 << at % 8, *raw[at + 1 :]])
        yield f"signature byte {at}", f"{head}.{body}.{b64(changed)}"
    # Each byte of a short payload, and every n-th of a real one: one flip is as good as the next.
    for at in range(0, len(world.payload), len(world.payload) // 200 + 1):
        changed = world.payload[:at] + bytes([world.payload[at] ^ 1]) + world.payload[at + 1 :]
        yield f"payload byte {at}", f"{head}.{b64(changed)}.{signature}"


def spellings(world: World) -> Iterator[Case]:
    """Other ways to write the very same bytes."""
    parts = world.good.split(".")
    for n, part in enumerate(parts):
        rest = len(part) % 4
        spare = {0: 0, 2: 15, 3: 3}[rest]
        last = ALPHABET.index(part[-1])
        spelled = {
            "padded": part + "=" * (-len(part) % 4 or 4),
            "one =": part + "=",
            "newline": part + "\n",
            "newline first": "\n" + part,
            "newline within": part[:4] + "\n" + part[4:],
            "blank within": part[:4] + " " + part[4:],
            "tab": part + "\t",
            "NUL": part + "\x00",
            "no-break space": part + "\u00a0",
            "zero width": part[:4] + "\u200b" + part[4:],
            "byte order mark": "\ufeff" + part,
            "full width": chr(0xFEE0 + ord(part[0])) + part[1:],
            "star within": part[:4] + "*" + part[4:],
            "percent": f"%{ord(part[0]):02X}" + part[1:],
            "base64 in base64": b64(part.encode()),
            "hex": unb64(part).hex(),
            "other case": part.swapcase(),
            "one symbol more": part + "A",
        }
        for loose in range(1, spare + 1):
            spelled[f"loose bits {loose}"] = part[:-1] + ALPHABET[last ^ loose]
        if "-" in part or "_" in part:
            spelled["standard alphabet"] = part.replace("-", "+").replace("_", "/")
        for name, text in spelled.items():
            yield f"part {n}, {name}", ".".join([*parts[:n], text, *parts[n + 1 :]])


def forms(world: World) -> Iterator[Case]:
    good = world.good
    head, body, signature = good.split(".")
    protected = {"protected": head, "signature": signature}
    forms: dict[str, str] = {
        "nothing": "",
        "one dot": ".",
        "two dots": "..",
        "many dots": "." * 50,
        "one part": head,
        "two parts": f"{head}.{body}",
        "four parts": good + ".",
        "four parts, dot first": "." + good,
        "five parts": f"{head}..{body}.{signature}.{signature}",
        "detached": f"{head}..{signature}",
        "no header": f".{body}.{signature}",
        "unsigned": f"{head}.{body}.",
        "parts in another order": f"{body}.{head}.{signature}",
        "twice": f"{good}.{good}",
        "twice, blank between": f"{good} {good}",
        "Bearer": f"Bearer {good}",
        "quoted": f'"{good}"',
        "data URI": f"data:application/jwt,{good}",
        "tilde, as SD-JWT": f"{good}~",
        "in base64": base64.b64encode(good.encode()).decode(),
        "flattened JSON": json.dumps({"payload": body, **protected}),
        "flattened, unprotected alg": json.dumps(
            {"payload": body, "header": {"alg": "none"}, "signature": ""}
        ),
        "general JSON": json.dumps({"payload": body, "signatures": [protected]}),
        "general, no signatures": json.dumps({"payload": body, "signatures": []}),
        "the payload itself": world.payload.decode(),
        "array": json.dumps([good]),
        "null": "null",
        "HTML": f"<script>{good}</script>",
        "other dots": good.replace(".", "\u3002"),
        "commas": good.replace(".", ","),
    }
    forms |= {f"{blank!r} first": blank + good for blank in (" ", "\n", "\t", "\x00", "\u2028")}
    forms |= {f"{blank!r} last": good + blank for blank in (" ", "\n", "\r\n", "\x00", "\u2029")}
    forms |= {f"cut to {n}": good[:n] for n in range(1, len(good), len(good) // 40)}
    yield from forms.items()


def sizes(world: World) -> Iterator[Case]:
    yield "long payload, signed", world.signed(json.dumps({"a": "x" * 16_384}).encode())
    yield "a megabyte, signed", world.signed(json.dumps({"a": "x" * 1_000_000}).encode())
    yield "a megabyte of one letter", "A" * 1_000_000
    yield "a megabyte of dots", "." * 1_000_000
    yield "a megabyte of brackets", "[" * 1_000_000
    yield "a long signature", world.good + "A" * 1_000_000
    yield "a long header", "A" * 1_000_000 + world.good
    yield "just within the limit", f"{'A' * 16_000}.{'A' * 100}.{'A' * 86}"
