"""A case's evidence as one file that an outsider can verify: messages, signatures, keys, chain, a program.

It is made of what was written when the messages went, never of live data.
"""

import datetime as dt
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from integrations.keyring import keyring
from integrations.signing import SigningKey
from permits import clock
from permits.accounts.model import Account
from permits.cases import service as cases
from permits.errors import Conflict, Forbidden
from permits.i18n import Text
from permits.office import Office
from permits.routing import evidence
from permits.routing.evidence import Entry, context_of
from permits.settings import settings

MAY = ("clerk", "manager")
"""Who may take a case's evidence out of the house."""
LINKS_AT_ONCE = 5000
VERIFIER = Path(__file__).with_name("outsider.py")

INSTRUCTIONS = """\
这份文件证明什么 · What this file proves

每一份与其他部门往来的报文，原样、连同签名和回执，在发生时写入本市的证据链，此后不能改动。
Each message to and from other agencies was written into the city's chain of evidence when it went, exactly as it was,
with its signature and receipt. Nobody can change it afterwards without breaking the chain.

怎样核验 · How to verify

1. 解压到一个文件夹。Unpack into a folder.
2. python3 verify.py   （需要 Python 3.9 和 openssl 3.0；不联网，不询问本机关。
   Python 3.9 and openssl 3.0 are needed; nothing is asked of the network or of us.）
3. 最后一行是“HOLDS 成立”即全部成立。The last line says HOLDS when everything holds.
4. 程序最后列出密钥指纹，请与有关部门公布的核对：核验只能证明用这些密钥签过。
   Compare the keys' fingerprints, which the program prints, with those that the agencies publish: verification proves
   only that these keys signed. By hand: openssl pkey -pubin -in keys/police.pem -outform DER | sha256sum
5. “回执签名成立”：收下报文的一方在回执上签了名，签名与那份报文绑定。
   “回执未签名”：收下的一方不签回执，何时收到、内容如何只有本链证明。
   "receipt by …": whoever took the message signed its receipt, bound to that very message. "unsigned receipt": it was
   not signed; only this chain shows when and how it came.

里面有什么 · What is inside

manifest.json, manifest.sig   清单和本机关的签名（Ed25519，对 manifest.json 全部字节）
                              the list of files, signed by the office (Ed25519 over all bytes of manifest.json)
entries/SEQ.json              条目：何时、与谁、报文摘要、签名头、密钥
                              the entry: when, with whom, digest of the message, signature headers, key
bodies/SEQ.json               报文原样（含个人信息，请妥善保管）the message's exact bytes (personal data: keep it safe)
replies/SEQ.bin               回执或退回理由的原样 the exact bytes of the receipt or of the refusal
                              回执的签名在条目的 receipt 里 how it was signed stands in the entry, as `receipt`
chain.txt                     链上每一环：序号、条目的 SHA-256。其他案件只有摘要。
                              each link: its place and SHA-256(entry); of other cases the digest only
keys/                         公钥 public keys

链的算法 · The chain: hash = SHA-256(previous hash, place as 8 bytes big-endian, SHA-256(entry)).
签名的算法 · The signatures: RFC 9421; verify.py rebuilds the signed text line by line.
HMAC-SHA256 的签名只有持有密钥的双方能验。Signatures by HMAC can be checked only by the two who hold the secret.
"""


async def export(tx: asyncpg.Connection, office: Office, account: Account, region: str, number: str) -> bytes:
    """The evidence of a case as a zip file; that it was taken is on the record.

    Raises Forbidden, NotFound, Conflict where nothing has gone to or come from an agency yet.
    """
    if not any(account.has(role, region) for role in MAY):
        raise Forbidden(Text("只有窗口或管理人员可以取证。", "Only clerks and managers may take the evidence."))
    case = await cases.look(tx, office, account, region, number, action="evidence")
    found = await evidence.of_case(tx, region, case.row.id)
    if not found:
        raise Conflict(
            Text("这一件还没有与其他部门往来的报文。", "Nothing has gone to or come from an agency in this case yet."),
            type="no-evidence",
        )
    key = keyring(settings().agency_keys_path).signing("office", "everybody")
    links = await _links(tx, region, found[0].seq, found[-1].seq)
    return _packed(_files(office, region, found, links, key), _about(number, region, found), key)


async def _links(tx: asyncpg.Connection, region: str, first: int, last: int) -> bytes:
    """Every link between the case's first and last."""
    lines = []
    for start in range(first, last + 1, LINKS_AT_ONCE):
        rows = await evidence.digests(tx, region, start, min(start + LINKS_AT_ONCE - 1, last))
        lines += [f"{row['seq']} {row['digest'].hex()}\n" for row in rows]
    return "".join(lines).encode()


def _files(office: Office, region: str, found: list[Entry], links: bytes, key: SigningKey) -> dict[str, bytes]:
    files = {"verify.py": VERIFIER.read_bytes(), "README.txt": INSTRUCTIONS.encode(), "chain.txt": links}
    files[f"keys/{key.keyid}.pem"] = key.trusted.public.encode()
    for entry in found:
        files[f"entries/{entry.seq}.json"] = entry.entry
        body = context_of(region, entry.message_id, "body")
        files[f"bodies/{entry.seq}.json"] = office.keys.open(entry.body, body)
        if entry.reply is not None:
            reply = context_of(region, entry.message_id, "reply")
            files[f"replies/{entry.seq}.bin"] = office.keys.open(entry.reply, reply)
        files |= _keys(msgspec.json.decode(entry.entry))
    return files


def _keys(facts: dict[str, Any]) -> dict[str, bytes]:
    """The public keys of a message and of its receipt; a shared secret has none."""
    receipt = facts.get("receipt")
    used = [facts["key"], receipt["key"] if isinstance(receipt, dict) else None]
    return {f"keys/{key['id']}.pem": key["public"].encode() for key in used if key and key["public"]}


def _about(number: str, region: str, found: list[Entry]) -> dict[str, Any]:
    ends = {"first": found[0].seq, "previous": found[0].previous.hex(), "hash": found[-1].hash.hex()}
    return {"case": number, "region": region, "entries": [entry.seq for entry in found], "chain": ends}


def _packed(files: dict[str, bytes], about: dict[str, Any], key: SigningKey) -> bytes:
    if not isinstance(key.private, Ed25519PrivateKey):
        raise Conflict(Text("没有可供外部核验的签名密钥。", "There is no key whose signature an outsider can check."))
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    facts = about | {"exported_at": clock.now(), "key": key.keyid, "files": digests}
    manifest = msgspec.json.format(msgspec.json.encode(facts))
    whole = {"manifest.json": manifest, "manifest.sig": key.private.sign(manifest)} | files
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in whole.items():
            pack.writestr(zipfile.ZipInfo(name, _moment(clock.now())), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _moment(at: dt.datetime) -> tuple[int, int, int, int, int, int]:
    return at.year, at.month, at.day, at.hour, at.minute, at.second
