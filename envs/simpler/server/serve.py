"""
One simulated robot behind a web socket: `python serve.py metaworld`. It serves one caller, and ends with it.
Its first line on standard output is JSON: `{"ready": {...}}`, or `{"error": {...}}` and the end. See docs/simulators.md.
"""

import json
import sys

PYTHON = (3, 11)


def say(line: dict) -> None:
    print(json.dumps(line), flush=True)


def options_of(arguments):
    import argparse

    parser = argparse.ArgumentParser(description="One simulated robot behind a web socket, for env simpler of pumice.")
    parser.add_argument("backend", help="metaworld, simpler_env, libero, gymnasium, or a file of your own with make(task, looks, has_oracle)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--allow-remote", action="store_true", help="be reached from other machines; needs a key")
    parser.add_argument("--key-env", default="PUMICE_SIM_KEY", metavar="NAME", help="variable that holds the key (default: %(default)s)")
    parser.add_argument("--parent", type=int, metavar="PID", help="end with this process, which holds standard input open")
    return parser.parse_args(arguments)


def main() -> int:
    if sys.version_info < PYTHON:
        came = ".".join(str(part) for part in sys.version_info[:3])
        message = "expected Python %d.%d or later, this is %s at %s" % (PYTHON[0], PYTHON[1], came, sys.executable)
        say({"error": {"code": "simulator/not-installed", "message": message, "hint": "Name another one: --python"}})
        return 1
    options = options_of(sys.argv[1:])
    if options.parent is not None:
        from life import end_with_parent

        end_with_parent(options.parent)
    from backends import load
    from problem import Problem

    try:
        make = load(options.backend)
        from server import serve

        return serve(options, make, say)
    except Problem as problem:
        say({"error": problem.body()})
        return 1


if __name__ == "__main__":
    sys.exit(main())
