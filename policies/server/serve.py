"""Serves one model by its Hugging Face name: `python policies/server/serve.py microsoft/kosmos-2-patch14-224`. See README.md."""

import argparse
import sys


def options_of(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="KOSMOS-2, Magma or CogVLM2-Video over OpenAI's chat completions: prompt in, raw text out.")
    parser.add_argument("model", help="Hugging Face name, or a folder")
    parser.add_argument("--revision", help="commit or tag of the weights")
    parser.add_argument("--trust-remote-code", action="store_true", help="run the program that Magma and CogVLM2-Video come with")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8009)
    parser.add_argument("--allow-remote", action="store_true", help="be reached from other machines; needs a key")
    parser.add_argument("--key-env", default="PUMICE_SERVER_KEY", metavar="NAME", help="variable that holds the key (default: %(default)s)")
    parser.add_argument("--device", default="auto", help="cuda, cpu ... (default: cuda where there is one)")
    parser.add_argument("--dtype", default="auto", choices=["auto", "bfloat16", "float16", "float32"])
    parser.add_argument("--served-name", help="the name that questions give (default: the model's)")
    parser.add_argument("--max-waiting", type=int, default=8, help="questions that may wait for their turn (default: %(default)s)")
    return parser.parse_args(arguments)


def main() -> int:
    options = options_of(sys.argv[1:])
    from guard import Guard, check_bind, is_loopback

    key = check_bind(options.host, options.allow_remote, options.key_env)

    import torch
    import uvicorn

    from adapters import Loading, load
    from app import make_app
    from engine import Engine

    device = options.device if options.device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
    dtype = options.dtype if options.dtype != "auto" else "float32" if device == "cpu" else "bfloat16"
    loading = Loading(options.model, options.revision, device, getattr(torch, dtype), options.trust_remote_code)
    name = options.served_name or options.model
    engine = Engine(lambda: load(loading), options.max_waiting)
    app = make_app(engine, name, Guard(key, is_loopback(options.host)))
    server = uvicorn.Server(uvicorn.Config(app, host=options.host, port=options.port, log_level="warning", timeout_graceful_shutdown=5))
    print(f"{name} on http://{options.host}:{options.port}/v1 ({device}, {dtype}); /health tells when it is ready", flush=True)

    def stop() -> None:
        server.should_exit = True

    engine.start(when_failed=stop)
    server.run()
    if engine.failure:
        print(f"could not load {options.model}: {engine.failure}", file=sys.stderr)
        return 1
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
