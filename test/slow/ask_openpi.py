"""Asks a server with openpi's own client (PyPI openpi-client), as a benchmark does: a line of JSON for each question on standard input."""
import json
import sys

import numpy
from openpi_client import websocket_client_policy

client = websocket_client_policy.WebsocketClientPolicy(host="127.0.0.1", port=int(sys.argv[1]))
print(json.dumps(client.get_server_metadata()), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    observation = {
        "observation/image": numpy.full((224, 224, 3), 128, dtype=numpy.uint8),
        "observation/wrist_image": numpy.full((224, 224, 3), 128, dtype=numpy.uint8),
        "observation/state": numpy.array(asked["state"], dtype=numpy.float64),
        "prompt": asked["prompt"],
    }
    try:
        answer = client.infer(observation)
        actions = answer["actions"]
        said = {"shape": actions.shape, "dtype": str(actions.dtype), "row": actions[0].tolist(), "verdict": answer["verdict"]}
    except RuntimeError as error:
        said = {"error": str(error)}
    print(json.dumps(said), flush=True)
