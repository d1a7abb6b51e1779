"""The start of a process of ours: run by path, in a Python that has torch, numpy and safetensors, and no GDAL.

The first argument says what it is to be, and those that follow are for that.

Python puts the folder of a script before all others, so whatever lies beside this file would stand in for standard
modules: that entry goes before anything else is imported.  The engine is loaded from where it lies, under a name of
its own, so that no other package called `engine` takes its place.
"""

import sys

_here = __file__.replace("\\", "/").rsplit("/", 1)[0]
sys.path[:] = [entry for entry in sys.path if entry and entry.replace("\\", "/").rstrip("/") != _here]

if __name__ == "__main__":
    from importlib import import_module, util

    _engine = _here.rsplit("/", 1)[0]
    _spec = util.spec_from_file_location(
        "ksdiff_engine", f"{_engine}/__init__.py", submodule_search_locations=[_engine]
    )
    if _spec is None or _spec.loader is None:
        raise ImportError(_engine)
    _module = util.module_from_spec(_spec)
    sys.modules[_spec.name] = _module
    _spec.loader.exec_module(_module)
    _main = {"worker": "remote.server", "errand": "jobs.errand"}[sys.argv[1]]
    import_module(f"ksdiff_engine.{_main}").main(*sys.argv[2:])
