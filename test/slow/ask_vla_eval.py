"""Asks a server with vla-eval's own client (PyPI vla-eval), as its harness does: a line of JSON for each question on standard input."""
import json
import sys

import anyio
import numpy
from vla_eval.connection import Connection


async def main():
    async with Connection(sys.argv[1], max_retries=1) as connection:
        print(json.dumps(connection.server_info), flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            if "start" in asked:
                await connection.start_episode({"task": {"name": asked["start"]}})
                continue
            image = numpy.full((224, 224, 3), 128, dtype=numpy.uint8)
            state = numpy.array(asked["state"], dtype=numpy.float64)
            try:
                answer = await connection.act(
                    {"images": {"agentview": image}, "task_description": asked["prompt"], "states": state}
                )
                said = {**answer, "actions": answer["actions"].tolist(), "dtype": str(answer["actions"].dtype)}
            except RuntimeError as error:
                said = {"error": str(error)}
            print(json.dumps(said), flush=True)


anyio.run(main)
