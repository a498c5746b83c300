"""The contract as documents for the other side: a JSON Schema for each message, and an AsyncAPI 3 document over all.

Made of the Structs that the code itself reads and writes with. It writes no file.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from integrations.agencies import AGENCIES
from integrations.contract import Agency, Body, Envelope

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ASYNCAPI = "asyncapi.json"
BINDINGS = {"http": {"method": "POST", "bindingVersion": "0.3.0"}}
TITLE = "One Window: messages between the office and the agencies"
DESCRIPTION = (
    "Each message is one envelope, POSTed as JSON with Content-Digest (RFC 9530) and an HTTP message signature"
    " (RFC 9421, label `agency`, tag `permits-agency/1`) over @method, @authority, @path, @query, content-type and"
    " content-digest; `created` lies at most five minutes from the receiver's clock and `nonce` is the envelope's id."
    " 202 answers with a receipt; the same message again gets the same receipt. The receipt should carry Content-Digest"
    " and an HTTP message signature of whoever took the message: label `receipt`, tag `permits-receipt/1`, over exactly"
    ' ("@status" "content-digest" "signature";req;key="agency"), the last being the message\'s own signature under its'
    " label; `nonce` is again the envelope's id. The office signs every receipt; whether an agency must is agreed."
    " Whoever does not look at the signature loses nothing of the receipt. Anything else than 202 is a problem document"
    " (RFC 9457). `sequence` counts 1, 2, 3 … per case, agency and direction; what comes early waits."
    " A `case-list-request` names `all-cases` as its case and its page as its sequence; it is answered with 200 and a"
    " `case-list` in place of a receipt, signed alike (in files with status 202, in the column `receipt`). Who does not"
    " offer it refuses it, and is compared case by case only."
    " Text is UTF-8 without NUL, an envelope has at most 256 KiB and nests at most 12 deep."
)


class Message(Struct, frozen=True):
    """One kind of message in one version of an agency's schema."""

    agency: Agency
    schema: str
    kind: str
    body: type[Body]
    outward: bool  # from the office to the agency

    @property
    def name(self) -> str:
        """Its name in the AsyncAPI document."""
        return f"{self.schema.replace('/', '.')}.{self.kind}"

    @property
    def file(self) -> str:
        """Where its JSON Schema lies: the schema's name, its version, the kind."""
        return f"{self.schema}/{self.kind}.json"


def messages() -> Iterator[Message]:
    """Every message of the contract in every version."""
    for agency in AGENCIES.values():
        for schema in agency.schemas:
            for outward, kinds in (
                (True, {**agency.to_agency, **agency.asked}),
                (False, {**agency.from_agency, **agency.told}),
            ):
                for kind, body in kinds.items():
                    yield Message(agency, schema, kind, agency.wording(schema, body), outward)


def documents() -> dict[str, str]:
    """All files of the contract, by their path."""
    found = list(messages())
    files: dict[str, object] = {message.file: json_schema(message) for message in found}
    files[ASYNCAPI] = asyncapi(found)
    return {path: _text(content) for path, content in files.items()}


def _text(content: object) -> str:
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def json_schema(message: Message) -> dict[str, Any]:
    """A message's schema: the envelope with its schema and kind fixed, and the body of the kind."""
    _, parts = msgspec.json.schema_components([Envelope, message.body], ref_template="#/$defs/{name}")
    parts = _tidied(parts)
    envelope = parts.pop("Envelope")
    properties = envelope["properties"] | {
        "schema": {"const": message.schema},
        "kind": {"const": message.kind},
        "body": {"$ref": f"#/$defs/{message.body.__name__}"},
    }
    top = {"$schema": DIALECT, "$id": f"urn:one-window:{message.schema}:{message.kind}", "title": message.name}
    return top | {"description": parts[message.body.__name__]["description"]} | _whole(envelope, properties, parts)


def _whole(envelope: dict[str, Any], properties: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    kept = {name: envelope[name] for name in ("type", "required", "additionalProperties")}
    return kept | {"properties": properties, "$defs": parts}


def _tidied(parts: dict[str, Any]) -> dict[str, Any]:
    """What the code checks beyond the Structs' types, and patterns as JSON Schema writes them."""
    if "CorrectionItem" in parts:
        item = parts["CorrectionItem"]
        item["oneOf"] = [_named_by("pointer", "document"), _named_by("document", "pointer")]
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(parts).replace(rb"\\Z", b"$"))
    return plain


def _named_by(one: str, other: str) -> dict[str, Any]:
    """`one` is given and `other` is not."""
    return {"required": [one], "properties": {one: {"type": "string"}, other: {"type": "null"}}}


def asyncapi(found: Iterable[Message]) -> dict[str, Any]:
    """The AsyncAPI 3 document, from the office's side: what it sends and what it receives, over HTTP."""
    found = list(found)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": TITLE, "version": "1", "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {name: channel for agency in AGENCIES.values() for name, channel in _channels(agency, found)},
        "operations": {name: op for agency in AGENCIES.values() for name, op in _operations(agency, found)},
        "components": {"messages": {message.name: _described(message) for message in found}},
    }


def _described(message: Message) -> dict[str, Any]:
    payload = {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": {"$ref": f"./{message.file}"}}
    summary = (message.body.__doc__ or "").partition("\n")[0]
    return {"name": message.kind, "title": message.name, "summary": summary, "payload": payload}


def _names(agency: Agency, found: Iterable[Message], outward: bool) -> list[str]:
    """Messages that one side sends of its own accord."""
    own = agency.to_agency if outward else agency.from_agency
    return [m.name for m in found if m.agency is agency and m.kind in own]


def _queries(agency: Agency, found: Iterable[Message]) -> tuple[list[str], list[str]]:
    """Questions about no single case, and the answers that stand in the response."""
    mine = [m for m in found if m.agency is agency]
    return [m.name for m in mine if m.kind in agency.asked], [m.name for m in mine if m.kind in agency.told]


def _channels(agency: Agency, found: list[Message]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    addresses = {True: "/messages", False: f"/api/v1/agencies/{agency.name}/messages"}
    for outward, name in ((True, f"to-{agency.name}"), (False, f"from-{agency.name}")):
        asked, told = _queries(agency, found) if outward else ([], [])
        names = [*_names(agency, found, outward), *asked, *told]
        named = {one: {"$ref": f"#/components/messages/{one}"} for one in names}
        yield name, {"address": addresses[outward], "messages": named}


def _operations(agency: Agency, found: list[Message]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for outward, action in ((True, "send"), (False, "receive")):
        channel = f"{'to' if outward else 'from'}-{agency.name}"
        named = [{"$ref": f"#/channels/{channel}/messages/{one}"} for one in _names(agency, found, outward)]
        yield (
            f"{action}-{channel}",
            {
                "action": action,
                "channel": {"$ref": f"#/channels/{channel}"},
                "bindings": BINDINGS,
                "messages": named,
            },
        )
    yield f"ask-{agency.name}", _question(agency, found)


def _question(agency: Agency, found: list[Message]) -> Mapping[str, Any]:
    """The operation of what is answered in the response, in place of a receipt."""
    channel = {"$ref": f"#/channels/to-{agency.name}"}
    asked, told = (
        [{"$ref": f"{channel['$ref']}/messages/{name}"} for name in names] for names in _queries(agency, found)
    )
    reply = {"channel": channel, "messages": told}
    return {"action": "send", "channel": channel, "bindings": BINDINGS, "messages": asked, "reply": reply}
