"""Verifies an evidence file of One Window: `python3 verify.py` in the unpacked folder. 核验一案报文证据。

It stands alone: Python 3.9 or newer and the `openssl` command (3.0 or newer) are all it needs, and nothing of the
office is asked. It exits with 0 only when everything holds.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
KEYS: dict = {}  # type: ignore[type-arg]
"""Keys whose signatures hold, by id and PEM: what is to be compared with those that the agencies publish."""


class Wrong(Exception):
    """Something does not hold; the text says what."""


def sha256(data: bytes) -> str:
    """The digest in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def require(holds: bool, what: str) -> None:
    """Raises Wrong with `what` where it does not hold."""
    if not holds:
        raise Wrong(what)


def ed25519_holds(public_pem: str, message: bytes, signature: bytes) -> bool:
    """Whether the signature was made over these bytes with the private half of this key, says openssl."""
    with tempfile.TemporaryDirectory() as folder:
        key, text, sig = (Path(folder) / name for name in ("key.pem", "text", "sig"))
        key.write_text(public_pem)
        text.write_bytes(message)
        sig.write_bytes(signature)
        asked = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin"]
        asked += ["-inkey", str(key), "-in", str(text), "-sigfile", str(sig)]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def signature_base(request: dict, given: str) -> bytes:  # type: ignore[type-arg]
    """What RFC 9421 has signed: a line for each covered component, then the parameters."""
    url = urlsplit(request["url"])
    headers = lowered(request["headers"])
    derived = {
        "@method": request["method"],
        "@authority": authority(url.scheme, url.netloc),
        "@path": url.path or "/",
        "@query": "?" + url.query,
    }
    covered = re.findall(r'"([^"]+)"', given[: given.index(")")])
    lines = [f'"{name}": {derived[name] if name.startswith("@") else headers[name]}' for name in covered]
    return "\n".join([*lines, f'"@signature-params": {given}']).encode("ascii")


def receipt_base(receipt: dict, request: dict, given: str) -> bytes:  # type: ignore[type-arg]
    """The same for a receipt: its status, its digest, and the signature of the message that it answers."""
    answered = re.search(r';req;key="([^"]+)"', given)
    require(answered is not None, "the receipt is not bound to its message / 回执没有绑定报文")
    label = answered[1]  # type: ignore[index]
    asked = re.search(rf"(?:^|,)\s*{re.escape(label)}=(:[^:]*:)", lowered(request["headers"])["signature"])
    require(asked is not None, "the receipt answers another message / 回执属于另一报文")
    values = {
        '"@status"': str(receipt["status"]),
        '"content-digest"': lowered(receipt["headers"])["content-digest"],
        f'"signature";req;key="{label}"': asked[1],  # type: ignore[index]
    }
    lines = [f"{name}: {values[name]}" for name in given[1 : given.index(")")].split(" ")]
    return "\n".join([*lines, f'"@signature-params": {given}']).encode("ascii")


def lowered(headers: dict) -> dict:  # type: ignore[type-arg]
    """Headers by their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}


def authority(scheme: str, netloc: str) -> str:
    """Host and port, the scheme's own port left out."""
    usual = {"http": ":80", "https": ":443"}.get(scheme, "")
    return (netloc[: -len(usual)] if usual and netloc.endswith(usual) else netloc).lower()


def check_signature(entry: dict, body: bytes) -> str:  # type: ignore[type-arg]
    """Check who signed the message; what to say of it."""
    request, key = entry["request"], entry["key"]
    if request is None:
        return "not signed over HTTP: its proof is the reply / 未经线上签名，以回复为据"
    headers = lowered(request["headers"])
    require(headers["content-digest"] == digest_of(body), "the signed digest is another message's / 摘要与报文不符")
    label, _, given = headers["signature-input"].partition("=")
    require(f'nonce="{entry["message"]}"' in given, "signed for another message / 签名属于另一报文")
    if key["algorithm"] != "ed25519":
        return f"{key['algorithm']} by {key['id']}: only holders of the secret can check / 仅持密钥的双方可验"
    signature = base64.b64decode(headers["signature"].partition("=")[2].strip(":"))
    holds = ed25519_holds(key["public"], signature_base(request, given), signature)
    require(holds and bool(label), f"the signature of {key['id']} does not hold / 签名不成立")
    KEYS[key["id"], key["public"]] = None
    return f"signed by {key['id']} / 签名成立"


