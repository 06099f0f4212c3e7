"""Reads an MCAP file from front to back and prints what it holds, as JSON."""

import base64
import collections
import json
import sys

from mcap.exceptions import EndOfFile
from mcap.records import Channel, Message, Schema
from mcap.stream_reader import StreamReader

channels = {}
schemas = set()
counts = collections.Counter()
instruction = None
heads = []
with open(sys.argv[1], "rb") as stream:
    try:
        for record in StreamReader(stream, validate_crcs=True).records:
            if isinstance(record, Schema):
                schemas.add(record.name)
            elif isinstance(record, Channel):
                channels[record.id] = record.topic
            elif isinstance(record, Message):
                topic = channels[record.channel_id]
                counts[topic] += 1
                body = json.loads(record.data)
                if topic == "/episode" and body["event"] == "start":
                    instruction = body["facts"]["instruction"]
                elif topic.startswith("/frame/"):
                    heads.append(base64.b64decode(body["data"])[:3].hex())
    except EndOfFile:
        pass
print(json.dumps({"counts": counts, "schemas": sorted(schemas), "instruction": instruction, "jpegHeads": heads}))
