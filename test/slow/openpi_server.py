"""A server of openpi's wire made with the original package's own messages (PyPI openpi-client): metadata, then an answer for each question."""
import asyncio
import sys
import traceback

import numpy
import websockets
import websockets.asyncio.server as server
from openpi_client import msgpack_numpy


async def handle(socket):
    packer = msgpack_numpy.Packer()
    await socket.send(packer.pack({"env": "test", "action_dim": 7}))
    while True:
        try:
            seen = msgpack_numpy.unpackb(await socket.recv())
            state = seen["observation/state"]
            assert seen["observation/image"].shape == (4, 6, 3) and seen["observation/image"].dtype == numpy.uint8
            assert state.dtype == numpy.float32
            # What was seen comes back, so that both directions are read.
            rows = numpy.stack([numpy.resize(state, 7) * step for step in (1, 2)])
            picture = int(seen["observation/image"].sum())
            await socket.send(packer.pack({"actions": rows, "sum": numpy.int64(picture), "prompt": seen["prompt"]}))
        except websockets.ConnectionClosed:
            return
        except Exception:
            await socket.send(traceback.format_exc())
            await socket.close(1011, "Internal server error. Traceback included in previous frame.")
            return


async def main():
    async with server.serve(handle, "127.0.0.1", 0, compression=None, max_size=None) as listening:
        print(listening.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(0)