def check_receipt(entry: dict, reply: bytes) -> str:  # type: ignore[type-arg]
    """Check who signed the receipt; what to say of it."""
    receipt = entry.get("receipt")
    if receipt is None:
        return ""
    if receipt == "unsigned":
        return "; unsigned receipt / 回执未签名"
    headers, key = lowered(receipt["headers"]), receipt["key"]
    require(headers["content-digest"] == digest_of(reply), "the receipt's digest is another's / 摘要与回执不符")
    given = member(headers["signature-input"], "receipt")
    require(f'nonce="{entry["message"]}"' in given, "the receipt is another message's / 回执属于另一报文")
    if key["algorithm"] != "ed25519":
        return f"; receipt {key['algorithm']} by {key['id']} / 回执仅持密钥的双方可验"
    signature = base64.b64decode(member(headers["signature"], "receipt").strip(":"))
    holds = ed25519_holds(key["public"], receipt_base(receipt, entry["request"], given), signature)
    require(holds, f"the signature of {key['id']} on the receipt does not hold / 回执签名不成立")
    KEYS[key["id"], key["public"]] = None
    return f"; receipt by {key['id']} / 回执签名成立"


def member(field: str, label: str) -> str:
    """The value under a label."""
    found = re.search(rf"(?:^|,)\s*{label}=(:[^:]*:|\([^)]*\)(?:;[a-z]+=(?:\"[^\"]*\"|\d+))*)", field)
    require(found is not None, f"no signature is called {label} / 没有名为 {label} 的签名")
    return found[1]  # type: ignore[index]


def digest_of(data: bytes) -> str:
    """The value of Content-Digest."""
    return "sha-256=:" + base64.b64encode(hashlib.sha256(data).digest()).decode() + ":"


def check_manifest(manifest: dict, raw: bytes) -> None:  # type: ignore[type-arg]
    """Every file is the one that the office signed for."""
    public = (HERE / "keys" / f"{manifest['key']}.pem").read_text()
    holds = ed25519_holds(public, raw, (HERE / "manifest.sig").read_bytes())
    require(holds, "the office's signature on manifest.json does not hold / 清单签名不成立")
    for name, digest in manifest["files"].items():
        require(sha256((HERE / name).read_bytes()) == digest, f"{name} was changed / 文件被改动")


def check_chain(manifest: dict) -> dict[int, str]:  # type: ignore[type-arg]
    """Work the chain out anew from its first link here to its last; the digest of each entry by its place."""
    found, hash_, place = {}, bytes.fromhex(manifest["chain"]["previous"]), manifest["chain"]["first"]
    for line in (HERE / "chain.txt").read_text().splitlines():
        seq, digest = line.split()
        require(int(seq) == place, f"link {place} is missing / 缺第 {place} 环")
        hash_ = hashlib.sha256(hash_ + place.to_bytes(8, "big") + bytes.fromhex(digest)).digest()
        found[place] = digest
        place += 1
    require(hash_.hex() == manifest["chain"]["hash"], "the chain does not lead to its last link / 链不闭合")
    return found


def check_entry(seq: int, digests: dict[int, str]) -> str:
    """One message: in its place, whole, signed; a line to print."""
    raw = (HERE / "entries" / f"{seq}.json").read_bytes()
    require(sha256(raw) == digests[seq], f"entry {seq} is not the one in the chain / 条目不在链上")
    entry, body = json.loads(raw), (HERE / "bodies" / f"{seq}.json").read_bytes()
    require(sha256(body) == entry["body_sha256"], f"entry {seq}: the message was changed / 报文被改动")
    reply = b""
    if entry["reply_sha256"] is not None:
        reply = (HERE / "replies" / f"{seq}.bin").read_bytes()
        require(sha256(reply) == entry["reply_sha256"], f"entry {seq}: the reply was changed / 回复被改动")
    says = check_signature(entry, body) + check_receipt(entry, reply)
    way = "→" if entry["direction"] == "out" else "←"
    return (
        f"{seq:>8}  {entry['at'][:19]}  {way} {entry['agency']:<16} {entry['kind']!s:<20} {entry['outcome']:<10} {says}"
    )


def fingerprint(public_pem: str) -> str:
    """SHA-256 over the key's DER, in hexadecimal."""
    return sha256(base64.b64decode("".join(public_pem.split("-----")[2].split())))


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")


def main() -> int:
    """Check everything and print what was found."""
    raw = (HERE / "manifest.json").read_bytes()
    manifest = json.loads(raw)
    try:
        check_manifest(manifest, raw)
        digests = check_chain(manifest)
        lines = [check_entry(seq, digests) for seq in manifest["entries"]]
    except Wrong as wrong:
        say(f"DOES NOT HOLD 不成立: {wrong}")
        return 1
    say("\n".join(lines))
    say("\nKeys, to be compared with those published by their owners / 密钥指纹，请与公布的核对:")
    say("\n".join(f"  {name:<24} SHA256:{fingerprint(pem)}" for name, pem in sorted(KEYS)))
    say(f"\nHOLDS 成立: {manifest['case']}, {len(lines)} messages 份报文, {len(digests)} links 环")
    return 0


if __name__ == "__main__":
    sys.exit(main())
