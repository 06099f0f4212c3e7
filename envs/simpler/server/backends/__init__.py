"""
Simulators by name. A backend is a module with `make(task, looks, has_oracle)` (and, of gymnasium, what is declared of the env), whose answer has
  describe() -> dict   what it is (see `describe` of metaworld)     reset(begin), step(action)
  state() -> dict      what a robot knows of itself, and the instruction     judge() -> dict   success, reward, terminated, truncated, stats
  draw() -> [(camera, rgb [H, W, 3] uint8, {cameraInBase, intrinsics})]      oracle() -> dict  privileged; asked for by whoever opened it only
"""

import importlib
import importlib.metadata
import importlib.util
import os

from problem import Problem

NAMES = ("metaworld", "simpler_env", "libero", "gymnasium")


def load(name: str):
    """@returns its `make`. @raises Problem `simulator/not-installed`, `simulator/driver`, `simulator/version`, `config/invalid`."""
    if name.endswith(".py"):
        return _own(name).make
    if name not in NAMES:
        raise Problem("config/invalid", f"no backend '{name}' (there is: {', '.join(NAMES)})", "Name one of these, or a file of your own")
    return importlib.import_module(f"backends.{name}").make


def _own(path: str):
    if not os.path.exists(path):
        raise Problem("config/invalid", f"there is no backend file '{path}'", "Give the path of a file with make(task, looks, has_oracle)")
    spec = importlib.util.spec_from_file_location("own_backend", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def needs(backend: str, versions: dict) -> dict:
    """What is installed of what this backend needs. @raises Problem naming what is not there, or is another version."""
    found = {}
    for package, version in versions.items():
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            how = f"{os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), f'requirements-{backend}.txt')}"
            raise Problem(
                "simulator/not-installed",
                f"expected the package {package}{f' {version}' if version else ''}, this Python has none",
                f"Make a venv and install what it needs: python3 -m venv sim && sim/bin/pip install -r {how}; then --python sim/bin/python",
            ) from None
        if version and found[package] != version:
            raise Problem("simulator/version", f"expected {package} {version}, got {found[package]}", f"Install {package}=={version}: others have other tasks")
    return found


def mujoco_driver() -> None:
    """Draws nothing with MuJoCo, by hand and first: inside a simulator the same failure is a riddle. @raises Problem `simulator/driver`."""
    try:
        from mujoco.gl_context import GLContext

        probe = GLContext(16, 16)
        probe.make_current()
        probe.free()
    except Exception as error:
        raise Problem(
            "simulator/driver",
            f"expected a display driver for MUJOCO_GL={os.environ['MUJOCO_GL']}, there is none: {type(error).__name__}: {error}",
            "Install OSMesa (Debian: apt-get install libosmesa6), or set MUJOCO_GL=egl where there is a graphics card",
        ) from error
