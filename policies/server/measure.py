"""How fast a server of KOSMOS-2 is, as its clients see it: first token and each further one, streamed, for one picture and one phrase.

usage: python measure.py URL MODEL [--tokens N] [--times N]
Knows the wire alone. Give a model of noise for N tokens: one that ends early is measured up to its end.
"""

import argparse
import base64
import io
import json
import statistics
import time
import urllib.request

from PIL import Image


def body_of(model: str, tokens: int) -> bytes:
    # Noise: the largest JPEG that a frame of a camera can be.
    picture = Image.effect_noise((640, 480), 80).convert("RGB")
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=80)
    url = "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "<grounding><phrase> a red block</phrase>"}]
    options = {"max_tokens": tokens, "stream": True, "stream_options": {"include_usage": True}}
    return json.dumps({"model": model, "messages": [{"role": "user", "content": content}], **options}).encode()


def ask(url: str, body: bytes) -> dict:
    """@returns when pieces came, ms from the sending on, and the server's own figures."""
    request = urllib.request.Request(f"{url}/chat/completions", body, {"Content-Type": "application/json"})
    began, came, last = time.perf_counter(), [], {}
    with urllib.request.urlopen(request) as response:
        for line in response:
            if not line.startswith(b"data: {"):
                continue
            event = json.loads(line[6:])
            if event["choices"] and event["choices"][0]["token_ids"]:
                came.append((time.perf_counter() - began) * 1e3)
            last = event if "usage" in event else last
    return {"came": came, "end": (time.perf_counter() - began) * 1e3, "usage": last["usage"], "timings": last["timings"]}


def quartiles(values: list[float]) -> str:
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:.2f} ms ({low:.2f} to {high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("model")
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    body = body_of(options.model, options.tokens)
    for _ in range(3):
        ask(options.url, body)
    answers = [ask(options.url, body) for _ in range(options.times)]
    usage = answers[-1]["usage"]
    print(f"{len(answers)} answers, prompt {usage['prompt_tokens']} tokens, answer {usage['completion_tokens']}; median (quartiles)")
    print("first token, at the client:", quartiles([answer["came"][0] for answer in answers]))
    print("whole answer, at the client:", quartiles([answer["end"] for answer in answers]))
    print("first token, at the server:", quartiles([answer["timings"]["first_token_ms"] for answer in answers]))
    print("each further token, at the server:", quartiles([answer["timings"]["per_token_ms"] for answer in answers]))


if __name__ == "__main__":
    main()
